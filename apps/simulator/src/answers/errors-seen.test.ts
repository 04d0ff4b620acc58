import { Place } from '@orrery/proto';
import { expect, test } from 'vitest';
import { goalOf } from './forecast/goal.ts';
import { charge, HandMade } from './hand-made.case.ts';
import { why } from './why.ts';

const ledger = [charge(Place.ON_CPU, 1)];

function ask(made: HandMade, name: string, seconds: number) {
  const index = made.index({ until: seconds * 1e9 });
  return why(index, made.subject(name, index));
}

test('a quota that is used up is why requests fail, and what must change', () => {
  const made = new HandMade();
  made.calm('db', ledger);
  const failures = [{ reason: 'EDQUOT', count: 30 }];
  made.serve('db', { from: 120, to: 180, rate: 50, errors: 30, failures, ledger });
  const answer = ask(made, 'db', 180);
  expect(answer).toMatchObject({ verdict: 'errors', root: { kind: 'cap' } });
  expect(answer.headline).toBe('db fails 60 % of its requests: its quota of 10 GiB is used up.');
  expect(answer.steps[0]?.text).toContain('(900 EDQUOT)');
  const index = made.index({ until: 180e9 });
  expect(goalOf(index, made.subject('db', index))?.person).toMatch(/^room: a larger quota \(vmadm update/);
});

test('a pool that is full is not a quota', () => {
  const made = new HandMade();
  made.calm('db', ledger);
  const failures = [{ reason: 'ENOSPC', count: 30 }];
  made.serve('db', { from: 120, to: 180, rate: 50, errors: 30, failures, ledger });
  expect(ask(made, 'db', 180).headline).toBe('db fails 60 % of its requests: its pool has no room left.');
});

test('whoever asks a VM that fails is led to it', () => {
  const made = new HandMade();
  const own = [{ reason: 'EDQUOT', count: 30 }];
  const calls = [{ reason: 'callee failed', count: 30 }];
  made.serve('db', { from: 0, to: 60, rate: 50, errors: 30, failures: own, ledger });
  made.serve('web', { from: 0, to: 60, rate: 50, errors: 30, failures: calls, ledger });
  const answer = ask(made, 'web', 60);
  expect(answer.headline).toBe('web fails 60 % of its requests: it calls db, which fails as well.');
  expect(answer.root).toMatchObject({ kind: 'cap', part: made.zone('db') });
});

test('a client depends on the VM behind the one that it calls', () => {
  const made = new HandMade();
  const own = [{ reason: 'EDQUOT', count: 30 }];
  const calls = [{ reason: 'callee failed', count: 30 }];
  made.serve('db', { from: 0, to: 60, rate: 50, errors: 30, failures: own, ledger });
  made.serve('web', { from: 0, to: 60, rate: 50, errors: 30, failures: calls, ledger });
  made.node(30, 'cn-0001', 'running', 'hung', undefined, 'hang');
  expect(ask(made, 'web', 60).headline).toContain('it calls db, which does not answer');
  for (let second = 0; second < 60; second++) {
    const given = { requests: 0, errors: 50, refused: 0, timeouts: 50, retries: 0 };
    const served = { from: second * 1e9, ...given, latency: [], ledger: [], latencyNs: 0, target: 'web' };
    made.say(second + 1, 'client/visitors', 'clientServed', served);
  }
  expect(ask(made, 'client/visitors', 60).headline).toContain('it depends on db, which does not answer');
});

test('requests that do not end are seen, though none failed', () => {
  const made = new HandMade();
  made.calm('db', ledger);
  for (let second = 120; second < 150; second++) {
    const oldestNs = (second - 119) * 1e9;
    made.serve('db', { from: second, to: second + 1, rate: 0, ledger, inFlight: 40, oldestNs });
  }
  const answer = ask(made, 'db', 150);
  expect(answer.verdict).toBe('unreachable');
  expect(answer.headline).toMatch(/^db ends no request: 40 requests in hand, the oldest for /);
  expect(ask(made, 'db', 122).verdict).toBe('up');
});
