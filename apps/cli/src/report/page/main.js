/** Draws the page from its data. */
import { drawChart, makeCard } from './charts.js';
import { duration, short } from './format.js';
import { startTheme } from './theme.js';
import { drawTimeline } from './timeline.js';
import { leave, leaveAll, showRange, startZoom } from './zoom.js';

const data = JSON.parse(document.getElementById('data').textContent);
const place = document.getElementById('charts');
const percent = (value) => `${short(value)} %`;
const chosen = { percentile: 'p99', group: mostTroubled() };

/** The group whose latency rose most over its median bucket. */
function mostTroubled() {
  let most = 0;
  let found = 0;
  data.groups.forEach(({ p99 }, at) => {
    const values = p99.filter((value) => value !== null).sort((a, b) => a - b);
    if (values.length === 0) return;
    const rise = values[values.length - 1] / Math.max(values[values.length >> 1], 1e-6);
    if (rise <= most) return;
    most = rise;
    found = at;
  });
  return found;
}

function isFlat(series) {
  return series.every(({ values }) => values.every((value) => value === null || value === 0));
}

/** Buttons of which one is pressed. */
function makeChips(names, pressed, choose) {
  const chips = document.createElement('div');
  chips.className = 'chips';
  names.forEach((name, at) => {
    const chip = document.createElement('button');
    chip.type = 'button';
    chip.textContent = name;
    chip.setAttribute('aria-pressed', String(at === pressed));
    chip.addEventListener('click', () => {
      for (const other of chips.children) other.setAttribute('aria-pressed', String(other === chip));
      choose(at);
    });
    chips.append(chip);
  });
  return chips;
}

function addChart(title, unit, series, options) {
  if (series.length === 0 || isFlat(series)) return undefined;
  const made = makeCard(title, unit);
  place.append(made.card);
  const plot = { x: data.x, markers: data.markers, series, ...options };
  made.chart = drawChart(made.body, plot);
  made.redraw = (next) => {
    leave(made.chart);
    made.chart = drawChart(made.body, { ...plot, ...next });
  };
  return made;
}

function addTimeline() {
  if (data.lanes.length === 0) return;
  const more = data.lanesLeftOut === 0 ? '' : `${data.lanesLeftOut} more parts changed`;
  const { card, head, body } = makeCard('Faults and states', more, true);
  const at = document.createElement('span');
  at.className = 'at';
  head.append(at);
  place.append(card);
  drawTimeline(body, at, data);
}

function addGroups() {
  const { groups } = data;
  if (groups.length === 0) return;
  const of = (key) => groups.map((group) => ({ name: group.name, values: group[key] }));
  addChart('Requests', 'a second, by group of VMs', of('rate'), { format: short });
  const keys = ['p50', 'p99', 'p999'];
  const options = { format: duration, isLog: true };
  const latency = addChart('Latency', 'of the requests served', of(chosen.percentile), options);
  latency?.head.append(
    makeChips(keys, keys.indexOf(chosen.percentile), (at) => {
      chosen.percentile = keys[at];
      latency.redraw({ series: of(keys[at]) });
    }),
  );
  addOneGroup();
  addChart('Errors', 'a second: failed, refused, timed out', of('errors'), { format: short });
}

/** Accounts in their colours; what is left over is grey. */
function accounts({ ledger }) {
  const hasRest = ledger.length > 0 && ledger[0].name.endsWith(' other');
  return ledger.map((series, at) => ({ ...series, colour: hasRest ? (at + 8) % 9 : at }));
}

/** Latency and ledger of the group that is picked. */
function addOneGroup() {
  const { groups } = data;
  const pick = document.createElement('div');
  pick.className = 'wide pick';
  const heading = document.createElement('h2');
  heading.textContent = 'One group';
  pick.append(heading);
  place.append(pick);
  const lines = ({ p50, p99, p999 }) => [
    { name: 'p999', values: p999, colour: 3 },
    { name: 'p99', values: p99, colour: 1 },
    { name: 'p50', values: p50, colour: 0 },
  ];
  const group = groups[chosen.group];
  const latency = addChart('Latency', 'p50, p99, p999', lines(group), { format: duration, isLog: true });
  const options = { format: duration, isStacked: true };
  const ledger = addChart('Where the time went', 'mean of a request', accounts(group), options);
  const names = groups.map(({ name, vms }) => (vms > 1 ? `${name} × ${vms}` : name));
  pick.append(
    makeChips(names, chosen.group, (at) => {
      chosen.group = at;
      latency?.redraw({ series: lines(groups[at]) });
      if (groups[at].ledger.length > 0) ledger?.redraw({ series: accounts(groups[at]) });
    }),
  );
}

/** A card that is alone in the last row takes all of it. */
function fillLastRow() {
  const last = [...place.children];
  const since = last.findLastIndex((child) => child.classList.contains('wide'));
  if ((last.length - 1 - since) % 2 === 1) last[last.length - 1].classList.add('wide');
}

function drawAll() {
  leaveAll();
  place.replaceChildren();
  addTimeline();
  addGroups();
  addChart('Pools', 'busiest disk, share of the time', data.pools, { format: percent });
  addChart('Links', 'share of the rate', data.links, { format: percent });
  addChart('CPU', "share of a node's hardware threads", data.cpu, { format: percent });
  addChart('ARC', 'a node', data.arc, { format: (gib) => `${short(gib)} GiB` });
  fillLastRow();
}

startZoom(data.seconds);
startTheme(drawAll);
drawAll();
for (const button of document.querySelectorAll('[data-at]')) {
  button.addEventListener('click', () => {
    const at = Number(button.dataset.at);
    const half = Math.max(15, data.seconds / 30);
    showRange(at - half, at + half);
    place.scrollIntoView({ behavior: 'smooth' });
  });
}
