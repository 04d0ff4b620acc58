/** Checks that a scenario states, held against what the run showed. */
import { formatNs, formatTime } from '@orrery/spec';
import type { HostFact } from '@orrery/actor';
import { factTypes, ledgerTotal, type Facts } from '@orrery/proto';
import type { Bound, Check, FactCheck, LatencyCheck, Scenario } from '@orrery/spec';
import { stateAt, type Timelines } from './timelines.ts';
import { addFigures, emptyFigures, latencyAt, type Figures, type VmFigures } from './vm-figures.ts';

export interface CheckResult {
  name: string;
  ok: boolean;
  /** What was found, in one line. */
  found: string;
  source: string;
}

/** Gathers what checks ask for while the run goes on. */
export class CheckKeeper {
  private readonly scenario: Scenario;
  private readonly counts = new Map<FactCheck, number>();
  private readonly wanted: readonly { check: FactCheck; matches: (address: string) => boolean }[];
  private unbalanced = 0;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.wanted = scenario.checks
      .filter((check) => check.kind === 'fact')
      .map((check) => ({ check, matches: globMatcher(check.actor) }));
  }

  observe(fact: HostFact): void {
    if (fact.kind === 'zoneServed' || fact.kind === 'clientServed') {
      const served = fact.payload as Facts['zoneServed'];
      if (ledgerTotal(served.ledger) !== served.latencyNs) this.unbalanced++;
    }
    for (const { check, matches } of this.wanted) {
      if (factTypes[fact.kind] !== check.fact && fact.kind !== check.fact) continue;
      if (fact.time < check.fromNs || fact.time >= check.toNs || !matches(fact.address)) continue;
      this.counts.set(check, (this.counts.get(check) ?? 0) + 1);
    }
  }

  results(vms: VmFigures, timelines: Timelines): CheckResult[] {
    return this.scenario.checks.map((check) => {
      const { ok, found } = this.hold(check, vms, timelines);
      return { name: check.name, ok, found, source: check.source };
    });
  }

  private hold(check: Check, vms: VmFigures, timelines: Timelines): { ok: boolean; found: string } {
    switch (check.kind) {
      case 'latency':
        return holdLatency(check, vms);
      case 'errors': {
        const { errors } = figuresOf(check.of.uuids, check.phase, vms);
        const ok = errors <= (check.most ?? Infinity) && errors >= (check.least ?? 0);
        return { ok, found: `${errors} errors` };
      }
      case 'pool': {
        const state = stateAt(timelines.pools.get(check.pool), check.atNs, 'ONLINE');
        return { ok: state === check.state, found: `${check.pool} is ${state} at ${formatTime(check.atNs)}` };
      }
      case 'node': {
        const before = this.scenario.datacenter.start === 'running' ? 'running' : 'off';
        const state = stateAt(timelines.nodes.get(check.node), check.atNs, before);
        return { ok: state === check.state, found: `${check.node} is ${state} at ${formatTime(check.atNs)}` };
      }
      case 'case': {
        const rows = [...timelines.cases.values()].filter(
          (row) =>
            row.message &&
            (check.node === '' || row.node === check.node) &&
            (check.messageId === '' || row.code === check.messageId) &&
            row.listedAt >= check.fromNs &&
            row.listedAt < check.toNs,
        );
        const found =
          rows.length === 0
            ? 'no case'
            : rows.map((row) => `${row.code} at ${formatTime(row.listedAt)}`).join(', ');
        return { ok: rows.length > 0 === check.present, found };
      }
      case 'fact': {
        const count = this.counts.get(check) ?? 0;
        return { ok: count >= check.least && count <= check.most, found: `${count} × ${check.fact}` };
      }
      case 'conservation':
        return {
          ok: this.unbalanced === 0,
          found: this.unbalanced === 0 ? 'every ledger sums' : `${this.unbalanced} ledgers do not sum`,
        };
    }
  }
}

export function figuresOf(uuids: readonly string[], phase: string, vms: VmFigures): Figures {
  const sum = emptyFigures();
  for (const uuid of uuids) addFigures(sum, vms.of(uuid, phase));
  return sum;
}

function holdLatency(check: LatencyCheck, vms: VmFigures): { ok: boolean; found: string } {
  const at = (phase: string) => latencyAt(figuresOf(check.of.uuids, phase, vms), check.percentile);
  const value = at(check.phase);
  const label = `p${check.percentile} ${check.phase}`;
  if (value === undefined) return { ok: false, found: `${label}: no request was served` };
  const limit = (bound: Bound) => (bound.kind === 'ns' ? bound.ns : (at(bound.phase) ?? NaN) * bound.ratio);
  const below = check.below === undefined || value < limit(check.below);
  const above = check.above === undefined || value > limit(check.above);
  const ratio =
    check.below?.kind === 'ratio' ? check.below : check.above?.kind === 'ratio' ? check.above : undefined;
  const other = ratio === undefined ? undefined : at(ratio.phase);
  const than = other === undefined ? '' : `, ${(value / other).toFixed(2)} × ${ratio?.phase}`;
  return { ok: below && above, found: `${label} ${formatNs(value)}${than}` };
}

/** `*` stands for any run of characters but `/`; '' matches everything. */
export function globMatcher(glob: string): (text: string) => boolean {
  if (glob === '') return () => true;
  const pattern = glob
    .split('*')
    .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]*');
  const expression = new RegExp(`^${pattern}$`);
  return (text) => expression.test(text);
}
