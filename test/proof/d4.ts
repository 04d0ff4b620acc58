/** Must show d4: the datacenter of deploy/ holds real time as processes, and how fast it goes with more of them. */
import { distributed } from '../../bench/distributed.ts';
import { FULL, TINY } from '../../bench/measure.ts';
import { rowLines } from '../../bench/tables.ts';
import { noNatsServer } from '../../packages/bus/src/adapters/nats/nats-server.case.ts';
import { loadRunnable } from '../../apps/cli/src/load.ts';
import { Findings, type Proof, type ProofOptions } from './proof.ts';

const silent = { out: () => undefined, err: () => undefined, colour: false, interactive: false, width: 100 };
const LOOKAHEAD_NS_MAX = 2_000_000;

export async function prove({ full, say }: ProofOptions): Promise<Proof> {
  const findings = new Findings(say);
  const { datacenter } = loadRunnable(silent, 'deploy/datacenter.yaml', []);
  const { nodes, vms, lookaheadNs } = datacenter;
  findings.check(nodes.length >= 16 && vms.length >= 100, `${nodes.length} nodes, ${vms.length} VMs`);
  findings.check(lookaheadNs <= LOOKAHEAD_NS_MAX, `lookahead ${lookaheadNs / 1e6} ms`);
  const missing = await noNatsServer();
  if (missing !== undefined) {
    findings.check(!full && process.env.CI === undefined, `left out: ${missing}`);
    return findings.proof();
  }
  const { rows, targets } = await distributed(full ? FULL : TINY);
  for (const line of rowLines(rows)) findings.note(line);
  for (const { ok, what, wanted, found } of targets) findings.check(ok, `${what}: ${found}, ${wanted}`);
  return findings.proof();
}
