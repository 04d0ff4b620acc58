/** Must show d5: tests start a real broker and a real Jaeger themselves, in containers or as programs, and are not left out. */
import { dockerAnswers } from '../../packages/bus/src/adapters/nats/docker.case.ts';
import type { Proof, ProofOptions } from './proof.ts';
import { proveSuites } from './suites.ts';

export async function prove(options: ProofOptions): Promise<Proof> {
  options.say(`servers of tests run ${(await dockerAnswers()) ? 'in containers' : 'as programs'} here`);
  return proveSuites(options, [
    { what: 'the bus over a broker that a test starts', files: ['test/parts-over-nats'] },
    { what: 'traces in a Jaeger that a test starts', files: ['test/jaeger'] },
  ]);
}
