import { describe, expect, test } from 'vitest';
import type { HostFact } from '@orrery/actor';
import type { FactKind, Facts } from '@orrery/proto';
import type { Check, Scenario, Workload } from '@orrery/spec';
import { Observer } from '../observer.ts';
import { globMatcher } from './checks.ts';

const uuid = '11111111-0000-4000-8000-000000000001';

function scenario(checks: Check[], workloads: readonly Partial<Workload>[] = []): Scenario {
  return {
    datacenter: { start: 'running', vms: [{ uuid, alias: 'db' }], nodes: [], workloads },
    phases: [
      { name: 'before', fromNs: 0, toNs: 10e9 },
      { name: 'during', fromNs: 10e9, toNs: 20e9 },
    ],
    checks,
  } as unknown as Scenario;
}

function fact<K extends FactKind>(
  time: number,
  address: string,
  kind: K,
  payload: Partial<Facts[K]>,
): HostFact {
  return { actor: 1, n: 1, time, address, kind, payload, cause: { actor: 0, n: 0 } } as unknown as HostFact;
}

const served = (second: number, latencyNs: number, more: Partial<Facts['zoneServed']> = {}) =>
  fact(second * 1e9, `cn-0001/zone/${uuid}`, 'zoneServed', {
    from: (second - 1) * 1e9,
    requests: 1,
    errors: 0,
    refused: 0,
    timeouts: 0,
    latency: [{ upperNs: latencyNs, count: 1 }],
    ledger: [{ place: 1, behind: 0, zone: 0, ns: latencyNs }],
    latencyNs,
    latencyNsMax: latencyNs,
    arcHits: 0,
    arcMisses: 0,
    ...more,
  });

const head = { name: 'x', source: 's.yaml:1' };
const db = { name: 'db', uuids: [uuid] };

function results(
  checks: Check[],
  facts: readonly HostFact[],
  workloads: readonly Partial<Workload>[] = [],
): { ok: boolean; found: string }[] {
  const observer = new Observer(scenario(checks, workloads));
  for (const each of facts) observer.observe(each);
  return observer.checks().map(({ ok, found }) => ({ ok, found }));
}

describe('checks', () => {
  test('hold a latency against a time, and against another phase', () => {
    const base = { ...head, kind: 'latency', of: db, phase: 'during', percentile: 50 } as const;
    const facts = [served(2, 1e6), served(12, 3e6)];
    const found = results(
      [
        { ...base, below: { kind: 'ns', ns: 2e6 }, above: undefined },
        { ...base, below: undefined, above: { kind: 'ratio', ratio: 2, phase: 'before' } },
        { ...base, phase: 'nowhere', below: undefined, above: undefined },
      ],
      facts,
    );
    expect(found).toEqual([
      { ok: false, found: 'p50 during 3 ms' },
      { ok: true, found: 'p50 during 3 ms, 3.00 × before' },
      { ok: false, found: 'p50 nowhere: no request was served' },
    ]);
  });

  describe('count each failure once', () => {
    const check: Check = { ...head, kind: 'errors', of: db, phase: 'during', most: 9, least: 0 };
    const zone = served(12, 1, { errors: 1, refused: 1 });
    // Four tries failed: three requests were given up, one was tried again.
    const client = fact(12e9, 'client/w', 'clientServed', {
      from: 11e9,
      target: 'db',
      errors: 3,
      refused: 2,
      timeouts: 1,
      retries: 1,
      ledger: [],
      latencyNs: 0,
    });

    test('as the zone says, of a VM that only zones call', () => {
      const from = { kind: 'vms', uuids: ['x'] } as const;
      expect(results([check], [zone], [{ from, to: [uuid] }])[0].found).toBe('2 errors');
    });

    test('as clients outside saw it, of a VM that they ask: refusals and timeouts too, which no zone may tell', () => {
      const from = { kind: 'outside' } as const;
      expect(results([check], [zone, client], [{ from, to: [uuid] }])[0].found).toBe('4 errors');
      expect(results([check], [client], [{ from, to: [uuid] }])[0].found).toBe('4 errors');
    });
  });

  test('see a ledger that does not sum', () => {
    const check: Check = { ...head, kind: 'conservation' };
    expect(results([check], [served(1, 5)])).toEqual([{ ok: true, found: 'every ledger sums' }]);
    expect(results([check], [served(1, 5, { latencyNs: 6 })])).toEqual([
      { ok: false, found: '1 ledgers do not sum' },
    ]);
  });

  test('count facts by actor and time', () => {
    const base = {
      ...head,
      kind: 'fact',
      fact: 'NodePanicked',
      fromNs: 5,
      toNs: 10,
      least: 1,
      most: 1,
    } as const;
    const facts = [4, 5, 9, 10].map((time) =>
      fact(time, time < 9 ? 'cn-0001' : 'cn-0002', 'nodePanicked', { message: '' }),
    );
    expect(
      results(
        [
          { ...base, actor: '' },
          { ...base, actor: 'cn-0001' },
          { ...base, actor: 'cn-*2' },
        ],
        facts,
      ),
    ).toEqual([
      { ok: false, found: '2 × NodePanicked' },
      { ok: true, found: '1 × NodePanicked' },
      { ok: true, found: '1 × NodePanicked' },
    ]);
  });

  test('know states at a time', () => {
    const pool: Check = { ...head, kind: 'pool', pool: 'cn-0001/pool/zones', state: 'DEGRADED', atNs: 7 };
    const node: Check = { ...head, kind: 'node', node: 'cn-0001', state: 'running', atNs: 7 };
    const change = fact(6, 'cn-0001/pool/zones', 'poolStateChanged', { state: 'DEGRADED' });
    expect(results([pool, node], [change]).map((result) => result.ok)).toEqual([true, true]);
  });
});

test('a glob stays within a step of the address', () => {
  expect(['cn-0001', 'cn-0001/os', 'xcn-1'].map(globMatcher('cn-*'))).toEqual([true, false, false]);
  expect(globMatcher('headnode/job/*')('headnode/job/7')).toBe(true);
});
