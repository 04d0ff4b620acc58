import { Behind, type Facts, Place } from '@orrery/proto';
import { expect, test } from 'vitest';
import type { Span } from '../span.ts';
import { collectingTracer, factTeller, MS, observeRequest, S } from '../testing.case.ts';
import type { Tracer } from '../tracer.ts';

const disk = 'cn-0001/disk/c0t2d0';
const pool = 'cn-0001/pool/zones';

/** disk.fail, the diagnosis after 15 s, a spare, a resilver of 446 s; replaced at 720 s and resilvered back. */
function diskDies(tracer: Tracer): void {
  const tell = factTeller(tracer.observeFact);
  const askedBy = 'scenario.yaml:31';
  const f1 = { faultId: 'f1', kind: 'disk.fail', target: disk, askedBy };
  const params = [{ name: 'mode', number: 0, text: 'errors' }];
  const injected = tell(120 * S, disk, 'faultInjected', { ...f1, params });
  const errored = tell(
    120 * S + 20 * MS,
    disk,
    'diskErrored',
    { disk: 'c0t2d0', kind: 'io', count: 14 },
    injected,
  );
  const name = 'ereport.fs.zfs.probe_failure';
  const ereport = tell(
    120 * S + 21 * MS,
    disk,
    'ereportPosted',
    { class: name, detector: disk, count: 1, payload: [] },
    errored,
  );
  const suspects = [{ class: 'fault.fs.zfs.vdev.io', certainty: 100, resource: disk, fru: disk, asru: '' }];
  const listed = tell(
    135 * S,
    'fm/cn-0001',
    'suspectListed',
    {
      uuid: '3f9c',
      code: 'ZFS-8000-FD',
      severity: 'Major',
      engine: 'zfs-diagnosis',
      suspects,
      firstEreportAt: 120 * S + 21 * MS,
      message: true,
    },
    ereport,
  );
  const retired = tell(
    135 * S,
    'fm/cn-0001',
    'resourceRetired',
    { caseUuid: '3f9c', resource: disk, action: 'fault' },
    listed,
  );
  const vdev = { pool: 'zones', vdev: 'c0t2d0' };
  const faulted = tell(
    135.1 * S,
    pool,
    'vdevStateChanged',
    { ...vdev, stateBefore: 'ONLINE', state: 'FAULTED', aux: 'too many errors' },
    retired,
  );
  const degraded = tell(
    135.1 * S,
    pool,
    'poolStateChanged',
    { pool: 'zones', stateBefore: 'ONLINE', state: 'DEGRADED' },
    faulted,
  );
  const spare = tell(
    135.1 * S,
    pool,
    'spareActivated',
    { pool: 'zones', spare: 'c0t6d0', original: 'c0t2d0' },
    degraded,
  );
  const started = tell(
    135.1 * S,
    pool,
    'resilverStarted',
    { pool: 'zones', vdev: 'c0t6d0', bytes: 20 },
    spare,
  );
  tell(
    581 * S,
    pool,
    'resilverFinished',
    { pool: 'zones', vdev: 'c0t6d0', bytes: 20, errors: 0, tookNs: 446 * S },
    started,
  );
  const replaced = tell(720 * S, disk, 'partRepaired', { kind: 'disk.replace', target: disk, askedBy });
  const again = tell(
    720 * S,
    pool,
    'resilverStarted',
    { pool: 'zones', vdev: 'c0t2d0', bytes: 20 },
    replaced,
  );
  const done = tell(
    1_142 * S,
    pool,
    'resilverFinished',
    { pool: 'zones', vdev: 'c0t2d0', bytes: 20, errors: 0, tookNs: 422 * S },
    again,
  );
  tell(
    1_142 * S,
    pool,
    'vdevStateChanged',
    { ...vdev, stateBefore: 'FAULTED', state: 'ONLINE', aux: '' },
    done,
  );
  tell(1_142 * S, pool, 'spareReturned', { pool: 'zones', spare: 'c0t6d0' }, done);
  tell(
    1_142 * S,
    pool,
    'poolStateChanged',
    { pool: 'zones', stateBefore: 'DEGRADED', state: 'ONLINE' },
    done,
  );
  tell(1_142.1 * S, 'fm/cn-0001', 'caseStateChanged', {
    uuid: '3f9c',
    code: 'ZFS-8000-FD',
    stateBefore: 'CLOSED',
    state: 'RESOLVED',
  });
}

