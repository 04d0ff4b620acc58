/** Every bench by the name that one asks for it. */
import { cpu } from './cpu.ts';
import { distributed } from './distributed.ts';
import { firstLight } from './first-light.ts';
import { fleet } from './fleet.ts';
import { heartbeats } from './heartbeats.ts';
import type { Bench } from './measure.ts';
import { messages } from './messages.ts';
import { queue } from './queue.ts';
import { statecharts } from './statecharts.ts';
import { storage } from './storage.ts';

export const benches: Readonly<Record<string, Bench>> = {
  queue,
  heartbeats,
  messages,
  statecharts,
  cpu,
  storage,
  'first-light': firstLight,
  fleet,
  distributed,
};
