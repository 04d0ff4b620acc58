/** Must show 8: shares, caps and an idle neighbour's CPU; rates of disks, mirrors and sync writes by arithmetic. */
import type { Proof, ProofOptions } from './proof.ts';
import { proveSuites } from './suites.ts';

export function prove(options: ProofOptions): Promise<Proof> {
  return proveSuites(options, [
    { what: 'shares, caps, idle CPU', files: ['services/compute-node/src/os/model/cpu'], named: 'shares' },
    { what: 'rates of disks', files: ['services/storage/src/rates'] },
  ]);
}
