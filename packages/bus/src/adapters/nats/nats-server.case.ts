/** A nats-server of its own for a test: a free port, a folder that goes away, ended by its own process id. */
import { jetstreamManager } from '@nats-io/jetstream';
import { nkeys, type NatsConnection } from '@nats-io/transport-node';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { dockerAnswers } from './docker.case.ts';
import { startNatsContainer } from './nats-container.case.ts';

export interface NatsServer {
  readonly url: string;
  /** Kills it with -9. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** How long it may take until it listens, ms: much over what it needs on a machine with little to do. */
const START_MS = 60_000;

/** Where 'real-parts' puts the real servers that it makes. */
const parts = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'orrery-parts', 'bin');

function lookForNatsServer(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), parts];
  return folders.map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path));
}

/** @returns what is missing to start one here; undefined when nothing is */
export async function noNatsServer(): Promise<string | undefined> {
  if (lookForNatsServer() !== undefined || (await dockerAnswers())) return undefined;
  return `no Docker daemon answers, and no nats-server is on PATH or in ${parts}: a real one is needed, as from a package or 'real-parts nats'`;
}

/**
 * Starts a server with JetStream, its largest payload the usual 1 MiB; in a container where this machine has none.
 * @param configuration further, in the server's own language
 */
export async function startNatsServer(configuration?: string): Promise<NatsServer> {
  const binary = lookForNatsServer();
  if (binary === undefined) return startNatsContainer(configuration);
  const folder = mkdtempSync(join(tmpdir(), 'orrery-nats-'));
  let child: ChildProcess;
  let port = '-1';
  const start = async (): Promise<void> => {
    rmSync(join(folder, 'ports'), { recursive: true, force: true });
    const args = [
      '-js',
      '-sd',
      join(folder, 'store'),
      '-a',
      '127.0.0.1',
      '-p',
      port,
      '--ports_file_dir',
      folder,
    ];
    if (configuration !== undefined) {
      const file = join(folder, 'nats.conf');
      writeFileSync(file, configuration);
      args.push('-c', file);
    }
    child = spawn(binary, args, { stdio: 'ignore' });
    const file = join(folder, `nats-server_${child.pid}.ports`);
    const end = performance.now() + START_MS;
    while (!existsSync(file) || readFileSync(file, 'utf8').length === 0) {
      if (performance.now() > end || child.exitCode !== null) throw new Error(`${binary} did not start`);
      await setTimeout(20);
    }
    const { nats } = JSON.parse(readFileSync(file, 'utf8')) as { nats: string[] };
    port = new URL(nats[0]).port;
  };
  const kill = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url: `127.0.0.1:${port}`,
    kill,
    restart: start,
    close: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Names of all that a server stores. */
export async function streamsOf(nc: NatsConnection): Promise<string[]> {
  const manager = await jetstreamManager(nc);
  const found: string[] = [];
  for await (const name of manager.streams.names()) found.push(name);
  return found;
}

/** A new nkey: what the server is told, and what its owner keeps. */
export function newNkey(): { publicKey: string; seed: Uint8Array } {
  const key = nkeys.createUser();
  return { publicKey: key.getPublicKey(), seed: key.getSeed() };
}
