/**
 * Symptoms are what users of VMs notice: a group of VMs becomes slower, or fails, and comes back. They are read off what the
 * zones and their clients report each second, never off faults.
 *
 * Rules. 1. Figures are looked at by windows of `WINDOW_NS`; a change is told when two windows agree.
 *        2. The baseline is the mean of a group's first `BASELINE_WINDOWS` windows with requests.
 *        3. Slow from `SLOW_FROM` times the baseline and `SLOW_LEAST_NS` more; over below `SLOW_UNTIL` times. Told again at
 *           `WORSE_FROM` times what was told last.
 */
import type { HostFact } from '@orrery/actor';
import { mergeLedger, type Facts, type LedgerEntry } from '@orrery/proto';
import { formatNs, type Scenario } from '@orrery/spec';
import { accountName } from './account-name.ts';
import type { StoryLine } from './tellers.ts';

const WINDOW_NS = 10_000_000_000;
const BASELINE_WINDOWS = 6;
const SLOW_FROM = 1.3;
const SLOW_LEAST_NS = 1_000_000;
const SLOW_UNTIL = 1.15;
const WORSE_FROM = 2;
/** Share of requests that fail. */
const FAILING_FROM = 0.2;
const FAILING_UNTIL = 0.01;
/** VMs of a larger group are looked at together. */
const SINGLY_MAX = 3;

interface Window {
  /** Served well. */
  served: number;
  /** Served to the end, well or not: what latency and ledger are over. */
  measured: number;
  failed: number;
  latencyNs: number;
  ledger: LedgerEntry[];
}

type State = 'well' | 'slow' | 'slower' | 'failing';

interface Group {
  name: string;
  window: Window;
  baseline: Window;
  baselineWindows: number;
  state: State;
  /** What the last window looked like, if other than `state`. */
  next: State;
  /** Mean when it was last told to be slow, ns. */
  toldNs: number;
}

const emptyWindow = (): Window => ({ served: 0, measured: 0, failed: 0, latencyNs: 0, ledger: [] });

export class Symptoms {
  private readonly groups = new Map<string, Group>();
  private readonly ofVm = new Map<string, Group>();
  private readonly ofAlias = new Map<string, Group>();
  private windowEnd = WINDOW_NS;

  constructor({ datacenter }: Scenario) {
    const sizes = new Map<string, number>();
    for (const { group } of datacenter.vms) sizes.set(group, (sizes.get(group) ?? 0) + 1);
    for (const vm of datacenter.vms) {
      const size = sizes.get(vm.group) ?? 0;
      const name = size > SINGLY_MAX ? `${vm.group} × ${size}` : vm.alias;
      let group = this.groups.get(name);
      if (group === undefined) {
        const windows = { window: emptyWindow(), baseline: emptyWindow(), baselineWindows: 0 };
        this.groups.set(name, (group = { name, ...windows, state: 'well', next: 'well', toldNs: 0 }));
      }
      this.ofVm.set(vm.uuid, group);
      this.ofAlias.set(vm.alias, group);
    }
  }

  /** @returns the lines of windows that ended before this fact */
  observe(fact: HostFact): StoryLine[] {
    const lines: StoryLine[] = [];
    while (fact.time > this.windowEnd) {
      for (const group of this.groups.values()) {
        const line = endWindow(group, this.windowEnd);
        if (line !== undefined) lines.push({ ...line, time: fact.time });
      }
      this.windowEnd += WINDOW_NS;
    }
    if (fact.kind === 'zoneServed') this.addZone(fact.address, fact.payload as Facts['zoneServed']);
    else if (fact.kind === 'clientServed') {
      const { target, timeouts } = fact.payload as Facts['clientServed'];
      const group = this.ofAlias.get(target);
      if (group !== undefined) group.window.failed += timeouts;
    }
    return lines;
  }

  private addZone(address: string, served: Facts['zoneServed']): void {
    const group = this.ofVm.get(address.slice(address.lastIndexOf('/') + 1));
    if (group === undefined) return;
    const { window } = group;
    window.served += served.requests;
    window.measured += served.requests + served.errors;
    window.failed += served.errors + served.refused;
    window.latencyNs += served.latencyNs;
    mergeLedger(window.ledger, served.ledger);
  }
}

function endWindow(group: Group, time: number): StoryLine | undefined {
  const { window, baseline } = group;
  group.window = emptyWindow();
  if (window.measured + window.failed === 0) return undefined;
  if (group.baselineWindows < BASELINE_WINDOWS) {
    group.baselineWindows++;
    baseline.measured += window.measured;
    baseline.latencyNs += window.latencyNs;
    mergeLedger(baseline.ledger, window.ledger);
    return undefined;
  }
  const seen = stateOf(group, window);
  if (seen === group.state || seen !== group.next) {
    group.next = seen;
    return undefined;
  }
  const before = group.state;
  group.state = seen === 'slower' ? 'slow' : seen;
  const line = words(group, window, before);
  group.toldNs = meanOf(window);
  return { time, where: group.name, source: '', ...line };
}

function stateOf({ state, baseline, toldNs }: Group, window: Window): State {
  const failing = failingOf(window);
  if (failing >= (state === 'failing' ? FAILING_UNTIL : FAILING_FROM)) return 'failing';
  const normalNs = meanOf(baseline);
  const factor = state === 'slow' ? SLOW_UNTIL : SLOW_FROM;
  const leastNs = state === 'slow' ? 0 : SLOW_LEAST_NS;
  const meanNs = meanOf(window);
  if (state === 'slow' && meanNs > toldNs * WORSE_FROM) return 'slower';
  return meanNs > Math.max(normalNs * factor, normalNs + leastNs) ? 'slow' : 'well';
}

const failingOf = ({ served, failed }: Window) => failed / Math.max(1, served + failed);
const meanOf = ({ latencyNs, measured }: Window) => latencyNs / Math.max(1, measured);

function words(group: Group, window: Window, before: State): Pick<StoryLine, 'mark' | 'text'> {
  const mean = formatNs(Math.round(meanOf(window)));
  if (group.state === 'failing') {
    return { mark: '!', text: `${Math.round(100 * failingOf(window))} % of requests fail` };
  }
  if (group.state === 'slow') {
    const back = before === 'failing' ? 'serves again, slowly: ' : '';
    const usual = formatNs(Math.round(before === 'slow' ? group.toldNs : meanOf(group.baseline)));
    return { mark: '!', text: `${back}mean ${usual} → ${mean}: ${mostGrown(group.baseline, window)}` };
  }
  const what = before === 'failing' ? 'serves again' : 'as fast as before';
  return { mark: '✓', text: `${what}: mean ${mean}` };
}

/** The account that grew most: `vdev queue behind resilver +14.9 ms`. */
function mostGrown(baseline: Window, window: Window): string {
  const grown = new Map<string, number>();
  const add = (from: Window, sign: number) => {
    for (const entry of from.ledger) {
      const name = accountName(entry);
      grown.set(name, (grown.get(name) ?? 0) + (sign * entry.ns) / Math.max(1, from.measured));
    }
  };
  add(window, 1);
  add(baseline, -1);
  let most = { name: '', ns: 0 };
  for (const [name, ns] of grown) if (ns > most.ns) most = { name, ns };
  return `${most.name} +${formatNs(Math.round(most.ns))}`;
}
