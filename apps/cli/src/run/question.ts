/** What `why`, `when` and `slow` have in common: a log, a moment, and a subject found by any of its names. */
import type { LogReader } from '@orrery/log';
import { addressesOf, FactIndex, findSubject, type Subject } from '@orrery/simulator';
import { formatTime, parseDuration, type Scenario } from '@orrery/spec';
import { Refusal } from '../exit.ts';
import { readRun } from './prepare.ts';

export interface QuestionOptions {
  log: string;
  /** As typed; undefined: the log's end. */
  at: string | undefined;
  json: boolean;
}

export interface Question {
  index: FactIndex;
  subject: Subject;
  scenario: Scenario;
  seed: number;
  reader: LogReader;
  /** ns. */
  at: number;
}

/** @throws Refusal for an unknown subject or a moment that the log does not reach, LogError on a log that cannot be read */
export function readQuestion(name: string, options: QuestionOptions): Question {
  const { scenario, seed, reader } = readRun(options.log);
  const at = options.at === undefined ? reader.upTo : parseMoment(options.at);
  if (at > reader.upTo) {
    throw new Refusal(`--at: the log reaches ${formatTime(reader.upTo)}, asked was ${options.at}`);
  }
  const { datacenter } = scenario;
  const source = { datacenter, addresses: addressesOf(datacenter), facts: reader.facts() };
  const index = FactIndex.read(source, { until: at });
  const found = findSubject(index, name);
  if (!found.ok) throw new Refusal(found.message);
  return { index, subject: found.subject, scenario, seed, reader, at };
}

/** `5m10s` or `00:05:10.250`, ns. */
export function parseMoment(text: string): number {
  const clock = /^([0-9]+):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,9}))?$/.exec(text);
  if (clock !== null) {
    const [, hours, minutes, seconds, rest = ''] = clock;
    return (
      ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1e9 + Number(rest.padEnd(9, '0'))
    );
  }
  const ns = parseDuration(text);
  if (ns === undefined) {
    throw new Refusal(`--at: expected a time (for instance 5m10s or 00:05:10.250), found "${text}"`);
  }
  return ns;
}

/** An answer as one object, its subject cut to what names it. */
export function answerJson(answer: { subject: Subject }): string {
  const { kind, name, address } = answer.subject;
  return JSON.stringify({ ...answer, subject: { kind, name, address } });
}
