/** A suspended pool goes on: what was parked is issued, the txg that stood still is written anew. */
import type { Context } from '@orrery/actor';
import { resume } from './health.ts';
import { startResilvers } from './resilver-plan.ts';
import type { PoolState } from './state.ts';
import { resumeSync } from './sync.ts';
import { unpark } from './zio.ts';

export function goOn(context: Context, state: PoolState): void {
  if (!resume(context, state)) return;
  const parked = state.parked;
  state.parked = [];
  for (const zio of parked) unpark(context, state, zio);
  resumeSync(context, state);
  startResilvers(context, state);
}
