/** What each disk did, told to it at the end of every second in which any did anything. */
import type { Context } from '@orrery/actor';
import { SECOND } from '@orrery/kernel';
import { noneServed } from './make-pool.ts';
import { NO_CAUSE, type PoolState } from './state.ts';

const TIMER = 'report';

/** Sets the end of this second, if it is not set yet. */
export function armReport(context: Context, state: PoolState): void {
  if (state.reportArmed) return;
  state.reportArmed = true;
  const cause = context.cause;
  context.cause = NO_CAUSE;
  const at = (Math.floor(context.now / SECOND) + 1) * SECOND;
  context.timer(TIMER, at, 'tick', { name: TIMER, number: 0 });
  context.cause = cause;
}

export function report(context: Context, state: PoolState): void {
  state.reportArmed = false;
  for (const leaf of state.leaves) {
    const { served } = leaf;
    if (served.reads + served.writes + served.errors === 0) continue;
    leaf.served = noneServed();
    if (leaf.actor !== 0) context.send(leaf.actor, 'diskActivity', { served });
  }
}
