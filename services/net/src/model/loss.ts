/**
 * How losses of the parts of a way add up: a packet arrives when every part lets it through.
 *
 * Law. passed = Π (1 − lossᵢ), in millionths, rounded to the nearest after each part.
 */
const MILLION = 1_000_000;

/** @param losses packets lost of a million, on each part of the way */
export function combinedLoss(losses: readonly number[]): number {
  let passed = MILLION;
  for (const loss of losses) passed = Math.round((passed * (MILLION - loss)) / MILLION);
  return MILLION - passed;
}
