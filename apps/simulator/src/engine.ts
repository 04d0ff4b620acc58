/**
 * Version of the simulation's rules. It rises whenever the same spec, seed and commands give other facts than before, or what was
 * saved before cannot be gone on with; the digests in each scenario's expected output guard it. A log of another engine can be
 * read, not recomputed.
 */
export const engine = 2;
