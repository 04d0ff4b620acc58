/** Services over a broker in a container, where a Docker daemon answers; else over a nats-server of this machine. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeBus } from '../packages/bus/src/bus.case.ts';
import { connectNats, createStreams, natsBus, type NatsConnection } from '@orrery/bus/nats';
import { MS } from '@orrery/kernel';
import { loadRunnable } from '../apps/cli/src/load.ts';
import { dockerAnswers } from '../packages/bus/src/adapters/nats/docker.case.ts';
import { startNats, type Part } from './parts/parts.ts';
import type { NatsServer } from '../packages/bus/src/adapters/nats/nats-server.case.ts';
import { briefly } from './proof/brief.ts';
import { differsOver, runAlone } from './proof/over.ts';

let part: Part<NatsServer>;
let nc: NatsConnection;
let runs = 0;

beforeAll(async () => {
  part = await startNats();
  nc = await connectNats({ servers: part.server.url });
}, 120_000);
afterAll(async () => {
  await nc?.close();
  await part?.server.close();
});

describeBus('a broker as deployed', async () => {
  const run = `parts-${++runs}`;
  await createStreams(nc, run);
  return { bus: natsBus(nc, run), close: () => Promise.resolve() };
});

test('the broker is in a container wherever one can be', async () => {
  expect(part.how).toBe((await dockerAnswers()) ? 'container' : 'program');
});

const quiet = { out: () => undefined, err: () => undefined, colour: false, interactive: false, width: 100 };

test('a run survives the death of that broker', { timeout: 240_000 }, async () => {
  const alone = runAlone(briefly(loadRunnable(quiet, 'scenarios/limping-disk', []), 3));
  let killed: Promise<void> | undefined;
  const onProgress = (time: number): void => {
    if (time > 500 * MS) killed ??= part.server.kill().then(() => part.server.restart());
  };
  expect(
    await differsOver(alone, { access: { nats: part.server.url }, counts: {}, onProgress }),
  ).toBeUndefined();
  expect(killed).toBeDefined();
  await killed;
});
