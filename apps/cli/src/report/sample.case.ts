/** A made-up run for tests of the report: a disk dies, a node panics, requests slow down and come back. */
import type { HostFact } from '@orrery/actor';
import type { Bucket, FactKind, Facts, LedgerEntry } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';

export const S = 1_000_000_000;
const MS = 1_000_000;

const none = { actor: 0, n: 0 };

export function fact<K extends FactKind>(
  time: number,
  address: string,
  kind: K,
  payload: Facts[K],
): HostFact {
  return { actor: 1_048_576, n: 1, time, kind, address, payload, cause: none, record: undefined as never };
}

/** A fact's payload of which only some fields matter: numbers that are left out are 0. */
function partly<K extends FactKind>(fields: Partial<Facts[K]>): Facts[K] {
  return fields as Facts[K];
}

export function sampleScenario(seconds = 900): Scenario {
  const vm = (group: string, at: number) => ({ uuid: `${group}-${at}`, alias: `${group}-${at}`, group });
  const vms = [0, 1, 2].map((at) => vm('web', at)).concat([0, 1].map((at) => vm('db', at)));
  const nodes = ['cn-0001', 'cn-0002'].map((address) => ({
    address,
    cpus: 16,
    pools: [
      { name: 'zones', vdevs: [{ disks: ['c0t0d0', 'c0t1d0'] }], logs: [], spares: ['c0t6d0'], caches: [] },
    ],
  }));
  return {
    name: 'sample',
    title: 'A disk dies, then a node',
    datacenter: { start: 'running', nodes, vms, workloads: [], programs: [] },
    durationNs: seconds * S,
    phases: [
      { name: 'before', fromNs: 0, toNs: 120 * S },
      { name: 'during', fromNs: 120 * S, toNs: 570 * S },
      { name: 'after', fromNs: 570 * S, toNs: seconds * S },
    ],
    checks: [],
    print: { story: true, tables: [], vms: [] },
  } as unknown as Scenario;
}

/** How much slower than at rest a second is. */
function strain(second: number): number {
  if (second >= 120 && second < 566) return 3 + 2 * ((second * 7919) % 13 === 0 ? 1 : 0);
  if (second >= 700 && second < 780) return 6 - (second - 700) / 16;
  return 1;
}

function served(second: number, baseMs: number, requests: number): Facts['zoneServed'] {
  const slow = strain(second) * (1 + ((second * 31) % 17) / 60);
  const latency: Bucket[] = [
    { upperNs: Math.round(baseMs * slow * MS), count: requests - 3 },
    { upperNs: Math.round(3.4 * baseMs * slow * MS), count: 2 },
    { upperNs: Math.round(9 * baseMs * slow * MS), count: 1 },
  ];
  const entry = (place: number, behind: number, share: number): LedgerEntry => ({
    place: place as LedgerEntry['place'],
    behind: behind as LedgerEntry['behind'],
    zone: 0,
    ns: Math.round(requests * baseMs * MS * share),
  });
  const ledger = [entry(1, 0, 0.3), entry(12, 0, 0.5), entry(10, 0, 0.15), entry(11, 0, 0.05 * slow)];
  if (slow > 2) ledger.push(entry(11, 2, slow - 1));
  const latencyNs = ledger.reduce((sum, { ns }) => sum + ns, 0);
  return partly<'zoneServed'>({
    from: second * S,
    requests,
    errors: 0,
    refused: 0,
    timeouts: 0,
    latency,
    ledger,
    latencyNs,
    latencyNsMax: Math.round(9 * baseMs * slow * MS),
    arcHits: 0,
    arcMisses: 0,
  });
}

