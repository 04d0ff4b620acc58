/** A run over a broker, held against the same run in one process: fact by fact, in order. */
import type { HostFact } from '@orrery/actor';
import { Simulation } from '@orrery/simulator';
import { runOver, type RunOverOptions } from '@orrery/simulator/over';
import { formatTime, type Scenario } from '@orrery/spec';

/** A run in one process. */
export interface Alone {
  readonly scenario: Scenario;
  readonly digest: string;
  readonly facts: readonly HostFact[];
}

export function runAlone(scenario: Scenario): Alone {
  const facts: HostFact[] = [];
  const onFact = (fact: HostFact): void => void facts.push(fact);
  const simulation = new Simulation({ scenario, seed: scenario.seed, onFact });
  simulation.advance(scenario.durationNs);
  return { scenario, digest: simulation.digest(), facts };
}

export type OverOptions = Pick<RunOverOptions, 'access' | 'counts' | 'onStart' | 'onProgress' | 'signal'>;

/** @returns what differs first; undefined: nothing does */
export async function differsOver(alone: Alone, options: OverOptions): Promise<string | undefined> {
  const { scenario, facts } = alone;
  let count = 0;
  let first: string | undefined;
  const onFact = (fact: HostFact): void => {
    first ??= difference(count, facts[count], fact);
    count++;
  };
  const { digest } = await runOver({ ...options, scenario, seed: scenario.seed, onFact });
  if (first === undefined && count < facts.length) return `ends before ${told(facts[count])}`;
  return first ?? (digest === alone.digest ? undefined : `digest ${digest}, alone ${alone.digest}`);
}

function difference(at: number, alone: HostFact | undefined, over: HostFact): string | undefined {
  if (alone === undefined) return `goes on with ${told(over)}`;
  return keyOf(alone) === keyOf(over) ? undefined : `fact ${at + 1} is ${told(over)}, alone ${told(alone)}`;
}

function keyOf({ actor, n, time, cause, record }: HostFact): string {
  const payload = Buffer.from(record.payload).toString('base64');
  return [actor, n, time, cause.actor, cause.n, record.kind, payload].join(' ');
}

function told({ address, n, time, kind, cause, payload }: HostFact): string {
  return `${formatTime(time)} (${time} ns) ${address}#${n} ${kind} of ${cause.actor}#${cause.n} ${JSON.stringify(payload)}`;
}
