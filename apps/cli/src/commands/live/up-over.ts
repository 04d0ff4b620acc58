/** `orrery up --nats`: the same datacenter, its services as processes over a broker. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openFilesLog } from '@orrery/log/files';
import { engine } from '@orrery/simulator';
import { replicasOf } from '@orrery/simulator/head';
import type { Scenario } from '@orrery/spec';
import { Refusal } from '../../exit.ts';
import { loadLive } from '../../live/load-live.ts';
import { appendedFolder, newFolder, type AppendedFolder } from '../../live/live-folder.ts';
import { serveOver } from '../../live/serve-over.ts';
import { headline } from '../../output/headline.ts';
import type { Terminal } from '../../terminal.ts';
import { sayEnd, sayUp, type UpFlags } from './up-said.ts';

export interface UpOver {
  terminal: Terminal;
  file: string | undefined;
  flags: UpFlags & { nats: string };
  token: string | undefined;
  tls: { certificate: Uint8Array; key: Uint8Array } | undefined;
}

export async function upOver({ terminal, file, flags, token, tls }: UpOver): Promise<number> {
  const { otlp, replicas: counts, listen, speed, http } = flags;
  const here = flags.services !== false;
  if (!here && otlp !== undefined)
    throw new Refusal('--otlp: spans are sent by the tracer, which is started elsewhere (--no-services)');
  const folder = folderOf(terminal, file, flags);
  const { scenario, seed, runId } = folder;
  const traced = here ? otlp !== undefined : flags.traced === true;
  const replicas = here ? servicesOf(scenario, counts, traced) : [];
  const quiet = flags.quiet === true || flags.json === true;
  if (!quiet) terminal.out(`${headline(scenario, seed)}\n`);
  const end = await serveOver({
    terminal,
    folder,
    access: flags,
    counts,
    replicas,
    traced,
    otlp,
    http,
    listen,
    speed,
    paused: flags.paused === true,
    token,
    tls,
    quiet,
    ready: (address) => sayUp(terminal, flags, { address, token, runId, seed, log: folder.log.folder }),
  });
  return sayEnd(terminal, flags, runId, seed, end);
}

/** @throws Refusal on replicas that cannot be */
function servicesOf(
  scenario: Scenario,
  counts: UpFlags['replicas'],
  traced: boolean,
): { replica: string; service: string }[] {
  try {
    const replicas = replicasOf(scenario, counts).filter(({ service }) => service !== 'headnode');
    return traced ? [...replicas, { replica: 'tracer', service: 'tracer' }] : replicas;
  } catch (error) {
    throw new Refusal(`--replicas: ${(error as Error).message}`);
  }
}

function folderOf(terminal: Terminal, file: string | undefined, flags: UpFlags): AppendedFolder {
  if (flags.resume !== undefined) {
    if (file !== undefined || flags.log !== undefined || flags.seed !== undefined || flags.set.length > 0)
      throw new Refusal(
        'up --resume: file, log, seed and settings are those of the run that is gone on with',
      );
    return appendedFolder(flags.resume);
  }
  const scenario = loadLive(terminal, file, flags.set);
  const seed = flags.seed ?? scenario.seed;
  if (flags.runs !== undefined && flags.log !== undefined)
    throw new Refusal('--runs and --log: expected one');
  const before = flags.runs === undefined ? undefined : unfinished(flags.runs, scenario, seed);
  if (before !== undefined) return appendedFolder(before);
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const folder = flags.log ?? join(flags.runs ?? 'runs', `live-${stamp}`);
  return { ...newFolder(folder, scenario, seed), past: undefined };
}

/** The newest log below a folder, when it is of this datacenter and this engine, and has no end. */
function unfinished(runs: string, scenario: Scenario, seed: number): string | undefined {
  if (!existsSync(runs)) return undefined;
  const newest = readdirSync(runs)
    .filter((name) => name.startsWith('live-'))
    .sort()
    .at(-1);
  if (newest === undefined) return undefined;
  const folder = join(runs, newest);
  const { header, state } = openFilesLog(folder);
  const same = new TextDecoder().decode(header.specJson) === JSON.stringify(scenario);
  return state !== 'ended' && same && header.seed === seed && header.engine === engine ? folder : undefined;
}
