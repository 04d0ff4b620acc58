/**
 * What each VM served, phase by phase, gathered from the facts of zones and clients.
 *
 * Requests, latency and ledger are what the zone says. Who says what failed differs: of a VM that clients outside ask, those
 * clients alone (each try that was refused, timed out or was answered with an error, whether tried again or not); of a VM that
 * only other zones call, the zone itself (answered with an error, or refused). Adding both would count one failure twice.
 */
import type { HostFact } from '@orrery/actor';
import { mergeLedger, type Facts, type LedgerEntry } from '@orrery/proto';
import type { Datacenter, Phase, Scenario } from '@orrery/spec';
import { addBuckets, addHistogram, percentile, type Histogram } from './histogram.ts';

/** Figures of one VM, or of a set of VMs, over one phase or several. */
export interface Figures {
  /** Requests served to their end. */
  requests: number;
  /** Served to their end, well or with an error: latency and ledger are over these. */
  measured: number;
  /** Tries that failed: as clients outside saw it where they ask, else as the zone says. */
  errors: number;
  latency: Histogram;
  /** Summed over the requests, ns. */
  latencyNs: number;
  /** Of the slowest request, ns: no percentile is above it. */
  latencyNsMax: number;
  ledger: LedgerEntry[];
  arcHits: number;
  arcMisses: number;
}

export function emptyFigures(): Figures {
  return {
    requests: 0,
    measured: 0,
    errors: 0,
    latency: new Map(),
    latencyNs: 0,
    latencyNsMax: 0,
    ledger: [],
    arcHits: 0,
    arcMisses: 0,
  };
}

export function addFigures(into: Figures, from: Figures): void {
  into.requests += from.requests;
  into.measured += from.measured;
  into.errors += from.errors;
  into.latencyNs += from.latencyNs;
  into.latencyNsMax = Math.max(into.latencyNsMax, from.latencyNsMax);
  into.arcHits += from.arcHits;
  into.arcMisses += from.arcMisses;
  addHistogram(into.latency, from.latency);
  mergeLedger(into.ledger, from.ledger);
}

/** The phase that holds `time`, or undefined between phases. */
export function phaseAt(phases: readonly Phase[], time: number): Phase | undefined {
  return phases.find((phase) => time >= phase.fromNs && time < phase.toNs);
}

/** UUIDs of the VMs that clients outside ask: these alone say what failed. */
export function askedFromOutside({ workloads }: Datacenter): Set<string> {
  return new Set(workloads.flatMap(({ from, to }) => (from.kind === 'outside' ? to : [])));
}

/** A percentile of the latency, ns; undefined when nothing was served. */
export function latencyAt(figures: Figures, percent: number): number | undefined {
  return percentile(figures.latency, percent, figures.latencyNsMax);
}

export class VmFigures {
  private readonly scenario: Scenario;
  private readonly uuidOfAlias = new Map<string, string>();
  private readonly outside: ReadonlySet<string>;
  private readonly byVm = new Map<string, Map<string, Figures>>();

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    for (const vm of scenario.datacenter.vms) this.uuidOfAlias.set(vm.alias, vm.uuid);
    this.outside = askedFromOutside(scenario.datacenter);
  }

  observe(fact: HostFact): void {
    if (fact.kind === 'zoneServed') this.addZone(fact.address, fact.payload as Facts['zoneServed']);
    else if (fact.kind === 'clientServed') this.addClient(fact.payload as Facts['clientServed']);
  }

  /** Figures of a VM in a phase; in all phases and between them when `phase` is ''. */
  of(uuid: string, phase: string): Figures {
    return this.byVm.get(uuid)?.get(phase) ?? emptyFigures();
  }

  private addZone(address: string, served: Facts['zoneServed']): void {
    const uuid = address.slice(address.lastIndexOf('/') + 1);
    for (const figures of this.cells(uuid, served.from)) {
      figures.requests += served.requests;
      figures.measured += served.requests + served.errors;
      if (!this.outside.has(uuid)) figures.errors += served.errors + served.refused;
      figures.latencyNs += served.latencyNs;
      figures.latencyNsMax = Math.max(figures.latencyNsMax, served.latencyNsMax);
      figures.arcHits += served.arcHits;
      figures.arcMisses += served.arcMisses;
      addBuckets(figures.latency, served.latency);
      mergeLedger(figures.ledger, served.ledger);
    }
  }

  private addClient(served: Facts['clientServed']): void {
    const uuid = this.uuidOfAlias.get(served.target);
    // A try that failed was either the last, and its request an error, or tried again.
    const failed = served.errors + served.retries;
    if (uuid === undefined || failed === 0) return;
    for (const figures of this.cells(uuid, served.from)) figures.errors += failed;
  }

  private cells(uuid: string, time: number): Figures[] {
    let phases = this.byVm.get(uuid);
    if (phases === undefined) this.byVm.set(uuid, (phases = new Map()));
    const names = [''];
    const phase = phaseAt(this.scenario.phases, time);
    if (phase !== undefined) names.push(phase.name);
    return names.map((name) => {
      let figures = phases.get(name);
      if (figures === undefined) phases.set(name, (figures = emptyFigures()));
      return figures;
    });
  }
}
