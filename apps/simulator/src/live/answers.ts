/** A question answered from a log: the same for a live run as for one that is over. */
import type { LogReader } from '@orrery/log';
import type { Scenario } from '@orrery/spec';
import { ControlError, notFound, type Answer, type Question } from '@orrery/headnode/control';
import { addressesOf } from '../answers/addresses.ts';
import { FactIndex } from '../answers/fact-index.ts';
import { momentAt, type SnapshotCodec } from '../answers/forecast/fork.ts';
import { FORKS, when, whenLines } from '../answers/forecast/when.ts';
import { slowLines, whyLines } from '../answers/render.ts';
import { slow } from '../answers/slow/slow.ts';
import { findSubject, type Subject } from '../answers/subject.ts';
import { why } from '../answers/why.ts';

export interface Questioned {
  scenario: Scenario;
  seed: number;
  reader: LogReader;
  codec: SnapshotCodec;
  /** Whether the time for more forks has run out, when their number was left to us. Default: never. */
  late?: () => boolean;
}

/** @throws ControlError on a subject that there is not, or a moment that the log does not reach */
export function answerFrom(
  { scenario, seed, reader, codec, late }: Questioned,
  { name, subject: asked, at, seeds }: Question & { at: number },
): Answer {
  if (at > reader.upTo) throw new ControlError('FAILED_PRECONDITION', `the log reaches ${reader.upTo} ns`);
  const { datacenter } = scenario;
  const source = { datacenter, addresses: addressesOf(datacenter), facts: reader.facts() };
  const index = FactIndex.read(source, { until: at });
  const found = findSubject(index, asked);
  if (!found.ok) throw notFound('subject', found.message);
  const { subject } = found;
  if (name === 'why') {
    const answer = why(index, subject);
    return { verdict: answer.verdict, lines: whyLines(answer), answerJson: jsonOf(answer) };
  }
  if (name === 'slow') {
    const answer = slow(index, subject);
    return { verdict: answer.verdict, lines: slowLines(answer), answerJson: jsonOf(answer) };
  }
  const moment = () => {
    const snapshot = reader.lastVerifiedSnapshot(at);
    const from = snapshot === undefined ? undefined : codec.decode(snapshot.state);
    return momentAt({ scenario, seed, at, from, logged: reader.commands(), codec });
  };
  const forks = seeds === 0 ? FORKS : seeds;
  const answer = when({ index, subject, codec, forks, moment, late: seeds === 0 ? late : undefined });
  return { verdict: answer.verdict, lines: whenLines(answer), answerJson: jsonOf(answer) };
}

/** An answer as one object, its subject cut to what names it. */
function jsonOf(answer: { subject: Subject }): string {
  const { kind, name, address } = answer.subject;
  return JSON.stringify({ ...answer, subject: { kind, name, address } });
}
