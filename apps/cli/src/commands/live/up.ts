/** `orrery up` and `orrery down`. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatTime } from '@orrery/spec';
import { checkListen } from '@orrery/headnode/adapters';
import { sinkOf } from '@orrery/tracer/adapters';
import { Refusal } from '../../exit.ts';
import { loadLive } from '../../live/load-live.ts';
import { contextOf, withControl } from '../../live/connect.ts';
import { forgetContext } from '../../live/context.ts';
import { newFolder, resumedFolder, type LiveFolder } from '../../live/live-folder.ts';
import { serve } from '../../live/serve.ts';
import { headline } from '../../output/headline.ts';
import type { Terminal } from '../../terminal.ts';
import type { LiveFlags } from './flags.ts';
import { upOver } from './up-over.ts';
import { sayEnd, sayUp, type UpFlags } from './up-said.ts';

export type { UpFlags } from './up-said.ts';

export async function upCommand(
  terminal: Terminal,
  file: string | undefined,
  flags: UpFlags,
): Promise<number> {
  const token = flags.tokenFile === undefined ? undefined : tokenFrom(flags.tokenFile);
  const tls = tlsOf(flags);
  checkPlaces(flags, token);
  if (flags.nats !== undefined)
    return upOver({ terminal, file, flags: { ...flags, nats: flags.nats }, token, tls });
  for (const name of ['http', 'traced', 'runs'] as const)
    if (flags[name] !== undefined)
      throw new Refusal(`--${name} is for services that are processes: give --nats`);
  const folder = folderOf(terminal, file, flags);
  const { scenario, seed, runId, cut } = folder;
  const quiet = flags.quiet === true || flags.json === true;
  if (cut !== undefined) terminal.err(`${cut.file}: cut ${cut.cutBytes} bytes (${cut.reason})`);
  if (!quiet) terminal.out(`${headline(scenario, seed)}\n`);
  const end = await serve({
    terminal,
    folder,
    listen: flags.listen,
    speed: flags.speed,
    paused: flags.paused === true,
    token,
    tls,
    otlp: flags.otlp,
    quiet,
    ready: (address) => sayUp(terminal, flags, { address, token, runId, seed, log: folder.log.folder }),
  });
  return sayEnd(terminal, flags, runId, seed, end);
}

export function downCommand(terminal: Terminal, flags: LiveFlags & { suspend?: boolean }): Promise<number> {
  const { runId } = contextOf(flags) as { runId?: string };
  return withControl(flags, async (client) => {
    const end = await client.call('endRun', { suspend: flags.suspend === true });
    if (runId !== undefined) forgetContext(runId);
    const { time, digest, facts, log } = end;
    if (flags.json === true) terminal.out(JSON.stringify(end));
    else if (flags.suspend === true)
      terminal.out(`stopped at ${formatTime(time)}; go on with: orrery up --resume ${log}`);
    else terminal.out(`ended at ${formatTime(time)}: ${facts} facts in ${log}, digest ${digest}`);
    return 0;
  });
}

/** What would only fail once the log is made. */
function checkPlaces({ listen, otlp }: UpFlags, token: string | undefined): void {
  try {
    checkListen(listen, token);
  } catch (error) {
    throw new Refusal(`--listen: ${(error as Error).message}`);
  }
  try {
    if (otlp !== undefined) void sinkOf(otlp).close();
  } catch (error) {
    throw new Refusal(`--otlp: ${(error as Error).message}`);
  }
}

function folderOf(terminal: Terminal, file: string | undefined, flags: UpFlags): LiveFolder {
  if (flags.resume !== undefined) {
    if (file !== undefined || flags.log !== undefined || flags.seed !== undefined || flags.set.length > 0)
      throw new Refusal(
        'up --resume: file, log, seed and settings are those of the run that is gone on with',
      );
    return resumedFolder(flags.resume);
  }
  const scenario = loadLive(terminal, file, flags.set);
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  return newFolder(flags.log ?? join('runs', `live-${stamp}`), scenario, flags.seed ?? scenario.seed);
}

/** The token in a file; one is made when there is none. */
function tokenFrom(path: string): string {
  if (!existsSync(path)) writeFileSync(path, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  const token = readFileSync(path, 'utf8').trim();
  if (token.length < 16) throw new Refusal(`${path}: expected a token of at least 16 characters`);
  return token;
}

function tlsOf({ tlsCert, tlsKey }: UpFlags): { certificate: Uint8Array; key: Uint8Array } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new Refusal('--tls-cert and --tls-key go together');
  try {
    return { certificate: readFileSync(tlsCert), key: readFileSync(tlsKey) };
  } catch (error) {
    throw new Refusal(`--tls-cert, --tls-key: ${(error as Error).message}`);
  }
}
