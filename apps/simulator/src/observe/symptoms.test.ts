import { expect, test } from 'vitest';
import type { HostFact } from '@orrery/actor';
import type { Scenario } from '@orrery/spec';
import { Symptoms } from './symptoms.ts';

const scenario = {
  datacenter: { vms: [{ uuid: 'u', alias: 'db', group: 'db' }] },
} as unknown as Scenario;

/** A second in which 10 requests took `ms` each, or failed. */
function served(second: number, ms: number, failed = false): HostFact {
  const latencyNs = 10 * ms * 1e6;
  const payload = {
    requests: failed ? 0 : 10,
    errors: failed ? 10 : 0,
    refused: 0,
    latencyNs,
    ledger: [{ place: 12, behind: 0, zone: 0, ns: latencyNs }],
  };
  return {
    time: second * 1e9,
    address: 'cn-0001/zone/u',
    kind: 'zoneServed',
    payload,
  } as unknown as HostFact;
}

function told(seconds: number, at: (second: number) => HostFact): string[] {
  const symptoms = new Symptoms(scenario);
  const lines: string[] = [];
  for (let second = 1; second <= seconds; second++) {
    for (const line of symptoms.observe(at(second))) {
      lines.push(`${Math.floor(line.time / 1e9)} ${line.where} ${line.mark} ${line.text}`);
    }
  }
  return lines;
}

test('slower, slower still and well again, each once two windows of ten seconds agree', () => {
  const msAt = (second: number) => (second <= 100 ? 4 : second <= 150 ? 6 : second <= 200 ? 15 : 4);
  expect(told(260, (second) => served(second, msAt(second)))).toEqual([
    '121 db ! mean 4 ms → 6 ms: device +2 ms',
    '171 db ! mean 6 ms → 15 ms: device +11 ms',
    '221 db ✓ as fast as before: mean 4 ms',
  ]);
});

test('requests that fail', () => {
  expect(told(200, (second) => served(second, 4, second > 100 && second <= 150))).toEqual([
    '121 db ! 100 % of requests fail',
    '171 db ✓ serves again: mean 4 ms',
  ]);
});

test('a change that does not last is not told', () => {
  expect(told(200, (second) => served(second, second > 100 && second <= 110 ? 40 : 4))).toEqual([]);
});
