/** Writes that wait though nothing else changed: what the subject writes, beside what its pool takes. */
import { formatBytes } from '@orrery/spec';
import { factStep, servedStep, type Reason, type SlowContext } from './context.ts';
import type { Served } from './served.ts';

/** Undefined when it writes nothing. */
export function ownWrites(context: SlowContext): Reason | undefined {
  const { index, subject, now, baseline, pool, nowFrom } = context;
  if (now.writtenBytes === 0) return undefined;
  const rate = (served: Served) =>
    `${formatBytes(Math.round((served.writtenBytes * 1e9) / Math.max(1, served.to - served.from)))}/s`;
  const step = servedStep(context, `${subject.name} writes ${rate(now)}, wrote ${rate(baseline)}`);
  const synced = pool === '' ? [] : index.of(pool, 'txgSyncedFact').filter(({ time }) => time >= nowFrom);
  const last = synced.at(-1);
  const because = [step];
  if (last !== undefined) {
    const bytes = synced.reduce((sum, { payload }) => sum + payload.bytes, 0);
    const tookNs = synced.reduce((sum, { payload }) => sum + payload.tookNs, 0);
    const takes = `${formatBytes(Math.round((bytes * 1e9) / Math.max(1, tookNs)))}/s`;
    because.push(factStep(last, `pool ${last.payload.pool} takes ${takes} while it syncs its txgs`, 1));
  }
  const root = { kind: 'load' as const, part: subject.address, text: step.text, fact: step.fact };
  return { detail: 'it writes as fast as its pool lets it', because, root };
}
