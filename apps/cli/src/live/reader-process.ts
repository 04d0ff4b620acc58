/**
 * Answers questions to a log, and exports it, in a process of its own: a question may take seconds and much memory, and the
 * datacenter must not notice.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ControlError, type Answer, type ControlCode, type Patience } from '@orrery/headnode/control';
import type { LogReaders } from '@orrery/simulator';

const bin = fileURLToPath(new URL('../../bin/orrery.js', import.meta.url));

/** What the reading process prints. */
export type Reply =
  { ok: true; answer: Answer } | { ok: false; code: ControlCode; message: string; field: string };

export function readerProcess(folder: string): LogReaders {
  return {
    ask: async (question, patience) => {
      const child = start(['answer', folder, JSON.stringify(question)], patience);
      const [text, said] = await Promise.all([textOf(child.stdout), textOf(child.stderr), exitOf(child)]);
      const reply = parse(text);
      if (reply === undefined)
        throw new ControlError('FAILED_PRECONDITION', said.trim() || 'the question was given up');
      if (reply.ok) return reply.answer;
      const { code, message, field } = reply;
      throw new ControlError(code, message, field === '' ? [] : [{ field, description: message }]);
    },
    exportLog: (format, patience) =>
      format === 'jsonl' ? printed(folder, patience) : written(folder, format, patience),
  };
}

async function* printed(folder: string, patience: Patience): AsyncIterable<Uint8Array> {
  const child = start(['log', 'cat', folder], patience);
  const said = textOf(child.stderr);
  yield* pieces(child.stdout);
  await orFail(child, said);
}

async function* written(folder: string, format: string, patience: Patience): AsyncIterable<Uint8Array> {
  const temporary = mkdtempSync(join(tmpdir(), 'orrery-export-'));
  try {
    const file = join(temporary, `log.${format}`);
    const child = start(['log', 'export', folder, file], patience);
    child.stdout?.resume();
    await orFail(child, textOf(child.stderr));
    yield* pieces(createReadStream(file));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function start(args: readonly string[], patience: Patience): ChildProcess {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  patience.addEventListener('abort', () => child.kill('SIGKILL'));
  return child;
}

async function* pieces(stream: NodeJS.ReadableStream | null): AsyncIterable<Uint8Array> {
  if (stream === null) return;
  for await (const piece of stream) yield piece as Buffer;
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces(stream)) all.push(piece);
  return Buffer.concat(all).toString('utf8');
}

function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve, reject) => {
    child.on('exit', resolve);
    child.on('error', reject);
  });
}

async function orFail(child: ChildProcess, said: Promise<string>): Promise<void> {
  const code = await exitOf(child);
  if (code !== 0) throw new ControlError('FAILED_PRECONDITION', (await said).trim());
}

function parse(text: string): Reply | undefined {
  try {
    return JSON.parse(text) as Reply;
  } catch {
    return undefined;
  }
}
