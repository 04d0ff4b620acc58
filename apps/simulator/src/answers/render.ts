/** Answers as lines of text: what happened, indented by cause, and the fact that each line stands on. */
import { formatNs, formatTime } from '@orrery/spec';
import type { Injection, SlowAnswer, Step, WhyAnswer } from './answer.ts';

/** Column in which facts are named. */
const FACT_COLUMN = 84;

export function whyLines(answer: WhyAnswer): string[] {
  const lines = [answer.headline, ...answer.steps.map((step) => stepLine(step))];
  if (answer.injection !== undefined) {
    const depth = (answer.steps.at(-1)?.depth ?? -1) + 1;
    lines.push(injectionLine(answer.injection, depth));
  }
  if (answer.now.length > 0) lines.push(`Now: ${answer.now.join('; ')}.`);
  return lines;
}

export function slowLines(answer: SlowAnswer): string[] {
  const lines = [answer.headline];
  for (const { ns, text, because } of answer.growths) {
    lines.push(`  +${formatNs(Math.round(ns))}  ${text}`);
    for (const step of because)
      lines.push(named(`           ${'  '.repeat(step.depth)}because ${step.text}`, step.fact));
  }
  if (answer.root?.kind === 'load') lines.push('No fault: load.');
  lines.push(...answer.outlook);
  return lines;
}

function stepLine({ time, text, fact, depth }: Step): string {
  return named(`  ${branch(depth)}${formatTime(time)}  ${text}`, fact);
}

function injectionLine({ time, text, askedBy, fact }: Injection, depth: number): string {
  const line = `  ${branch(depth)}${formatTime(time)}  ${text}`;
  return askedBy === '' ? named(line, fact) : `${line.padEnd(FACT_COLUMN)}  ${askedBy}`;
}

function branch(depth: number): string {
  return depth === 0 ? '' : `${'  '.repeat(depth - 1)}└ `;
}

function named(line: string, fact: string): string {
  return fact === '' ? line : `${line.padEnd(FACT_COLUMN)}  fact ${fact}`;
}
