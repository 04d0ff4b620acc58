import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diskFiles } from './files.ts';

test('a pipe is read once, however often it is asked for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-pipe-'));
  const pipe = join(folder, 'pipe');
  execFileSync('sh', ['-c', 'mkfifo "$0"', pipe]);
  spawn('sh', ['-c', 'echo "name: piped" > "$0"', pipe], { stdio: 'ignore' });
  expect([diskFiles.read(pipe), diskFiles.read(pipe)]).toEqual(['name: piped\n', 'name: piped\n']);
  rmSync(folder, { recursive: true });
});
