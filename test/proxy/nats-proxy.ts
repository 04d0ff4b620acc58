/** A proxy between NATS clients and their server that repeats, delays and cuts, by seed; for tests. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Draws } from '../proof/draws.ts';
import { FrameReader } from './frames.ts';
import { Lane, type Done, type Mischief } from './lane.ts';

export interface NatsProxy {
  /** `host:port` for clients. */
  readonly url: string;
  readonly done: Readonly<Done>;
  close(): Promise<void>;
}

/** @param upstream the server, `host:port`; while it is away, connections are refused */
export async function startNatsProxy(upstream: string, seed: number, mischief: Mischief): Promise<NatsProxy> {
  const { hostname, port } = new URL(`nats://${upstream}`);
  const done: Done = { messages: 0, twice: 0, late: 0, cuts: 0 };
  const pairs = new Set<() => void>();
  let count = 0;
  const server = createServer((client) => {
    const number = ++count;
    const far = connect({ host: hostname, port: Number(port), noDelay: true });
    client.setNoDelay(true);
    const lanes: Lane[] = [];
    const end = (): void => {
      pairs.delete(end);
      for (const lane of lanes) lane.close();
      client.destroy();
      far.destroy();
    };
    pairs.add(end);
    const carry = (from: Socket, to: Socket, way: string): void => {
      const lane = new Lane(
        (bytes) => void to.write(bytes),
        mischief,
        new Draws(seed, `connection ${number} ${way}`),
        done,
      );
      lanes.push(lane);
      const reader = new FrameReader();
      from.on('data', (chunk: Buffer) => {
        for (const frame of reader.add(chunk)) {
          if (!lane.take(frame)) continue;
          done.cuts++;
          return end();
        }
      });
      from.on('error', end);
      from.on('close', end);
    };
    carry(client, far, 'out');
    carry(far, client, 'in');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    done,
    close: async () => {
      for (const end of pairs) end();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
