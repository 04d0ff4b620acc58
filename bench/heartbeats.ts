/** Bare heartbeats through the actor host beside SimGrid and SimPy on the same work. */
import { alternate, atLeast, median, under, type Findings, type Scale } from './measure.ts';
import { havePeers, inChild, peer, type PartResult } from './processes.ts';

export async function heartbeats(scale: Scale): Promise<Findings> {
  const findings: Findings = { rows: [], targets: [], notes: [] };
  const withPeers = !scale.tiny && havePeers();
  if (!withPeers) {
    findings.notes.push('SimGrid and SimPy were not run: ../shared/tools/peers/peers is not there');
  }
  for (const nodes of scale.tiny ? [50] : [10_000, 100_000]) {
    await beside(scale, findings, nodes, scale.tiny ? 20 : nodes === 10_000 ? 1200 : 120, withPeers);
  }
  return findings;
}

async function beside(
  scale: Scale,
  findings: Findings,
  nodes: number,
  forSeconds: number,
  withPeers: boolean,
): Promise<void> {
  const runs = new Map<string, PartResult[]>();
  const keep = (name: string, result: PartResult): number => {
    runs.set(name, [...(runs.get(name) ?? []), result]);
    return result.events / result.wallSeconds;
  };
  const memory = (name: string) => median((runs.get(name) ?? []).map((run) => run.rssMiB));
  const others = {
    SimGrid: () => keep('SimGrid', peer('simgrid', nodes, forSeconds)),
    SimPy: () => keep('SimPy', peer('simpy', nodes, forSeconds)),
  };
  const contenders: Record<string, () => number | Promise<number>> = {
    orrery: async () => keep('orrery', await inChild('heartbeats', [nodes, forSeconds])),
    ...(withPeers ? others : {}),
  };
  const { rates, calibration } = await alternate(scale, contenders);
  const what = `heartbeats of ${nodes.toLocaleString('en')} nodes`;
  const own = rates['orrery'];
  if (!withPeers) findings.rows.push({ what, value: own, unit: 'events/s', calibration });
  for (const name of withPeers ? ['SimGrid', 'SimPy'] : []) {
    const baseline = { what: name, value: rates[name] };
    findings.rows.push({ what, value: own, unit: 'events/s', baseline, calibration });
    findings.targets.push(atLeast(`${what}, over ${name}`, own / rates[name], 5, ' ×'));
  }
  const baseline = withPeers ? { what: 'SimGrid', value: memory('SimGrid') } : undefined;
  const row = { what: `${what}, memory`, value: memory('orrery'), unit: 'MiB', calibration };
  findings.rows.push(baseline === undefined ? row : { ...row, baseline });
  if (baseline !== undefined) {
    findings.targets.push(under(`${what}, memory, SimGrid's`, memory('orrery'), baseline.value, ' MiB'));
  }
}
