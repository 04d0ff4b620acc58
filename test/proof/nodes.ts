/** Other versions of Node, from the registry's packages of its binaries. */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from './orrery.ts';

export const versions = { 20: '20.20.2', 24: '24.21.0' } as const;

/** Path of that Node, fetched once. @returns a string that begins with `no ` and says why where it cannot be had */
export async function nodeOf(major: keyof typeof versions): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64')) {
    return `no Node ${major} for ${process.platform} ${process.arch}`;
  }
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'orrery-proof');
  const home = join(cache, `node-${versions[major]}`);
  const binary = join(home, 'bin/node');
  if (existsSync(binary)) return binary;
  mkdirSync(cache, { recursive: true });
  const spec = `node-linux-${process.arch}@${versions[major]}`;
  const packed = await run('npm', ['pack', '--silent', spec], { cwd: cache });
  const file = packed.out.trim().split('\n').at(-1) ?? '';
  if (packed.code !== 0 || file === '') return `no Node ${major}: npm pack ${spec}: ${packed.err.trim()}`;
  const unpacked = await run('tar', ['xzf', file], { cwd: cache });
  if (unpacked.code !== 0) return `no Node ${major}: ${unpacked.err.trim()}`;
  renameSync(join(cache, 'package'), home);
  return binary;
}
