/** `orrery demo`: first-light from its first second to the three answers and a report to open. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { tint, type Terminal } from '../terminal.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** The demo's own folder below the working directory; what an earlier demo left there is replaced. */
const folder = join('runs', 'demo');
const report = join('runs', 'demo.html');

/**
 * @param run carries out one command line, as typed after `orrery`
 * @returns 0 when the run's checks held and each question was answered
 */
export async function demoCommand(
  terminal: Terminal,
  run: (args: readonly string[]) => Promise<number>,
): Promise<number> {
  rmSync(folder, { recursive: true, force: true });
  const lines: (readonly string[])[] = [
    ['run', join(root, 'scenarios', 'first-light'), '--log', folder, '--report', report],
    ['why', 'cn-0009', '--at', '6m45s', '--log', folder],
    ['when', 'cn-0009', '--at', '6m45s', '--seeds', '20', '--log', folder],
    ['slow', 'db-1', '--at', '9m30s', '--log', folder],
  ];
  for (const args of lines) {
    const shown = args.map((word) => (word.startsWith(root) ? word.slice(root.length) : word));
    terminal.out(tint(terminal, 'bold', `\n$ orrery ${shown.join(' ')}`));
    const exitCode = await run(args);
    if (exitCode !== 0) return exitCode;
  }
  terminal.out(`\nOpen ${report} in a browser to see it drawn.`);
  return 0;
}
