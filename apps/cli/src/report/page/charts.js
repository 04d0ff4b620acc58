/** Line charts and stacked charts, with the run's faults as vertical lines. */
import { clock } from './format.js';
import { colour, lineColour } from './theme.js';
import { join, showAll, zoomed } from './zoom.js';

const HEIGHT = 210;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** A card with a heading. @returns {{card: HTMLElement, head: HTMLElement, body: HTMLElement}} */
export function makeCard(title, unit, isWide = false) {
  const card = document.createElement('div');
  card.className = isWide ? 'card wide' : 'card';
  const head = document.createElement('div');
  head.className = 'card-head';
  const heading = document.createElement('h2');
  heading.textContent = title;
  const small = document.createElement('span');
  small.className = 'unit';
  small.textContent = unit;
  head.append(heading, small);
  const body = document.createElement('div');
  body.className = 'plot';
  card.append(head, body);
  return { card, head, body };
}

/** The axis of time, as all charts have it. */
export function timeAxis() {
  return {
    stroke: colour('muted'),
    grid: { stroke: colour('grid'), width: 1 },
    ticks: { stroke: colour('grid'), width: 1, size: 5 },
    font: '12px system-ui, sans-serif',
    space: 76,
    size: 32,
    incrs: STEPS,
    values: (_chart, splits) => splits.map((seconds) => clock(seconds)),
  };
}

/** Cursor that is shared: its line runs through all charts, its drag zooms all. */
export function sharedCursor() {
  return {
    y: false,
    drag: { x: true, y: false, setScale: true },
    sync: { key: 'orrery', filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' } },
    bind: {
      dblclick: () => () => {
        showAll();
        return null;
      },
    },
  };
}

/** Draws the run's faults through a chart. */
export function drawMarkers(chart, markers) {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.strokeStyle = colour('fault');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  for (const { time } of markers) {
    const x = Math.round(chart.valToPos(time, 'x', true));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/** Makes a chart as wide as its place, and keeps it so. */
export function mount(body, options, data) {
  const chart = new uPlot({ ...options, width: Math.max(280, body.clientWidth) }, data, body);
  const observer = new ResizeObserver(() => {
    const width = Math.max(280, body.clientWidth);
    if (width !== chart.width) chart.setSize({ width, height: chart.height });
  });
  observer.observe(body);
  join(chart);
  return chart;
}

function stacked(series) {
  const sums = [];
  let before = series[0].values.map(() => 0);
  for (const { values } of series) {
    before = before.map((sum, at) => sum + (values[at] ?? 0));
    sums.push(before);
  }
  return sums;
}

function lineOf(line, index, { format, isStacked }, raw) {
  const stroke = lineColour(line.colour ?? index);
  return {
    label: line.name,
    stroke,
    width: isStacked ? 0 : 1.5,
    fill: isStacked ? stroke : undefined,
    points: { show: false },
    spanGaps: false,
    value: (_chart, _value, _series, at) => {
      const value = at === null || at === undefined ? null : raw[at];
      return value === null || value === undefined ? '–' : format(value);
    },
  };
}

function rangeOf(isLog) {
  if (!isLog) return (_chart, _min, max) => [0, max > 0 ? max * 1.08 : 1];
  return (_chart, min, max) => {
    if (min === null || max === null) return [0.1, 10];
    const low = 10 ** Math.floor(Math.log10(Math.max(min, 1e-4)));
    return [low, Math.max(10 ** Math.ceil(Math.log10(Math.max(max, 1e-4))), low * 10)];
  };
}

/**
 * A chart of series over time.
 * @param {HTMLElement} body
 * @param {{x: number[], series: {name: string, values: (number|null)[]}[], format: (value: number) => string,
 *   isStacked?: boolean, isLog?: boolean, markers: {time: number}[]}} plot
 */
export function drawChart(body, plot) {
  const { x, series, format, isStacked = false, isLog = false, markers } = plot;
  const raw = series.map(({ values }) =>
    isLog ? values.map((value) => (value === 0 ? null : value)) : values,
  );
  const drawn = isStacked ? stacked(series) : raw;
  const order = series.map((_, at) => at);
  if (isStacked) order.reverse();
  const lineColours = order.map((at) => lineColour(series[at].colour ?? at));
  return mount(
    body,
    {
      height: HEIGHT,
      padding: [12, 30, 0, 0],
      legend: { markers: { width: 0, fill: (_chart, at) => lineColours[at - 1] } },
      cursor: sharedCursor(),
      scales: { x: { time: false }, y: { distr: isLog ? 3 : 1, range: rangeOf(isLog) } },
      axes: [
        timeAxis(),
        {
          ...timeAxis(),
          incrs: undefined,
          space: 34,
          size: 62,
          values: (_chart, splits) => splits.map((value) => (value === null ? '' : format(value))),
        },
      ],
      series: [
        { label: 'at', value: (_chart, value) => (value === null ? '–' : clock(value)) },
        ...order.map((at) => lineOf(series[at], at, { format, isStacked }, raw[at])),
      ],
      hooks: {
        setScale: [(chart, key) => key === 'x' && zoomed(chart)],
        draw: [(chart) => drawMarkers(chart, markers)],
      },
    },
    [x, ...order.map((at) => drawn[at])],
  );
}
