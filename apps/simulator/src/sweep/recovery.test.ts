import { expect, test } from 'vitest';
import type { HostFact } from '@orrery/actor';
import type { FactKind, Facts } from '@orrery/proto';
import { Recoveries } from './recovery.ts';

const SECOND = 1_000_000_000;

function factOf<K extends FactKind>(second: number, kind: K, address: string, payload: Partial<Facts[K]>) {
  return { time: second * SECOND, kind, address, payload } as unknown as HostFact;
}

const inject = (second: number, faultId: string) =>
  factOf(second, 'faultInjected', 'dc', { faultId, kind: 'node.panic', target: 'cn-0001' });

test('recovery is from the first loss to the last part that is back, whoever brought it back', () => {
  const recoveries = new Recoveries();
  recoveries.observe(inject(10, 'f1'), 'f1');
  recoveries.observe(factOf(11, 'nodeStateChanged', 'cn-0001', { state: 'panicked' }), 'f1');
  recoveries.observe(factOf(12, 'zoneStateChanged', 'cn-0001/vm/a', { zoneState: 'installed' }), 'f1');
  recoveries.observe(factOf(70, 'nodeStateChanged', 'cn-0001', { state: 'running' }), undefined);
  recoveries.observe(factOf(80, 'zoneBooted', 'cn-0001/vm/a', {}), 'f1');
  expect(recoveries.results()).toMatchObject([
    { fault: 'f1', kind: 'node.panic', target: 'cn-0001', lostAt: 11 * SECOND, backAt: 80 * SECOND },
  ]);
});

test('what is not back has not recovered; what brings nothing down has nothing to recover', () => {
  const recoveries = new Recoveries();
  recoveries.observe(inject(10, 'f1'), 'f1');
  recoveries.observe(inject(10, 'f2'), 'f2');
  recoveries.observe(factOf(11, 'poolStateChanged', 'cn-0001/pool/zones', { state: 'DEGRADED' }), 'f1');
  recoveries.observe(factOf(12, 'linkStateChanged', 'net', { link: 'uplink/a', up: false }), 'f1');
  recoveries.observe(factOf(20, 'linkStateChanged', 'net', { link: 'uplink/a', up: true }), 'f1');
  // Of a loss that goes back to no fault nothing is known.
  recoveries.observe(factOf(21, 'poolStateChanged', 'cn-0002/pool/zones', { state: 'DEGRADED' }), undefined);
  expect(recoveries.results()).toMatchObject([
    { fault: 'f1', lostAt: 11 * SECOND, backAt: undefined },
    { fault: 'f2', lostAt: undefined, backAt: undefined },
  ]);
});

test('a node is reached again when it is no longer among those cut off', () => {
  const recoveries = new Recoveries();
  recoveries.observe(inject(10, 'f1'), 'f1');
  recoveries.observe(factOf(11, 'pathsChanged', 'net', { unreachable: ['cn-0001', 'cn-0002'] }), 'f1');
  recoveries.observe(factOf(20, 'pathsChanged', 'net', { unreachable: ['cn-0002'] }), undefined);
  recoveries.observe(factOf(25, 'pathsChanged', 'net', { unreachable: [] }), undefined);
  expect(recoveries.results()).toMatchObject([{ lostAt: 11 * SECOND, backAt: 25 * SECOND }]);
});
