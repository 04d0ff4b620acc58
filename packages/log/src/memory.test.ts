import { describe, expect, it } from 'vitest';
import { describeLog } from './log.case.ts';
import { factAt, header } from './sample.case.ts';
import { discardingLog, newMemoryLog, readMemoryLog, resumeMemoryLog, writeMemoryLog } from './memory.ts';

describeLog('memory', () => {
  const log = newMemoryLog(header);
  return {
    create: () => writeMemoryLog(log),
    read: () => readMemoryLog(log),
    resume: (engine) => resumeMemoryLog(log, engine),
  };
});

describe('a discarding log', () => {
  it('takes everything and keeps nothing', () => {
    const writer = discardingLog(header);
    writer.appendFact(factAt(1));
    writer.commitBatch(1);
    writer.close();
    expect(writer.header.format).toBe(1);
  });
});
