/**
 * Version of the simulation's rules. It rises whenever the same spec, seed and commands give other facts than before;
 * the golden digests of `engine.test.ts` guard it. A log of another engine can be read, not recomputed.
 */
export const engine = 1;
