/**
 * How long the phases of a node last: the spec's figures with their spread, and a few that no file sets.
 *
 * Law.  A phase of the spec is uniform in ns × (1 − spread) to ns × (1 + spread). They are drawn when the phase
 *       begins, and drawn again, given what has passed, by a fork with a seed of its own.
 */
import { MS, SECOND, type Distribution } from '@orrery/kernel';
import type { NodeTimings, SpreadNs } from '@orrery/spec';
import type { PhaseTimer } from '../machine/node-machine.ts';

/** Between two requests of a node that nobody answers, ns: PXE's patience. Longer delays a boot after an outage. */
export const NETBOOT_RETRY_NS = 4 * SECOND;
/** From panic() to the first dumped page, ns: CPUs are stopped, the message is written. */
const QUIESCE: Distribution = { kind: 'uniform', minimum: 300 * MS, maximum: 700 * MS };
/** From a fault in a cell to the first access that finds it, ns: a used page is read within milliseconds. */
export const FIRST_ACCESS: Distribution = { kind: 'uniform', minimum: 1 * MS, maximum: 4 * MS };
/** From the machine check to panic(), ns: the handler reads all banks and saves the ereport first. */
export const MACHINE_CHECK_NS = 2 * MS;

export function spread(time: SpreadNs): Distribution {
  if (time.spread === 0) return { kind: 'constant', value: time.ns };
  const around = Math.round(time.ns * time.spread);
  return { kind: 'uniform', minimum: time.ns - around, maximum: time.ns + around };
}

/** Duration of a phase, ns. `imported` ends when the pools say so and has none. */
export function phaseTime(timer: Exclude<PhaseTimer, 'imported'>, timings: NodeTimings): Distribution {
  switch (timer) {
    case 'post':
      return spread(timings.post);
    case 'platform':
      return spread(timings.platformLoad);
    case 'boot':
      return spread(timings.boot);
    case 'dump':
      return spread(timings.dump);
    case 'quiesce':
      return QUIESCE;
  }
}