/** What happened, by second. */
function incidents(): HostFact[] {
  const disk = 'cn-0001/disk/c0t1d0';
  const pool = 'cn-0001/pool/zones';
  const f1 = { faultId: 'f1', kind: 'disk.fail', target: disk, params: [], askedBy: 'scenario.yaml:31' };
  const f2 = {
    faultId: 'f2',
    kind: 'memory.uncorrectable',
    target: 'cn-0002/dimm/3',
    params: [],
    askedBy: 'scenario.yaml:38',
  };
  const vdev = { pool: 'zones', vdev: 'c0t1d0', aux: '' };
  const suspects = [{ class: 'fault.fs.zfs.vdev.io', certainty: 100, resource: disk, fru: disk, asru: '' }];
  const listed = {
    uuid: '3f9c21aa',
    code: 'ZFS-8000-FD',
    severity: 'Major',
    engine: 'zfs-diagnosis',
    suspects,
    firstEreportAt: 120 * S,
    message: true,
  };
  const node = (time: number, stateBefore: string, state: string) =>
    fact(time * S, 'cn-0002', 'nodeStateChanged', { stateBefore, state, reason: '' });
  const zone = (time: number, zoneStateBefore: string, zoneState: string) =>
    fact(time * S, 'cn-0002/zone/db-1', 'zoneStateChanged', {
      uuid: 'db-1',
      alias: 'db-1',
      zoneStateBefore,
      zoneState,
      state: '',
      reason: '',
    });
  return [
    fact(120 * S, disk, 'faultInjected', f1),
    fact(135 * S, 'fm/cn-0001', 'suspectListed', listed),
    fact(135 * S, pool, 'vdevStateChanged', {
      ...vdev,
      stateBefore: 'ONLINE',
      state: 'FAULTED',
      aux: 'too many errors',
    }),
    fact(135 * S, pool, 'poolStateChanged', { pool: 'zones', stateBefore: 'ONLINE', state: 'DEGRADED' }),
    fact(135 * S, pool, 'resilverStarted', { pool: 'zones', vdev: 'c0t6d0', bytes: 21e9 }),
    fact(566 * S, pool, 'resilverFinished', {
      pool: 'zones',
      vdev: 'c0t6d0',
      bytes: 21e9,
      errors: 0,
      tookNs: 431 * S,
    }),
    fact(570 * S, disk, 'partRepaired', { kind: 'disk.replace', target: disk, askedBy: 'scenario.yaml:40' }),
    fact(570 * S, pool, 'vdevStateChanged', { ...vdev, stateBefore: 'FAULTED', state: 'ONLINE' }),
    fact(570 * S, pool, 'poolStateChanged', { pool: 'zones', stateBefore: 'DEGRADED', state: 'ONLINE' }),
    fact(571 * S, 'fm/cn-0001', 'caseStateChanged', {
      uuid: '3f9c21aa',
      code: 'ZFS-8000-FD',
      stateBefore: 'CLOSED',
      state: 'RESOLVED',
    }),
    fact(600 * S, 'cn-0002', 'faultInjected', f2),
    fact(600 * S, 'cn-0002', 'nodePanicked', { message: 'uncorrectable memory error' }),
    node(600, 'running', 'panicked'),
    zone(600, 'running', 'installed'),
    node(601, 'panicked', 'dumping'),
    fact(615 * S, 'headnode', 'serverStatusChanged', {
      server: 'cn-0002',
      statusBefore: 'running',
      status: 'unknown',
      lastHeartbeat: 598 * S,
    }),
    node(621, 'dumping', 'post'),
    node(650, 'post', 'booting'),
    node(690, 'booting', 'running'),
    fact(691 * S, 'headnode', 'serverStatusChanged', {
      server: 'cn-0002',
      statusBefore: 'unknown',
      status: 'running',
      lastHeartbeat: 691 * S,
    }),
    zone(700, 'ready', 'running'),
  ];
}

/** All facts of the run, in order of time. */
export function sampleFacts(seconds = 900): HostFact[] {
  const facts = incidents().filter((each) => each.time < seconds * S);
  for (let second = 0; second < seconds; second++) {
    const time = (second + 1) * S;
    const isDown = second >= 600 && second < 700;
    const loaded = Math.min(1, strain(second) / 3);
    for (const at of [0, 1, 2])
      facts.push(fact(time, `cn-0001/zone/web-${at}`, 'zoneServed', served(second, 6, 40 + (second % 7))));
    facts.push(fact(time, 'cn-0001/zone/db-0', 'zoneServed', served(second, 1.2, 120 + (second % 11))));
    if (!isDown)
      facts.push(fact(time, 'cn-0002/zone/db-1', 'zoneServed', served(second, 1.2, 118 + (second % 13))));
    else
      facts.push(
        fact(
          time,
          'client/load',
          'clientServed',
          partly<'clientServed'>({
            from: second * S,
            timeouts: 30 + (second % 5),
            ledger: [],
            latencyNs: 0,
            latency: [],
            target: 'db-1',
          }),
        ),
      );
    for (const node of ['cn-0001', 'cn-0002']) {
      if (isDown && node === 'cn-0002') continue;
      const busyNs = Math.round((0.25 + 0.7 * loaded * (node === 'cn-0001' ? 1 : 0.4)) * S);
      facts.push(fact(time, `${node}/disk/c0t0d0`, 'diskServed', partly<'diskServed'>({ busyNs })));
      const arcBytes = node === 'cn-0002' && second >= 700 ? (second - 700) * 24e6 : 21e9;
      facts.push(
        fact(time, `${node}/os`, 'nodeServed', {
          from: second * S,
          cpuNs: 5.2 * S * (0.9 + ((second * 13) % 9) / 40),
          arcBytes,
          dirtyBytes: 0,
          throttledZones: 0,
        }),
      );
      facts.push(
        fact(
          time,
          'net',
          'linkServed',
          partly<'linkServed'>({
            link: `${node}/nic/ixgbe0`,
            utilizationPpm: 90_000 + ((second * 37) % 50) * 600,
          }),
        ),
      );
    }
  }
  return facts.sort((a, b) => a.time - b.time);
}