function outline(spans: Span[]): (string | number)[][] {
  return spans.map((span) => [span.service, span.name, span.start / S, span.end / S]);
}

function parentName(spans: Span[], name: string): string | undefined {
  const child = spans.find((span) => span.name === name);
  return spans.find((span) => span.spanId === child?.parentSpanId)?.name;
}

test('disk-dies reads as one trace: injection, diagnosis, retire, spare, resilver, repair', () => {
  const { tracer, spans } = collectingTracer();
  diskDies(tracer);
  tracer.finish(1_200 * S);
  expect(new Set(spans.map((span) => span.traceId)).size).toBe(1);
  expect(outline(spans)).toEqual([
    ['storage', 'fault f1 disk.fail', 120, 120],
    ['fma', 'diagnose ZFS-8000-FD', 120.021, 135],
    ['fma', 'fault c0t2d0', 135, 135],
    ['storage', 'errors of c0t2d0', 120.02, 120.02],
    ['storage', 'ereports of c0t2d0', 120.021, 120.021],
    ['storage', 'resilver zones', 135.1, 581],
    ['storage', 'repair disk.replace', 720, 720],
    ['storage', 'resilver zones', 720, 1_142],
    ['storage', 'c0t2d0 FAULTED', 135.1, 1_142],
    ['storage', 'spare c0t6d0 in use', 135.1, 1_142],
    ['storage', 'zones DEGRADED', 135.1, 1_142],
    ['fma', 'case ZFS-8000-FD', 135, 1_142.1],
  ]);
  expect(parentName(spans, 'resilver zones')).toBe('zones DEGRADED');
  expect(parentName(spans, 'spare c0t6d0 in use')).toBe('zones DEGRADED');
  expect(parentName(spans, 'fault c0t2d0')).toBe('case ZFS-8000-FD');
  expect(parentName(spans, 'diagnose ZFS-8000-FD')).toBe('fault f1 disk.fail');
  expect(spans[1].events.map((event) => event.name)).toEqual(['ereport.fs.zfs.probe_failure']);
  expect(spans[0].attributes).toMatchObject({ 'orrery.fault.param.mode': 'errors', 'host.name': 'cn-0001' });
});

test('spans lie inside their parents, the injection apart, which ends at once', () => {
  const { tracer, spans } = collectingTracer();
  diskDies(tracer);
  tracer.finish(1_200 * S);
  const [root] = spans;
  for (const span of spans.slice(1)) {
    const parent = spans.find((other) => other.spanId === span.parentSpanId);
    expect(parent, span.name).toBeDefined();
    expect(span.start).toBeGreaterThanOrEqual(parent?.start ?? Infinity);
    if (parent !== root) expect(span.end).toBeLessThanOrEqual(parent?.end ?? 0);
    expect(span.links[0].spanId).toBe(root.spanId);
  }
});

test('the slowest requests on the host are marked with the fault, linked to it and from the phases they overlapped', () => {
  const { tracer, spans } = collectingTracer();
  const slow = { trace: 1, start: 200 * S, took: 20 * MS };
  const elsewhere = { trace: 2, start: 200 * S, took: 20 * MS, host: 'cn-0002', error: 'timeout' };
  const before = { trace: 3, start: 100 * S, took: 20 * MS, error: 'timeout' };
  observeRequest(tracer, before);
  diskDies({
    ...tracer,
    observeFact: (fact) => {
      if (fact.time >= 581 * S && fact.kind === 'resilverFinished' && fact.time < 600 * S) {
        observeRequest(tracer, slow);
        observeRequest(tracer, elsewhere);
      }
      tracer.observeFact(fact);
    },
  });
  tracer.finish(1_200 * S);
  const roots = spans.filter((span) => span.name === 'load');
  expect(roots.map((span) => [span.start / S, span.attributes['orrery.fault.id']])).toEqual([
    [100, undefined],
    [200, undefined],
    [200, 'f1'],
  ]);
  const marked = roots[2];
  expect(marked.links.map((link) => link.spanId)).toEqual([
    spans.find((span) => span.name.startsWith('fault f1'))?.spanId,
  ]);
  const resilver = spans.find((span) => span.name === 'resilver zones');
  expect(resilver?.links.slice(1)).toMatchObject([
    { traceId: marked.traceId, spanId: marked.spanId, attributes: { 'orrery.latency_ms': 20 } },
  ]);
});

