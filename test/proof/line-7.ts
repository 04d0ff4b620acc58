/** Must show 7: the benches, and what was promised of them. */
import { benches } from '../../bench/benches.ts';
import { FULL } from '../../bench/measure.ts';
import { havePeers } from '../../bench/processes.ts';
import { rowLines } from '../../bench/tables.ts';
import { Findings, type Proof, type ProofOptions } from './proof.ts';

export async function prove({ full, say }: ProofOptions): Promise<Proof> {
  const findings = new Findings(say);
  if (!full) {
    findings.note(`✓ ${Object.keys(benches).length} benches, run at a tiny size by the suite itself`);
    return findings.proof();
  }
  findings.check(
    havePeers(),
    'SimGrid and SimPy are at hand to be measured beside (../shared/tools/peers/peers)',
  );
  for (const bench of Object.values(benches)) {
    const { rows, targets, notes } = await bench(FULL);
    for (const line of rows.length > 0 ? rowLines(rows) : []) findings.note(line);
    for (const { what, wanted, found, ok } of targets)
      findings.check(ok, `${what}: ${found}, wanted ${wanted}`);
    for (const note of notes) findings.note(note);
  }
  return findings.proof();
}
