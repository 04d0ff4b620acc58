/** The story of disk-dies as the README shows it: the expected output up to its tables. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
export const readmePath = `${root}README.md`;

const block = /```\ndisk-dies:[^`]*\n```/;

/** @returns the README with the block that `printed`, or else the file beside the scenario, asks for */
export function readmeWithStory(printed?: string): string {
  const out = printed ?? readFileSync(`${root}scenarios/disk-dies/expected.out`, 'utf8');
  const [story] = out.split('\n\nVM ');
  return readFileSync(readmePath, 'utf8').replace(block, () => `\`\`\`\n${story}\n\`\`\``);
}
