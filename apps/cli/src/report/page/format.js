/** How numbers and moments read on the page. */

/** @param {number} seconds @returns {string} `00:02:15`, with a tenth where `step` is finer than a second */
export function clock(seconds, step = 1) {
  const whole = Math.floor(seconds);
  const two = (value) => String(value).padStart(2, '0');
  const base = `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return step < 1
    ? `${base}.${Math.round((seconds - whole) * 1000)
        .toString()
        .padStart(3, '0')}`
    : base;
}

/** @param {number} value @returns {string} three digits that matter */
export function short(value) {
  const size = Math.abs(value);
  if (size >= 1e6) return `${trim(value / 1e6)} M`;
  if (size >= 1e4) return `${trim(value / 1e3)} k`;
  return trim(value);
}

function trim(value) {
  const size = Math.abs(value);
  if (value === 0 || size >= 100) return String(Math.round(value));
  if (size >= 10) return String(Number(value.toFixed(1)));
  return String(Number(value.toPrecision(3)));
}

/** @param {number} ms @returns {string} in the unit that suits it */
export function duration(ms) {
  if (ms >= 600_000) return `${trim(ms / 60_000)} min`;
  if (ms >= 1_000) return `${trim(ms / 1_000)} s`;
  if (ms >= 1) return `${trim(ms)} ms`;
  return ms === 0 ? '0' : `${trim(ms * 1_000)} µs`;
}
