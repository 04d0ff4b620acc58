/** The hold model: with N events pending, take the earliest and put in one a random time later. */
import { EventQueue } from '@orrery/kernel';
import { ObjectHeap } from './baseline/object-heap.ts';
import { alternate, atLeast, seconds, type Findings, type Scale } from './measure.ts';

const WAIT_NS = 2_000_000_000;

/** Waits that both queues are given alike: uniform up to two simulated seconds. */
function waits(): Float64Array {
  const table = new Float64Array(65_536);
  let state = 12_345;
  for (let i = 0; i < table.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    table[i] = Math.floor(((state >>> 0) / 4_294_967_296) * WAIT_NS);
  }
  return table;
}

function holdColumns(pending: number, holds: number, table: Float64Array): number {
  const queue = new EventQueue();
  const add = (time: number, source: number, sequence: number) => {
    const slot = queue.push(time, 0, source, sequence);
    queue.target[slot] = source;
    queue.kind[slot] = 1;
    queue.payload[slot] = undefined;
  };
  for (let i = 0; i < pending; i++) add(table[i & 65_535], i, 0);
  return (
    holds /
    seconds(() => {
      for (let i = 0; i < holds; i++) {
        const slot = queue.pop();
        add(queue.time[slot] + table[i & 65_535], queue.source[slot], i);
      }
    })
  );
}

function holdObjects(pending: number, holds: number, table: Float64Array): number {
  const heap = new ObjectHeap();
  const add = (time: number, source: number, sequence: number) =>
    heap.push({ time, step: 0, source, sequence, target: source, kind: 1, payload: undefined });
  for (let i = 0; i < pending; i++) add(table[i & 65_535], i, 0);
  return (
    holds /
    seconds(() => {
      for (let i = 0; i < holds; i++) {
        const event = heap.pop();
        if (event !== undefined) add(event.time + table[i & 65_535], event.source, i);
      }
    })
  );
}

export async function queue(scale: Scale): Promise<Findings> {
  const findings: Findings = { rows: [], targets: [], notes: [] };
  const table = waits();
  for (const pending of scale.tiny ? [1e3] : [1e3, 1e5, 1e6]) {
    const holds = scale.tiny ? 5_000 : pending === 1e6 ? 1_000_000 : 2_000_000;
    const { rates, calibration } = await alternate(scale, {
      columns: () => holdColumns(pending, holds, table),
      objects: () => holdObjects(pending, holds, table),
    });
    const what = `queue, hold model, ${pending.toLocaleString('en')} pending`;
    const baseline = { what: 'heap of objects', value: rates.objects };
    findings.rows.push({ what, value: rates.columns, unit: 'holds/s', baseline, calibration });
    if (pending !== 1e5) continue;
    findings.targets.push(
      atLeast(what, rates.columns, 2e6, ' holds/s'),
      atLeast(`${what}, over a heap of objects`, rates.columns / rates.objects, 2, ' ×'),
    );
  }
  return findings;
}
