/** Must show 6: questions and their expected answers for every scenario; forecasts whose interval holds the truth. */
import type { Proof, ProofOptions } from './proof.ts';
import { proveSuites } from './suites.ts';

export function prove(options: ProofOptions): Promise<Proof> {
  return proveSuites(options, [
    { what: 'answers of why, when and slow', files: ['test/answers', 'apps/simulator/src/answers'] },
  ]);
}
