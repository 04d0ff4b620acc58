import { expect, test } from 'vitest';
import type { HostFact } from '@orrery/actor';
import type { FactKind, Facts } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import { Observer } from '../observer.ts';

const vm = (alias: string) => ({ uuid: `${alias}-uuid`, alias, group: alias });
const scenario = {
  datacenter: {
    vms: [vm('db'), vm('far')],
    nodes: [],
    workloads: [{ from: { kind: 'outside' }, to: ['db-uuid'] }],
  },
  phases: [],
  checks: [],
} as unknown as Scenario;

let n = 0;
function fact<K extends FactKind>(
  seconds: number,
  address: string,
  kind: K,
  payload: Partial<Facts[K]>,
  cause?: HostFact,
): HostFact {
  const back = cause === undefined ? { actor: 0, n: 0 } : { actor: cause.actor, n: cause.n };
  return {
    actor: 1,
    n: ++n,
    time: seconds * 1e9,
    address,
    kind,
    payload,
    cause: back,
  } as unknown as HostFact;
}

const inject = (seconds: number, faultId: string, kind: string, target: string) =>
  fact(seconds, target, 'faultInjected', { faultId, kind, target });
const list = (seconds: number, uuid: string, resource: string, cause?: HostFact) =>
  fact(
    seconds,
    'fm/cn-0001',
    'suspectListed',
    {
      uuid,
      code: uuid,
      severity: 'Major',
      message: true,
      suspects: [{ class: 'x', certainty: 100, resource, fru: '', asru: '' }],
    },
    cause,
  );

function observed(facts: readonly HostFact[]): Observer {
  const observer = new Observer(scenario);
  for (const each of facts) observer.observe(each);
  return observer;
}

test('a case goes to the fault that its ereports go back to, and to no node that merely holds the part', () => {
  const hang = inject(1, 'h', 'node.hang', 'cn-0001');
  const dies = inject(2, 'd', 'disk.fail', 'cn-0001/disk/c0t1d0');
  const other = inject(3, 'o', 'disk.slow', 'cn-0001/disk/c0t2d0');
  const ereport = fact(4, 'cn-0001/pool/zones', 'ereportPosted', {}, dies);
  const disk = 'cn-0001/disk/';
  const rows = observed([
    hang,
    dies,
    other,
    ereport,
    list(5, 'A', `${disk}c0t1d0`, ereport),
    list(6, 'B', `${disk}c0t2d0`),
  ]).faults();
  expect(rows.map(({ id, seenAs }) => [id, seenAs])).toEqual([
    ['h', ''],
    ['d', 'A'],
    ['o', 'B'],
  ]);
});

test('a replaced disk is over when its resilver is', () => {
  const target = 'cn-0001/disk/c0t1d0';
  const pool = 'cn-0001/pool/zones';
  const facts = [
    inject(1, 'd', 'disk.fail', target),
    fact(5, pool, 'resilverStarted', { vdev: 'c0t4d0' }),
    fact(8, pool, 'resilverFinished', { vdev: 'c0t4d0' }),
    fact(10, target, 'partRepaired', { kind: 'disk.replace', target }),
    fact(10, pool, 'resilverStarted', { vdev: 'c0t1d0' }),
  ];
  expect(observed(facts).faults()[0]).toMatchObject({ repairedAt: undefined, replacedAt: 10e9 });
  facts.push(fact(70, pool, 'resilverFinished', { vdev: 'c0t1d0' }));
  expect(observed(facts).faults()[0]).toMatchObject({ repairedAt: 70e9, replacedAt: undefined });
});

test('users feel a VM that gets slower or fails, as those say who ask it', () => {
  const facts: HostFact[] = [];
  const client = (second: number, latencyNs: number, errors: number) =>
    fact(second + 1, 'client/w', 'clientServed', {
      from: second * 1e9,
      target: 'db',
      requests: 10 - errors,
      errors,
      retries: 0,
      latencyNs: 10 * latencyNs,
      ledger: [],
    });
  const zone = (second: number) =>
    fact(second + 1, 'cn-0001/zone/far-uuid', 'zoneServed', {
      from: second * 1e9,
      requests: 10,
      errors: 0,
      refused: 0,
      latencyNs: 1e6,
      latency: [],
      ledger: [],
    });
  for (let second = 0; second < 60; second++) {
    const slow = second >= 20 && second < 30;
    const failing = second >= 40 && second < 50;
    facts.push(client(second, slow ? 2e6 : 1e6, failing ? 1 : 0), zone(second));
    if (second === 19) facts.push(inject(20, 's', 'disk.slow', 'cn-0001/disk/c0t1d0'));
    if (second === 29) facts.push(fact(30, 'cn-0001/disk/c0t1d0', 'faultReverted', { faultId: 's' }));
    if (second === 34) facts.push(inject(35, 'n', 'node.nothing', 'cn-0001'));
    if (second === 38) facts.push(fact(39, 'cn-0001', 'faultReverted', { faultId: 'n' }));
    if (second === 39) facts.push(inject(40, 'l', 'link.loss', 'uplink/x'));
  }
  expect(
    observed(facts)
      .faults()
      .map(({ id, users }) => [id, users]),
  ).toEqual([
    ['s', ['db']],
    ['n', []],
    ['l', ['db']],
  ]);
});
