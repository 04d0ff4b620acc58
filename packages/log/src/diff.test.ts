import { describe, expect, it } from 'vitest';
import type { FactRecord } from '@orrery/proto';
import { diffLogs } from './diff.ts';
import type { LogReader } from './log.ts';
import { newMemoryLog, readMemoryLog, writeMemoryLog } from './memory.ts';
import { factAt, header } from './sample.case.ts';

function logOf(facts: readonly FactRecord[]): LogReader {
  const log = newMemoryLog(header);
  const writer = writeMemoryLog(log);
  for (const fact of facts) writer.appendFact(fact);
  writer.close();
  return readMemoryLog(log);
}

const facts = Array.from({ length: 50 }, (_, i) => factAt(i));
const whole = logOf(facts);

describe('the difference of two logs', () => {
  it('is none for the same facts, whatever the batches', () => {
    const log = newMemoryLog(header);
    const writer = writeMemoryLog(log);
    for (const fact of facts) {
      writer.appendFact(fact);
      writer.commitBatch(fact.time);
    }
    expect(diffLogs(whole, readMemoryLog(log))).toBeUndefined();
  });

  it('is the first fact by time, actor and number that is told otherwise', () => {
    const changed = facts.map((fact, i) => (i >= 33 ? { ...fact, payload: new Uint8Array([i]) } : fact));
    const { a, b, factsBefore } = diffLogs(whole, logOf(changed)) ?? {};
    // At 3 s the facts 30 to 39 stand by actor: 32 and 36 (actor 0), then 33 and 37.
    expect(a).toEqual(factAt(36));
    expect(b).toEqual({ ...factAt(36), payload: new Uint8Array([36]) });
    expect(factsBefore).toBe(31);
  });

  it('does not mind the order within an instant', () => {
    const turned = [...facts.slice(0, 30), factAt(31), factAt(30), ...facts.slice(32)];
    expect(diffLogs(whole, logOf(turned))).toBeUndefined();
  });

  it('is a fact that only one of them has', () => {
    const without = facts.filter((_, i) => i !== 33);
    expect(diffLogs(whole, logOf(without))).toMatchObject({ a: factAt(33), b: undefined });
    expect(diffLogs(logOf(without), whole)).toMatchObject({ a: undefined, b: factAt(33) });
    expect(diffLogs(whole, logOf(facts.slice(0, 40)))).toMatchObject({
      a: factAt(40),
      b: undefined,
      factsBefore: 40,
    });
  });

  it('is the earlier fact when one happens later', () => {
    const late = [...facts.slice(0, 49), { ...factAt(49), time: factAt(49).time + 1 }];
    expect(diffLogs(whole, logOf(late))).toMatchObject({ a: factAt(49), b: undefined });
  });
});
