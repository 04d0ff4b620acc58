/** Must show 4: the symptom of every fault and repair, in its order and time, and nothing but consequences afterwards. */
import type { Proof, ProofOptions } from './proof.ts';
import { proveSuites } from './suites.ts';

export function prove(options: ProofOptions): Promise<Proof> {
  return proveSuites(options, [
    { what: 'symptoms of faults and repairs', files: ['test/symptoms'] },
    {
      what: 'faults of one service',
      files: ['services/storage/src/faults', 'services/fma/src', 'services/net/src/net'],
    },
  ]);
}