test('node-panics: panic, dump and boot inside node down; the head node and fma join the trace', () => {
  const { tracer, spans } = collectingTracer();
  const tell = factTeller(tracer.observeFact);
  const f1 = { faultId: 'f1', kind: 'memory.uncorrectable', target: 'cn-0002/dimm/3', askedBy: '' };
  const injected = tell(300 * S, 'cn-0002', 'faultInjected', { ...f1, params: [] });
  const detector = 'cn-0002/dimm/3';
  const ereport = tell(
    300 * S,
    'cn-0002',
    'ereportPosted',
    { class: 'ereport.cpu.intel.nb.mem_ue', detector, count: 1, payload: [] },
    injected,
  );
  const panic = tell(300 * S, 'cn-0002', 'nodePanicked', { message: 'uncorrectable memory error' }, ereport);
  let cause = panic;
  const state = (time: number, stateBefore: string, next: string) => {
    cause = tell(time, 'cn-0002', 'nodeStateChanged', { stateBefore, state: next, reason: 'panic' }, cause);
  };
  state(300 * S, 'running', 'panicked');
  const zone = { uuid: 'u1', alias: 'db-0', state: 'down', reason: 'panic' };
  tell(
    300 * S,
    'cn-0002/zone/u1',
    'zoneStateChanged',
    { ...zone, zoneStateBefore: 'running', zoneState: 'installed' },
    cause,
  );
  state(301 * S, 'panicked', 'dumping');
  const server = { server: 'cn-0002', lastHeartbeat: 298 * S };
  tell(315 * S, 'headnode', 'serverStatusChanged', { ...server, statusBefore: 'running', status: 'unknown' });
  state(321 * S, 'dumping', 'post');
  state(381 * S, 'post', 'booting');
  state(430 * S, 'booting', 'running');
  tell(431 * S, 'headnode', 'serverStatusChanged', { ...server, statusBefore: 'unknown', status: 'running' });
  tell(
    450 * S,
    'cn-0002/zone/u1',
    'zoneStateChanged',
    { ...zone, zoneStateBefore: 'ready', zoneState: 'running' },
    cause,
  );
  tracer.finish(600 * S);
  expect(new Set(spans.map((span) => span.traceId)).size).toBe(1);
  const told = spans.filter((span) => !span.name.startsWith('ereports'));
  expect(outline(told)).toEqual([
    ['compute-node', 'fault f1 memory.uncorrectable', 300, 300],
    ['compute-node', 'kernel panic', 300, 300],
    ['compute-node', 'panic', 300, 301],
    ['compute-node', 'dump', 301, 321],
    ['compute-node', 'POST', 321, 381],
    ['compute-node', 'boot', 381, 430],
    ['compute-node', 'node down', 300, 430],
    ['headnode', 'server unknown', 315, 431],
    ['compute-node', 'db-0 down', 300, 450],
  ]);
  for (const name of ['panic', 'dump', 'POST', 'boot']) expect(parentName(spans, name)).toBe('node down');
  const unknown = spans.find((span) => span.name === 'server unknown');
  expect(unknown?.attributes['smartos.joined']).toBe('place');
});

