/**
 * Transcendental functions with the same bits everywhere, unlike Math's, which differ between engines.
 *
 * Why.       One differing bit in one delay moves an event, and from there a whole run and its digest.
 * Intuition. IEEE 754 fixes + − × ÷ and sqrt to the bit, so what is built from these alone is fixed too.
 * Law.       log x = e·ln 2 + 2·atanh s, s = (m − 1)/(m + 1), x = m·2^e, m in [√½, √2).
 *            exp x = 2^k·exp r, k = round(x / ln 2), by its Taylor series in |r| <= ½·ln 2.
 *            x^y = exp(y·log x), the logarithm and the product each carried as a sum of two floats.
 * Rules.     Relative error under 5e-16 for log and exp, 2e-15 for pow.
 */

/** ln 2 in two parts: the first ends in 21 zero bits, so that an exponent times it is exact. */
const LN2_HIGH = 0.693147180369123816;
const LN2_LOW = 1.90821492927058770002e-10;
/** The upper word of √½, from which exponents are counted. */
const SQRT_HALF_WORD = 0x3fe6a09e;
const view = new DataView(new ArrayBuffer(8));

/** Natural logarithm; -Infinity for 0, NaN below it. */
export function log(x: number): number {
  return x > 0 && x < Infinity ? logSum(x)[0] : x === 0 ? -Infinity : x > 0 ? x : NaN;
}

/** x to the power of y, for x >= 0; NaN below. */
export function pow(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (!(x >= 0) || y !== y) return NaN;
  if (x === 0 || x === Infinity || Math.abs(y) === Infinity) return x > 1 === y > 0 ? Infinity : 0;
  const [high, rest] = logSum(x);
  const product = y * high;
  if (Math.abs(product) > 800) return product > 0 ? Infinity : 0;
  return exp(product, productError(y, high, product) + y * rest);
}

/** log x as the nearest float and what it lacks, for finite x > 0. */
function logSum(x: number): [high: number, rest: number] {
  // A subnormal number is made a normal one first, 2^54 times as large.
  const scale = x < 2.2250738585072014e-308 ? 54 : 0;
  const normal = scale === 0 ? x : x * 0x40000000000000;
  view.setFloat64(0, normal);
  const power = (view.getInt32(0) - SQRT_HALF_WORD) >> 20; // doublings from [√½, √2) to it
  const m = shifted(normal, power);
  const e = power - scale;
  const d = m + 1;
  const s = (m - 1) / d;
  const sd = s * d;
  const sRest = (m - 1 - sd - productError(s, d, sd) - s * (m - (d - 1))) / d;
  const sum = e * LN2_HIGH + 2 * s;
  const rest = 2 * s - (sum - e * LN2_HIGH) + 2 * (sRest + s * atanhTail(s * s)) + e * LN2_LOW;
  return [sum + rest, rest - (sum + rest - sum)];
}

/** x / 2^e, exactly; both must be normal numbers. */
function shifted(x: number, e: number): number {
  view.setFloat64(0, x);
  view.setInt32(0, view.getInt32(0) - (e << 20));
  return view.getFloat64(0);
}

/** (atanh s − s) / s as a function of z = s², for s <= 0.172. */
function atanhTail(z: number): number {
  const far = z * (1 / 15 + z * (1 / 17 + z * (1 / 19 + z * (1 / 21 + z * (1 / 23)))));
  return z * (1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9 + z * (1 / 11 + z * (1 / 13 + far))))));
}

/** e to the power of x + rest, rest being a few units in x's last place at most. */
export function exp(x: number, rest = 0): number {
  if (!(x <= 709.782712893384)) return x > 0 ? Infinity : NaN;
  if (x < -745.1332191019412) return 0;
  const k = Math.round(x / LN2_HIGH);
  const r = x - k * LN2_HIGH + (rest - k * LN2_LOW);
  const far = 1 / 3628800 + r * (1 / 39916800 + r * (1 / 479001600 + r * (1 / 6227020800)));
  const near = 1 / 720 + r * (1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r * far)));
  const tail = 1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * near)));
  const half = k >> 1;
  return (1 + (r + r * r * tail)) * shifted(1, -half) * shifted(1, half - k);
}

/** a·b − p exactly, p being the rounded product: halves of factors multiply without error. */
function productError(a: number, b: number, p: number): number {
  const [aHigh, bHigh] = [upperHalf(a), upperHalf(b)];
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  return aHigh * bHigh - p + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

function upperHalf(a: number): number {
  const shifted = a * 0x8000001;
  return shifted - (shifted - a);
}
