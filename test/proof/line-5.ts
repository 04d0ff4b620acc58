/** Must show 5: a real Jaeger has the fault's story as one trace, nested, with simulated times to the nanosecond. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { traceIdOf } from '../../services/tracer/src/ids.ts';
import { BATCH_EPOCH_NS } from '@orrery/tracer';
import { findJaeger, startJaeger, type Jaeger, type JaegerSpan } from './jaeger.ts';
import { inScratch, orrery, root, summaryOf } from './orrery.ts';
import { Findings, type Proof, type ProofOptions } from './proof.ts';

const SCENARIO = 'scenarios/disk-dies';

export async function prove({ full, say }: ProofOptions): Promise<Proof> {
  const findings = new Findings(say);
  const binary = await findJaeger();
  if (!existsSync(join(root, SCENARIO))) {
    findings.check(false, `${SCENARIO} is not there`);
  } else if (binary === undefined) {
    const missing = 'no jaeger on PATH, nor by ../shared/tools/real-parts jaeger';
    if (full) findings.check(false, missing);
    else findings.note(`nothing shown: ${missing}`);
  } else {
    const jaeger = await startJaeger(binary);
    try {
      await inScratch((scratch) => proveStory(findings, jaeger, scratch));
    } finally {
      await jaeger.stop();
    }
  }
  return findings.proof();
}

async function proveStory(findings: Findings, jaeger: Jaeger, scratch: string): Promise<void> {
  const log = join(scratch, 'log');
  const ran = await orrery(['run', SCENARIO, '--otlp', jaeger.otlp, '--log', log, '--json']);
  const { seed, spans } = summaryOf(ran);
  const { made, exported, sampledOut, failed } = spans;
  findings.check(
    made > 0 && exported + sampledOut === made && failed === 0,
    `spans: ${made} made = ${exported} exported + ${sampledOut} sampled out, ${failed} failed`,
  );
  const story = await settled(jaeger, traceIdOf({ run: 'disk-dies', seed }, 'fault', 'f1'));
  const services = [...new Set(story.map((span) => span.service))].sort();
  const wanted = ['compute-node', 'fma', 'storage'].every((name) => services.includes(name));
  const other = services.includes('headnode') || services.includes('net');
  findings.check(wanted && other, `one trace of ${story.length} spans of ${services.join(', ')}`);
  const byId = new Map(story.map((span) => [span.spanId, span]));
  const roots = story.filter((span) => span.parentSpanId === '');
  const orphans = story.filter((span) => span.parentSpanId !== '' && !byId.has(span.parentSpanId));
  const early = story.filter((span) => span.start < (byId.get(span.parentSpanId)?.start ?? 0n));
  findings.check(
    roots.length === 1 && orphans.length === 0 && early.length === 0,
    `nested: ${roots.length} root, ${orphans.length} without their parent, ${early.length} before their parent`,
  );
  await proveTimes(findings, story, log, scratch);
}

/** Jaeger stores what it took a moment later, a trace in pieces: waits until there comes no more. */
async function settled(jaeger: Jaeger, id: string): Promise<JaegerSpan[]> {
  let before = -1;
  for (let tries = 0; tries < 50; tries++) {
    const spans = await jaeger.trace(id);
    if (spans.length > 0 && spans.length === before) return spans;
    before = spans.length;
    await setTimeout(300);
  }
  return [];
}

/** The injection and the resilver, as the log has them. */
async function proveTimes(
  findings: Findings,
  story: JaegerSpan[],
  log: string,
  scratch: string,
): Promise<void> {
  const rows = join(scratch, 'facts.jsonl');
  await orrery(['log', 'export', log, rows]);
  const facts = readFileSync(rows, 'utf8')
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row) as { kind: string; timeNs: number });
  const at = (kind: string) =>
    BigInt(facts.find((fact) => fact.kind === kind)?.timeNs ?? -1) + BigInt(BATCH_EPOCH_NS);
  const root = story.find((span) => span.parentSpanId === '');
  const resilver = story.find((span) => span.name.startsWith('resilver'));
  findings.check(
    root?.start === at('faultInjected') &&
      resilver?.start === at('resilverStarted') &&
      resilver.end === at('resilverFinished'),
    `times to the nanosecond: ${root?.name ?? 'no root'} at ${root?.start ?? ''}, ${resilver?.name ?? 'no resilver'} from ${resilver?.start ?? ''} to ${resilver?.end ?? ''}`,
  );
}
