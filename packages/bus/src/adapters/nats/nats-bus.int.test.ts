import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeBus, runOver, until, windowSaid } from '../../bus.case.ts';
import type { Stored } from '../../window/index.ts';
import { connectNats, createStreams, deleteStreams, namesOf, natsBus } from './index.ts';
import { startNatsServer, streamsOf, type NatsServer } from './nats-server.case.ts';

let server: NatsServer;
let nc: NatsConnection;
let runs = 0;

beforeAll(async () => {
  server = await startNatsServer();
  nc = await connectNats({ servers: server.url });
});

afterAll(async () => {
  await nc?.close();
  await server?.close();
});

async function newRun(limits = {}) {
  const run = `t${++runs}`;
  await createStreams(nc, run, limits);
  return { run, bus: natsBus(nc, run), close: () => Promise.resolve() };
}

describeBus('the NATS bus', newRun);

const silent = {
  connected: () => undefined,
  page: () => undefined,
  acknowledged: () => undefined,
  conflicted: () => undefined,
  objectGot: () => undefined,
  pointerMoved: () => undefined,
  pointerRead: () => undefined,
};

describe('the NATS bus', () => {
  test('lets nothing be heard that a full stream refused', async () => {
    const { run, bus } = await newRun({ windowBytesMax: 4000 });
    const broker = await bus.open('a-0');
    const heard: Stored[] = [];
    const stored: string[] = [];
    await broker.listen({
      ...silent,
      receive: (one) => void heard.push(one),
      acknowledged: (id) => void stored.push(id),
    });
    const published: string[] = [];
    nc.subscribe(`${namesOf(run).prefix}.window.*`, {
      callback: (_, { subject }) => void published.push(subject),
    });
    for (let n = 1; n <= 20; n++) broker.publish(windowSaid('a-0', n, new Uint8Array(1000)));
    await until(
      'some stored',
      () => stored.length > 0 && heard.length === stored.length && published.length === 20,
    );
    expect(stored.length).toBeLessThan(4);
    await broker.purge({ sequence: 100, number: 0 });
    broker.publish(windowSaid('a-0', 20, new Uint8Array(1000)));
    await until('room again', () => heard.at(-1)?.content.window?.n === 20);
    await broker.close();
  });

  test('may be made and taken away by several processes at once', async () => {
    await Promise.all([1, 2, 3].map(() => createStreams(nc, 'shared')));
    await Promise.all([1, 2, 3, 4].map(() => deleteStreams(nc, 'shared')));
    expect((await streamsOf(nc)).filter((name) => name.includes('shared'))).toEqual([]);
    expect(() => namesOf('a.b')).toThrow("not 'a.b'");
  });

  test('loses nothing when the server is killed and comes back while a run goes on', async () => {
    const { bus } = await newRun();
    await runOver(bus, ['tight-0', 'tight-1', 'tight-2', 'loose-0', 'headnode'], 3, async (number) => {
      if (number % 2 === 1) return;
      await server.kill();
      await server.restart();
    });
  });
});
