/**
 * A mirror reads from the child that has least to do; it does not read from all, and never asks how healthy they are.
 *
 * Why.    This is how a limping disk under load is read round: its queue is longer.
 * Law.    load = I/Os queued and active, plus on a rotating child `SEEK_LOAD` when the read lies more than `NEAR_BYTES`
 *         from where the child's last one ended, on flash `JUMP_LOAD` when it does not go on there.
 * Rules.  1. Lowest load wins. 2. Equal loads: by the read's place, 2 MiB by 2 MiB in turn, so that neighbours share a child.
 */
export const NEAR_BYTES = 1_048_576;
export const SEEK_LOAD = 5;
export const JUMP_LOAD = 1;
const TURN_BYTES = 2_097_152;

/** What counts as load: I/Os on the leaf, and where its last one ended. */
export function mirrorLoad(pending: number, rotating: boolean, lastEnd: number, lba: number): number {
  if (lba === lastEnd) return pending;
  if (!rotating) return pending + JUMP_LOAD;
  return Math.abs(lba - lastEnd) <= NEAR_BYTES ? pending : pending + SEEK_LOAD;
}

/**
 * Index into `loads` of the child to read from, or -1; a negative load takes a child out.
 * @param lba bytes into the vdev
 */
export function chooseChild(loads: readonly number[], lba: number): number {
  let best = -1;
  const first = Math.floor(lba / TURN_BYTES) % Math.max(1, loads.length);
  for (let i = 0; i < loads.length; i++) {
    const child = (first + i) % loads.length;
    if (loads[child] < 0) continue;
    if (best < 0 || loads[child] < loads[best]) best = child;
  }
  return best;
}
