/** A nats-server of its own for a test: a free port, a folder that goes away, ended by its own process id. */
import { jetstreamManager } from '@nats-io/jetstream';
import { nkeys, type NatsConnection } from '@nats-io/transport-node';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startNatsContainer } from './nats-container.case.ts';

export interface NatsServer {
  readonly url: string;
  /** Kills it with -9. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Where 'real-parts' puts the real servers that it makes. */
const parts = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'orrery-parts', 'bin');

function lookForNatsServer(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), parts];
  return folders.map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path));
}

/** Path of a nats-server binary. @throws Error that says what is missing */
export function findNatsServer(): string {
  const found = lookForNatsServer();
  if (found === undefined)
    throw new Error(
      `no nats-server on PATH or in ${parts}: this test needs a real one, as from a package or 'real-parts nats'`,
    );
  return found;
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
    const end = performance.now() + 20_000;
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
