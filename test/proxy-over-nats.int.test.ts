/** What the bus does over a network that repeats, delays and cuts. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectNats, createStreams, natsBus } from '@orrery/bus/nats';
import { runOver, until, windowSaid } from '../packages/bus/src/bus.case.ts';
import { startNatsServer, type NatsServer } from '../packages/bus/src/adapters/nats/nats-server.case.ts';
import { startNatsProxy, type NatsProxy } from './proxy/nats-proxy.ts';

const MISCHIEF = { twice: 0.03, late: 0.01, lateMsMax: 5, cut: 0.0005 };
const silent = {
  connected: () => undefined,
  receive: () => undefined,
  acknowledged: () => undefined,
  conflicted: () => undefined,
  objectGot: () => undefined,
  pointerMoved: () => undefined,
  pointerRead: () => undefined,
};

let server: NatsServer;
let proxy: NatsProxy;

beforeAll(async () => {
  server = await startNatsServer();
  proxy = await startNatsProxy(server.url, 1, MISCHIEF);
});
afterAll(async () => {
  await proxy?.close();
  await server?.close();
});

test('a long stream is read whole though the connection is cut again and again', async () => {
  const run = 'long';
  const count = 4000;
  const near = await connectNats({ servers: server.url });
  await createStreams(near, run);
  const writer = await natsBus(near, run).open('a-0');
  const stored = new Promise<void>((resolve) => {
    let left = count;
    void writer.listen({
      ...silent,
      page: () => undefined,
      acknowledged: () => void (--left === 0 && resolve()),
    });
  });
  for (let n = 1; n <= count; n++) writer.publish(windowSaid('a-0', n));
  await stored;
  const far = await connectNats({ servers: proxy.url });
  const reader = await natsBus(far, run).open('b-0');
  const page = await new Promise<readonly { sequence: number }[]>((resolve) => {
    const ask = (): void => reader.poll(1);
    const again = setInterval(ask, 500);
    void reader.listen({
      ...silent,
      connected: ask,
      page: (_from, _first, messages) => {
        clearInterval(again);
        resolve(messages);
      },
    });
  });
  expect(page.map(({ sequence }) => sequence)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  expect(proxy.done.cuts).toBeGreaterThan(0);
  await reader.close();
  await writer.close();
  await far.close();
  await near.close();
});

test('objects come back whole though their pieces were said twice', async () => {
  const twice = await startNatsProxy(server.url, 2, { twice: 0.3, late: 0, lateMsMax: 5, cut: 0 });
  const nc = await connectNats({ servers: twice.url });
  await createStreams(nc, 'objects');
  const broker = await natsBus(nc, 'objects').open('a-0');
  const got = new Map<string, Uint8Array>();
  const objects = Array.from({ length: 20 }, (_, i) => ({
    id: `${i}.a-0`,
    bytes: new Uint8Array(300_000).fill(i),
  }));
  await broker.listen({
    ...silent,
    page: () => undefined,
    acknowledged: (id) => broker.getObject(id),
    objectGot: (name, bytes) => void got.set(name, bytes),
  });
  for (const object of objects) broker.publish({ stream: 'objects', ...object });
  await until('every object', () => got.size === objects.length);
  for (const { id, bytes } of objects) expect(Buffer.compare(got.get(id) as Uint8Array, bytes)).toBe(0);
  await broker.close();
  await nc.close();
  await twice.close();
});

test('a run has the facts of one process', { timeout: 240_000 }, async () => {
  const nc = await connectNats({ servers: proxy.url });
  await createStreams(nc, 'toy');
  await runOver(natsBus(nc, 'toy'), ['tight-0', 'tight-1', 'loose-0', 'headnode'], 3);
  await nc.close();
});
