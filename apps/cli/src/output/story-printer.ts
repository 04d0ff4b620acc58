/** Prints the story's lines in columns as they come. */
import { formatTime } from '@orrery/spec';
import type { Mark, StoryLine } from '@orrery/simulator';
import { tint, type Terminal, type Tint } from '../terminal.ts';

const tints: Readonly<Record<Mark, Tint | undefined>> = {
  '✗': 'red',
  '!': 'yellow',
  '✓': 'green',
  '+': 'bold',
  ' ': undefined,
};

export function storyHead(): string {
  return '    time          where        what';
}

export function storyText(terminal: Terminal, line: StoryLine): string {
  const where = line.where.padEnd(11);
  const body = `${line.mark} ${line.text}`;
  const colour = tints[line.mark];
  const left = `    ${formatTime(line.time)}  ${where}`;
  const text = `${left}${colour === undefined ? body : tint(terminal, colour, body)}`;
  if (line.source === '') return text.trimEnd();
  const gap = ' '.repeat(Math.max(2, 100 - left.length - body.length));
  return `${text}${gap}${tint(terminal, 'dim', line.source)}`;
}
