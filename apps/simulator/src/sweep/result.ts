/** The result of one run of a sweep: what it was, and what it showed. */
import type { HostFact } from '@orrery/actor';
import type { Scenario, Vm } from '@orrery/spec';
import type { CheckResult } from '../observe/checks.ts';
import { addFigures, emptyFigures, latencyAt, type Figures } from '../observe/vm-figures.ts';
import { Observer } from '../observer.ts';
import type { Order } from './definition.ts';
import { Recoveries, type Recovery } from './recovery.ts';

/** What a group of VMs served over the whole run. */
export interface GroupLatency {
  group: string;
  requests: number;
  /** Tries that failed. */
  errors: number;
  /** ns; null: nothing was served. */
  p50Ns: number | null;
  p99Ns: number | null;
}

export interface RunResult {
  key: string;
  settings: Readonly<Record<string, string>>;
  seed: number;
  engine: number;
  /** 16 hex digits; '' when it failed. */
  digest: string;
  /** Why it did not come to its end; '' when it did. */
  error: string;
  checks: Pick<CheckResult, 'name' | 'ok' | 'found'>[];
  /** By group of VMs, then `all` of them. */
  latency: GroupLatency[];
  faults: Recovery[];
  /** The longest recovery of its faults, ns; null: nothing was brought down, or not all of it was back. */
  recoveryNs: number | null;
  /** Whether all that a fault brought down was back at the end. */
  recovered: boolean;
  events: number;
  simSeconds: number;
  wallSeconds: number;
  /** Who ran it: host and process. */
  worker: string;
}

/** Name of all groups together. */
export const ALL_VMS = 'all';

/** What is gathered from a run's facts for its result. */
export class ResultCollector {
  private readonly scenario: Scenario;
  private readonly observer: Observer;
  private readonly recoveries = new Recoveries();

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.observer = new Observer(scenario);
  }

  observe(fact: HostFact): void {
    this.observer.observe(fact);
    this.recoveries.observe(fact, this.observer.effects.faultBehind(fact));
  }

  /** @param ended what the run itself says of its end */
  result(
    order: Order,
    ended: Pick<RunResult, 'digest' | 'engine' | 'events' | 'wallSeconds' | 'worker'>,
  ): RunResult {
    const { key, settings, seed } = order;
    const faults = this.recoveries.results();
    const lost = faults.filter(({ lostAt }) => lostAt !== undefined);
    const recovered = lost.every(({ backAt }) => backAt !== undefined);
    const tookNs = lost.map(({ lostAt = 0, backAt = 0 }) => backAt - lostAt);
    return {
      key,
      settings,
      seed,
      error: '',
      checks: this.observer.checks().map(({ name, ok, found }) => ({ name, ok, found })),
      latency: this.latency(),
      faults,
      recoveryNs: recovered && lost.length > 0 ? Math.max(...tookNs) : null,
      recovered,
      simSeconds: this.scenario.durationNs / 1_000_000_000,
      ...ended,
    };
  }

  private latency(): GroupLatency[] {
    const groups = new Map<string, Vm[]>();
    for (const vm of this.scenario.datacenter.vms) {
      const group = groups.get(vm.group);
      if (group === undefined) groups.set(vm.group, [vm]);
      else group.push(vm);
    }
    const sums = [...groups].map(([group, vms]) => [group, this.sumOf(vms)] as const);
    const whole = [ALL_VMS, this.sumOf(this.scenario.datacenter.vms)] as const;
    return [...sums, whole]
      .filter(([, { requests, errors }]) => requests + errors > 0)
      .map(([group, figures]) => ({
        group,
        requests: figures.requests,
        errors: figures.errors,
        p50Ns: latencyAt(figures, 50) ?? null,
        p99Ns: latencyAt(figures, 99) ?? null,
      }));
  }

  private sumOf(vms: readonly Vm[]): Figures {
    const sum = emptyFigures();
    for (const { uuid } of vms) addFigures(sum, this.observer.vms.of(uuid, ''));
    return sum;
  }
}

/** The result of a run that did not come to its end. */
export function failedResult(
  { key, settings, seed, scenario }: Order,
  error: string,
  by: Pick<RunResult, 'engine' | 'wallSeconds' | 'worker'>,
): RunResult {
  return {
    key,
    settings,
    seed,
    digest: '',
    error,
    checks: [],
    latency: [],
    faults: [],
    recoveryNs: null,
    recovered: false,
    events: 0,
    simSeconds: scenario.durationNs / 1_000_000_000,
    ...by,
  };
}
