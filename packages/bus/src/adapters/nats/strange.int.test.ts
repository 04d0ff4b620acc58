/** What a stranger writes on a run's subjects: passed over and told, in nobody's way. */
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeEnvelope } from '../../window/index.ts';
import { runOver, until, windowSaid } from '../../bus.case.ts';
import { connectNats, createStreams, namesOf, natsBus } from './index.ts';
import { startNatsServer, type NatsServer } from './nats-server.case.ts';

let server: NatsServer;
let nc: NatsConnection;

beforeAll(async () => {
  server = await startNatsServer();
  nc = await connectNats({ servers: server.url });
});
afterAll(async () => {
  await nc?.close();
  await server?.close();
});

const unreadable = [
  new Uint8Array(0),
  new TextEncoder().encode('hello?'),
  Uint8Array.from([255, 255, 255, 255]),
  encodeEnvelope({ part: { id: 'x', part: 7, parts: 3, bytes: new Uint8Array(1) } }),
  encodeEnvelope({ part: { id: 'y', part: 0, parts: 4_000_000_000, bytes: new Uint8Array(1) } }),
  encodeEnvelope({ part: { id: 'z', part: 0, parts: 1, bytes: Uint8Array.from([9, 9]) } }),
];

test('a run ends as it would while a stranger writes on all of its subjects', async () => {
  await createStreams(nc, 'disturbed');
  const { prefix, heard } = namesOf('disturbed');
  const passedOver: string[] = [];
  const bus = natsBus(nc, 'disturbed', (detail) => void passedOver.push(detail));
  const subjects = ['boundary', 'window.tight-0', 'window.nobody', 'facts.tight-0'];
  const disturb = async (): Promise<void> => {
    for (const subject of subjects)
      for (const bytes of unreadable) {
        nc.publish(`${prefix}.${subject}`, bytes);
        nc.publish(`${heard}.${subject}`, bytes);
      }
    const unknown = windowSaid('nobody', 1).content;
    nc.publish(`${prefix}.window.nobody`, encodeEnvelope(unknown));
    await nc.flush();
  };
  await disturb();
  await runOver(bus, ['tight-0', 'tight-1', 'tight-2', 'loose-0', 'headnode'], 3, disturb);
  await until('told of it', () => passedOver.length > 0);
  expect(passedOver.every((detail) => detail.includes('a stored message cannot be read'))).toBe(true);
});
