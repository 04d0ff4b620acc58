import { describe, expect, test } from 'vitest';
import { factNumbers, type FactKind, type Facts } from '@orrery/proto';
import { encodeFact } from '@orrery/proto/codec';
import { loadDatacenter, starterFiles } from '@orrery/spec';
import { caseRows, faultRows, nodeRows, poolRows, vmRows } from './rows.ts';
import { foldFact } from './fold.ts';
import { newView } from './state.ts';

const files = new Map(starterFiles.map(({ path, text }) => [path, text]));
const loaded = loadDatacenter({ read: (path) => files.get(path) }, 'datacenter.yaml');
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
const datacenter = loaded.value;
const [node] = datacenter.nodes;
const [vm] = datacenter.vms;
if (node === undefined || vm === undefined) throw new Error('the starter has a node and a VM');
const pool = `${node.address}/pool/zones`;
const zone = `${node.address}/zone/${vm.uuid}`;
const addresses = new Map([
  [1, node.address],
  [2, pool],
  [3, zone],
  [4, `fm/${node.address}`],
  [5, 'headnode'],
]);
const SECOND = 1_000_000_000;

function viewAfter(...facts: { [K in FactKind]: [number, number, K, Facts[K]] }[FactKind][]) {
  const view = newView(datacenter, addresses);
  facts.forEach(([actor, seconds, kind, payload], i) =>
    foldFact(view, {
      actor,
      n: i + 1,
      time: seconds * SECOND,
      kind: factNumbers[kind],
      payload: encodeFact(factNumbers[kind], payload),
    }),
  );
  return view;
}

describe('the view', () => {
  test('begins as the specification says', () => {
    const view = viewAfter();
    expect(nodeRows(view, node.address, 0)).toMatchObject([{ state: 'running', status: 'running' }]);
    expect(poolRows(view, pool)).toMatchObject([{ address: pool, state: 'ONLINE', vdevs: [] }]);
  });

  test('follows a node through a panic', () => {
    const view = viewAfter(
      [1, 5, 'nodeStateChanged', { stateBefore: 'running', state: 'panicked', reason: 'memory' }],
      [
        5,
        30,
        'serverStatusChanged',
        { server: node.address, statusBefore: 'running', status: 'unknown', lastHeartbeat: 0 },
      ],
    );
    expect(nodeRows(view, node.address, 40 * SECOND)).toMatchObject([
      { state: 'panicked', since: 5 * SECOND, status: 'unknown' },
    ]);
  });

  test('shows what a VM served only while that is fresh', () => {
    const served: Facts['zoneServed'] = {
      from: 9 * SECOND,
      requests: 100,
      errors: 1,
      refused: 2,
      timeouts: 0,
      latency: [
        { upperNs: 8000, count: 1 },
        { upperNs: 1000, count: 99 },
      ],
      ledger: [],
      latencyNs: 200_000,
      arcHits: 0,
      arcMisses: 0,
      cpuNs: 0,
      arcBytes: 0,
      workingSetBytes: 0,
      readBytes: 0,
    } as unknown as Facts['zoneServed'];
    const view = viewAfter([3, 10, 'zoneServed', served]);
    expect(vmRows(view, vm.alias, '', 10 * SECOND)).toMatchObject([
      { requestsPerSecond: 100, errors: 3, meanNs: 2000, p99Ns: 1000 },
    ]);
    expect(vmRows(view, vm.alias, '', 20 * SECOND)).toMatchObject([{ requestsPerSecond: 0, meanNs: 0 }]);
  });

  test('follows a pool from its fault to the end of its resilver', () => {
    const down = {
      pool: 'zones',
      vdev: 'c0t0d0',
      stateBefore: 'ONLINE',
      state: 'FAULTED',
      aux: 'too many errors',
    };
    const view = viewAfter(
      [2, 1, 'vdevStateChanged', down],
      [2, 1, 'poolStateChanged', { pool: 'zones', stateBefore: 'ONLINE', state: 'DEGRADED' }],
      [2, 2, 'resilverStarted', { pool: 'zones', vdev: 'c0t9d0', bytes: 100 }],
      [2, 3, 'resilverProgressed', { pool: 'zones', vdev: 'c0t9d0', doneBytes: 40, totalBytes: 100 }],
    );
    expect(poolRows(view, pool)).toMatchObject([
      {
        state: 'DEGRADED',
        resilvering: 'c0t9d0',
        resilverDoneBytes: 40,
        vdevs: [{ vdev: 'c0t0d0', state: 'FAULTED', aux: 'too many errors' }],
      },
    ]);
  });

  test('tells faults that are over from those that are not', () => {
    const fault = (faultId: string) => ({
      faultId,
      kind: 'disk.slow',
      target: `${node.address}/disk/${faultId}`,
    });
    const view = viewAfter(
      [2, 1, 'faultInjected', { ...fault('f1'), params: [], askedBy: 'a' }],
      [2, 1, 'faultInjected', { ...fault('f2'), params: [], askedBy: 'a' }],
      [2, 1, 'faultInjected', { ...fault('f3'), params: [], askedBy: 'a' }],
      [2, 2, 'faultReverted', { ...fault('f1'), askedBy: 'a' }],
      [2, 3, 'partRepaired', { kind: 'disk.replace', target: `${node.address}/disk/f2`, askedBy: 'a' }],
    );
    expect(faultRows(view, true, () => 9).map(({ faultId, revertAt }) => [faultId, revertAt])).toEqual([
      ['f3', 9],
    ]);
    expect(faultRows(view, false, () => 9).map(({ revertAt }) => revertAt)).toEqual([0, 0, 9]);
  });

  test('keeps a case until it is repaired', () => {
    const suspect = {
      class: 'fault.fs.zfs.vdev.io',
      certainty: 100,
      resource: 'cn-0001/disk/c0t0d0',
      fru: '',
      asru: '',
    };
    const listed = {
      uuid: 'c1',
      code: 'ZFS-8000-FD',
      severity: 'Major',
      engine: 'zfs-diagnosis',
      suspects: [suspect],
      firstEreportAt: 0,
      message: true,
    };
    const change = { uuid: 'c1', code: 'ZFS-8000-FD', stateBefore: 'SOLVED' };
    const open = viewAfter(
      [4, 1, 'suspectListed', listed],
      [4, 2, 'caseStateChanged', { ...change, state: 'CLOSED' }],
    );
    expect(caseRows(open, true)).toMatchObject([{ node: node.address, suspects: [suspect.resource] }]);
    foldFact(open, {
      actor: 4,
      n: 3,
      time: 3 * SECOND,
      kind: factNumbers.caseStateChanged,
      payload: encodeFact(factNumbers.caseStateChanged, { ...change, state: 'REPAIRED' }),
    });
    expect(caseRows(open, true)).toEqual([]);
  });
});
