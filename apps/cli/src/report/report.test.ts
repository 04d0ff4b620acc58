import { expect, test } from 'vitest';
import { Observer } from '@orrery/simulator';
import { createReportCollector } from './collector.ts';
import { bucketWidth } from './buckets.ts';
import type { Answer, ReportData } from './model.ts';
import { createParts, observeParts, partSeries } from './parts.ts';
import { embedJson, renderReport } from './render.ts';
import { fact, S, sampleFacts, sampleScenario } from './sample.case.ts';

function sampleData(answers: Answer[] = []): ReportData {
  const scenario = sampleScenario();
  const collector = createReportCollector(scenario);
  const observer = new Observer(scenario);
  for (const each of sampleFacts()) {
    collector.observe(each);
    observer.observe(each);
  }
  return collector.data(7, '5d0c8a1e93b7f264', observer, answers);
}

test('a group has its rate, percentiles and errors second by second', () => {
  const { groups, x, step } = sampleData();
  expect([x.length, step]).toEqual([900, 1]);
  expect(groups.map(({ name, vms }) => [name, vms])).toEqual([
    ['web', 3],
    ['db', 2],
  ]);
  const [web, db] = groups;
  expect(web.rate[0]).toBe(120);
  // In the middle of the bucket that ends at 6 ms.
  expect(web.p50[0]).toBeCloseTo(5.94, 2);
  expect(web.p999[0]).toBe(54);
  expect(db.errors.slice(598, 603)).toEqual([0, 0, 30, 31, 32]);
  expect(web.ledger.at(-1)?.name).toBe('vdev queue behind resilver');
});

test('the ledger of a bucket is the mean of its requests', () => {
  const [web] = sampleData().groups;
  const at = (name: string) => web.ledger.find((account) => account.name === name)?.values[0];
  expect(at('on cpu')).toBeCloseTo(1.8, 3);
  expect(at('device')).toBeCloseTo(3, 3);
});

test('lanes say what was in which state, faults first', () => {
  const { lanes, markers } = sampleData();
  expect(lanes.map(({ name }) => name)).toEqual([
    'f1 disk.fail',
    'f2 memory.uncorrectable',
    'cn-0002',
    'cn-0002 VMs',
    'cn-0002 heartbeat',
    'cn-0001 pool zones',
    'cn-0001 disk c0t1d0',
    'cn-0001 resilver',
    'case ZFS-8000-FD',
  ]);
  const segments = (name: string) =>
    lanes.find((lane) => lane.name === name)?.segments.map(({ from, to, text }) => [from, to, text]);
  expect(segments('f1 disk.fail')).toEqual([[120, 570, 'cn-0001/disk/c0t1d0']]);
  expect(segments('cn-0002')).toEqual([
    [0, 600, 'running'],
    [600, 601, 'panicked'],
    [601, 621, 'dumping'],
    [621, 650, 'post'],
    [650, 690, 'booting'],
    [690, 900, 'running'],
  ]);
  expect(markers).toEqual([
    { time: 120, text: 'f1' },
    { time: 600, text: 'f2' },
  ]);
});

test('pools, links, CPU and ARC are shares and sizes an operator knows', () => {
  const { pools, links, cpu, arc } = sampleData();
  expect(pools.map(({ name }) => name)).toEqual(['cn-0001 zones', 'cn-0002 zones']);
  expect(pools[0].values[200]).toBe(95);
  expect(links[0].values[0]).toBe(9);
  expect(cpu[0].values[0]).toBeCloseTo((5.2 * 0.9 * 100) / 16, 1);
  expect(arc[1].values[700]).toBe(0);
});

test('the ARC of a node that nobody asks anything stays as it is, until the node stops', () => {
  const parts = createParts(sampleScenario().datacenter, S);
  const arcBytes = 2 ** 30;
  const served = { from: 0, cpuNs: 0, arcBytes, dirtyBytes: 0, throttledZones: 0 };
  observeParts(parts, fact(S, 'cn-0001/os', 'nodeServed', served));
  const stopped = { stateBefore: 'running', state: 'off', reason: '' };
  observeParts(parts, fact(3 * S, 'cn-0001', 'nodeStateChanged', stopped));
  expect(partSeries(parts, 5).arc[0].values).toEqual([1, 1, 1, 0, 0]);
  expect(sampleData().arc[1].values[650]).toBe(0);
});

test('a run of eleven days is as large as one of fifteen minutes', () => {
  expect(bucketWidth(900 * S)).toBe(S);
  expect(bucketWidth(901 * S)).toBe(2 * S);
  const scenario = sampleScenario(950_400);
  const collector = createReportCollector(scenario);
  const down = { uuid: 'db-1', alias: 'db-1', state: '', reason: '' };
  for (let hour = 0; hour < 264; hour++) {
    const zoneStateBefore = hour % 2 === 0 ? 'running' : 'ready';
    const zoneState = hour % 2 === 0 ? 'installed' : 'running';
    collector.observe(
      fact(hour * 3_600 * S, 'cn-0002/zone/db-1', 'zoneStateChanged', {
        ...down,
        zoneStateBefore,
        zoneState,
      }),
    );
  }
  const data = collector.data(7, '', new Observer(scenario));
  expect(data.x.length).toBeLessThanOrEqual(900);
  expect(data.lanes[0].segments).toHaveLength(132);
});

test('the page needs nothing from elsewhere, and text cannot break out of it', () => {
  const hostile = '</script><img src=x onerror=alert(1)>';
  const data = { ...sampleData([{ question: 'why db-1', text: hostile }]), title: hostile };
  const page = renderReport(data);
  const has = (pattern: RegExp) => pattern.test(page);
  expect(has(/<(img|link|iframe)|<script[^>]* src/)).toBe(false);
  expect(has(/^(import|export) /m)).toBe(false);
  expect(has(/<dd>5d0c8a1e93b7f264</)).toBe(true);
  expect(embedJson({ text: hostile })).not.toContain('</script');
  expect(JSON.parse(embedJson({ text: hostile }))).toEqual({ text: hostile });
  expect(page.length).toBeLessThan(600_000);
});