test('what is open at the end is exported and says so', () => {
  const { tracer, spans } = collectingTracer();
  const tell = factTeller(tracer.observeFact);
  const f1 = { faultId: 'f1', kind: 'link.down', target: 'uplink/tor-r1a', askedBy: '', params: [] };
  const cause = tell(10 * S, 'net', 'faultInjected', f1);
  tell(10 * S, 'net', 'linkStateChanged', { link: 'uplink/tor-r1a', up: false }, cause);
  tracer.finish(60 * S);
  expect(outline(spans)).toEqual([
    ['net', 'fault f1 link.down', 10, 10],
    ['net', 'link uplink/tor-r1a down', 10, 60],
  ]);
  expect(spans[1].attributes['orrery.open']).toBe(true);
  expect(tracer.counts).toEqual({ made: 2, emitted: 2, sampledOut: 0 });
});

test('a story of 4,000 phases is parted into traces under 2,000 spans, each with a linked root', () => {
  const { tracer, spans } = collectingTracer();
  const tell = factTeller(tracer.observeFact);
  const f1 = { faultId: 'f1', kind: 'link.flap', target: 'uplink/a', askedBy: '', params: [] };
  let cause = tell(0, 'net', 'faultInjected', f1);
  for (let i = 0; i < 8_000; i++) {
    cause = tell(i * MS, 'net', 'linkStateChanged', { link: 'uplink/a', up: i % 2 === 1 }, cause);
  }
  tracer.finish(60 * S);
  const sizes = new Map<string, number>();
  for (const { traceId } of spans) sizes.set(traceId, (sizes.get(traceId) ?? 0) + 1);
  expect(sizes.size).toBe(3);
  for (const size of sizes.values()) expect(size).toBeLessThan(2_000);
  const roots = spans.filter((span) => span.parentSpanId === '');
  expect(roots).toHaveLength(3);
  expect(roots.slice(1).every((span) => span.links[0].traceId === roots[0].traceId)).toBe(true);
});

test('the command that asked for it, and how the zones of the host served, are in the story', () => {
  const aliases = new Map([['u1', 'db-0']]);
  const { tracer, spans } = collectingTracer({ aliases });
  const tell = factTeller(tracer.observeFact);
  const serve = (second: number, requests: number, eachNs: number, queueNs: number) =>
    tell((second + 1) * S, 'cn-0001/zone/u1', 'zoneServed', {
      ...({} as Facts['zoneServed']),
      from: second * S,
      requests,
      errors: 0,
      refused: 0,
      latencyNs: requests * (eachNs + queueNs),
      ledger: [
        { place: Place.DEVICE, behind: Behind.ITSELF, zone: 0, ns: requests * eachNs },
        { place: Place.VDEV_QUEUE, behind: Behind.RESILVER, zone: 0, ns: requests * queueNs },
      ],
    });
  for (let second = 0; second < 60; second++) serve(second, 100, MS, 0);
  const command = { kind: 'inject', target: disk, text: 'disk.slow on c0t2d0', askedBy: 'scenario.yaml:9' };
  const asked = tell(60 * S, 'outside', 'commandAccepted', command);
  const f1 = { faultId: 'f1', kind: 'disk.slow', target: disk, params: [], askedBy: 'scenario.yaml:9' };
  tell(60 * S, disk, 'faultInjected', f1, asked);
  for (let second = 60; second < 80; second++) serve(second, 50, MS, 3 * MS);
  tell(80 * S, disk, 'faultReverted', { faultId: 'f1', kind: 'disk.slow', target: disk, askedBy: '' });
  for (let second = 80; second < 100; second++) serve(second, 100, MS, 0);
  tracer.finish(100 * S);
  expect(outline(spans)).toEqual([
    ['storage', 'fault f1 disk.slow', 60, 60],
    ['headnode', 'command inject', 60, 60],
    ['compute-node', 'db-0 serves at first', 60, 65],
    ['storage', 'revert f1', 80, 80],
    ['compute-node', 'db-0 serves', 60, 80],
  ]);
  expect(spans[4].attributes).toMatchObject({
    'smartos.requests': 1_000,
    'smartos.errors': 0,
    'smartos.latency_ms.before': 1,
    'smartos.latency_ms': 4,
    'smartos.ledger.vdev_queue.resilver_ms.grown': 3,
  });
  expect(tracer.counts.made).toBe(5);
});
