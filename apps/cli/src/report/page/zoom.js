/** One range of time for all charts: zooming in any of them zooms all. */
import { clock } from './format.js';

const charts = new Set();
const whole = { from: 0, to: 1 };
const shown = { from: 0, to: 1 };
let isSpreading = false;

/** @param {number} seconds length of the run */
export function startZoom(seconds) {
  whole.to = Math.max(seconds, 1);
  Object.assign(shown, whole);
  document.getElementById('reset').addEventListener('click', showAll);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') showAll();
  });
  say();
}

/** Adds a chart, at the range that is shown. */
export function join(chart) {
  charts.add(chart);
  spread();
}

export function leaveAll() {
  for (const chart of charts) chart.destroy();
  charts.clear();
}

export function leave(chart) {
  charts.delete(chart);
  chart.destroy();
}

/** Told by a chart whose range of time changed. */
export function zoomed(chart) {
  if (isSpreading || !charts.has(chart)) return;
  const { min, max } = chart.scales.x;
  if (min === null || max === null || (min === shown.from && max === shown.to)) return;
  showRange(min, max);
}

/** Shows [from, to], in seconds, cut to the run and never less than a second. */
export function showRange(from, to) {
  const middle = (from + to) / 2;
  const half = Math.max(0.5, (to - from) / 2);
  shown.from = Math.max(whole.from, middle - half);
  shown.to = Math.min(whole.to, middle + half);
  spread();
}

export function showAll() {
  showRange(whole.from, whole.to);
}

function spread() {
  isSpreading = true;
  for (const chart of charts) chart.setScale('x', { min: shown.from, max: shown.to });
  isSpreading = false;
  say();
}

function say() {
  const isWhole = shown.from === whole.from && shown.to === whole.to;
  document.getElementById('range').textContent = `${clock(shown.from)} – ${clock(shown.to)}`;
  document.getElementById('reset').disabled = isWhole;
  document.documentElement.dataset.from = String(shown.from);
  document.documentElement.dataset.to = String(shown.to);
}
