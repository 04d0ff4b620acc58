/** Answers as lines of text: what happened, indented by cause, and the fact that each line stands on. */
import { formatNs, formatTime } from '@orrery/spec';
import type { Injection, SlowAnswer, Step, WhyAnswer } from './answer.ts';

/** A line, and the fact or the place that it stands on. */
type Line = readonly [text: string, source: string];

/** Furthest column in which sources begin; a longer line has its source right behind it. */
const COLUMN_MAX = 100;

export function whyLines(answer: WhyAnswer): string[] {
  const lines: Line[] = answer.steps.map((step) => stepLine(step));
  if (answer.injection !== undefined) {
    lines.push(injectionLine(answer.injection, (answer.steps.at(-1)?.depth ?? -1) + 1));
  }
  const now = answer.now.length === 0 ? [] : [`Now: ${answer.now.join('; ')}.`];
  return [answer.headline, ...aligned(lines), ...now];
}

export function slowLines(answer: SlowAnswer): string[] {
  const lines: Line[] = answer.growths.flatMap(({ ns, text, because }) => [
    [`  +${formatNs(Math.round(ns))}  ${text}`, ''] as const,
    ...because.map(
      (step) => [`           ${'  '.repeat(step.depth)}because ${step.text}`, sourceOf(step.fact)] as const,
    ),
  ]);
  const load = answer.root?.kind === 'load' ? ['No fault: load.'] : [];
  return [answer.headline, ...aligned(lines), ...load, ...answer.outlook];
}

function stepLine({ time, text, fact, depth }: Step): Line {
  return [`  ${branch(depth)}${formatTime(time)}  ${text}`, sourceOf(fact)];
}

function injectionLine({ time, text, askedBy, fact }: Injection, depth: number): Line {
  return [`  ${branch(depth)}${formatTime(time)}  ${text}`, askedBy === '' ? sourceOf(fact) : askedBy];
}

function branch(depth: number): string {
  return depth === 0 ? '' : `${'  '.repeat(depth - 1)}└ `;
}

/** A zone's UUID is cut to what tells it apart on a screen. */
function sourceOf(fact: string): string {
  return fact === '' ? '' : `fact ${fact.replace(/([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f-]{22}/, '$1')}`;
}

/** Sources in one column. */
function aligned(lines: readonly Line[]): string[] {
  const longest = Math.max(0, ...lines.filter(([, source]) => source !== '').map(([text]) => text.length));
  const column = Math.min(COLUMN_MAX, longest);
  return lines.map(([text, source]) => (source === '' ? text : `${text.padEnd(column)}  ${source}`));
}
