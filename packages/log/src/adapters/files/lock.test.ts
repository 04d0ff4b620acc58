import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { header } from '../../sample.case.ts';
import { createFilesLog, lockHolder, openFilesLog, resumeFilesLog } from './index.ts';
import { takeLock } from './lock.ts';

const root = mkdtempSync(join(tmpdir(), 'orrery-lock-'));
afterAll(() => rmSync(root, { recursive: true }));

const locked = (pid: number): object =>
  expect.objectContaining({ code: 'ORRERY_LOG_LOCKED', fields: { file: 'lock', pid } });

describe('the lock', () => {
  it('keeps a second writer off and names the first, but lets readers in', () => {
    const folder = join(root, 'held');
    const writer = createFilesLog(folder, header);
    expect(() => resumeFilesLog(folder, 3)).toThrow(locked(process.pid));
    expect(() => createFilesLog(folder, header)).toThrow(`process ${process.pid} holds it`);
    expect(lockHolder(folder)).toBe(process.pid);
    expect(openFilesLog(folder).state).toBe('unfinished');
    writer.close();
    expect(lockHolder(folder)).toBeUndefined();
    expect(readdirSync(folder).sort()).toEqual(['header.bin', 'segment-00000001.log']);
    resumeFilesLog(folder, 3).writer.close();
  });

  it('of a dead process is taken over, as is one that names no process', () => {
    const dead = spawnSync('true').pid;
    for (const text of [`${dead} 0\n`, `${dead} 12345\n`, '', 'rubbish']) {
      const folder = mkdtempSync(join(root, 'stale-'));
      writeFileSync(join(folder, 'lock'), text);
      const release = takeLock(folder);
      expect(readFileSync(join(folder, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
      release();
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it('of a process whose pid another one has now is taken over', () => {
    const folder = mkdtempSync(join(root, 'reused-'));
    writeFileSync(join(folder, 'lock'), `${process.pid} 1\n`);
    const release = takeLock(folder);
    expect(() => takeLock(folder)).toThrow(locked(process.pid));
    release();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('is let go when opening fails', () => {
    const folder = join(root, 'refused');
    createFilesLog(folder, header).close();
    expect(() => resumeFilesLog(folder, 99)).toThrow('engine');
    expect(lockHolder(folder)).toBeUndefined();
  });
});
