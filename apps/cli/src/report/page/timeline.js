/** The time line: a lane for each fault and each part that changed its state. */
import { drawMarkers, mount, sharedCursor, timeAxis } from './charts.js';
import { clock } from './format.js';
import { colour } from './theme.js';
import { zoomed } from './zoom.js';

const LANE = 24;
const FONT = '12px system-ui, sans-serif';

function widest(lanes) {
  const { ctx } = widest;
  ctx.font = FONT;
  return Math.max(60, ...lanes.map(({ name }) => ctx.measureText(name).width));
}
widest.ctx = document.createElement('canvas').getContext('2d');

function drawSegment(chart, segment, top) {
  const { ctx } = chart;
  const ratio = devicePixelRatio;
  const left = chart.valToPos(segment.from, 'x', true);
  const right = Math.max(chart.valToPos(segment.to, 'x', true), left + 3 * ratio);
  const { left: edge, width } = chart.bbox;
  if (right < edge || left > edge + width) return;
  ctx.fillStyle = colour(segment.tone);
  ctx.beginPath();
  ctx.roundRect(left, top + 3 * ratio, right - left, (LANE - 6) * ratio, 3 * ratio);
  ctx.fill();
  const from = Math.max(left, edge) + 6 * ratio;
  const room = Math.min(right, edge + width) - from - 4 * ratio;
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  if (ctx.measureText(segment.text).width > room) return;
  ctx.fillStyle = colour(`${segment.tone}-ink`);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.fillText(segment.text, from, top + (LANE / 2 + 0.5) * ratio);
}

function drawLanes(chart, lanes) {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  lanes.forEach(({ segments }, at) => {
    const top = chart.valToPos(lanes.length - at, 'y', true);
    for (const segment of segments) drawSegment(chart, segment, top);
  });
  ctx.restore();
}

/** What is under the cursor, in words. */
function underCursor(chart, lanes) {
  const { left, top } = chart.cursor;
  if (left === undefined || left < 0 || top === undefined || top < 0) return '';
  const lane = lanes[Math.floor(lanes.length - chart.posToVal(top, 'y'))];
  const time = chart.posToVal(left, 'x');
  const segment = lane?.segments.findLast(({ from, to }) => from <= time && time <= to);
  if (lane === undefined || segment === undefined) return clock(time);
  return `${lane.name}: ${segment.text}, ${clock(segment.from)} – ${clock(segment.to)}`;
}

/** @param {HTMLElement} body @param {HTMLElement} at where the words go */
export function drawTimeline(body, at, { lanes, markers, seconds }) {
  const names = (_chart, splits) => splits.map((split) => lanes[lanes.length - split - 0.5]?.name ?? '');
  mount(
    body,
    {
      height: lanes.length * LANE + 40,
      legend: { show: false },
      padding: [6, 34, 0, 0],
      cursor: sharedCursor(),
      scales: { x: { time: false }, y: { range: [0, lanes.length] } },
      axes: [
        timeAxis(),
        {
          stroke: colour('ink'),
          font: FONT,
          size: Math.min(280, widest(lanes) + 18),
          grid: { show: false },
          ticks: { show: false },
          splits: () => lanes.map((_, lane) => lane + 0.5),
          values: names,
        },
      ],
      series: [{}, { label: '', points: { show: false } }],
      hooks: {
        setScale: [(chart, key) => key === 'x' && zoomed(chart)],
        setCursor: [
          (chart) => {
            at.textContent = underCursor(chart, lanes);
          },
        ],
        draw: [
          (chart) => {
            drawLanes(chart, lanes);
            drawMarkers(chart, markers);
          },
        ],
      },
    },
    [
      [0, seconds],
      [null, null],
    ],
  );
}
