/** The containers of deploy/ as a proof sees them: a project of its own, with ports and a context of its own. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../packages/bus/src/adapters/nats/free-port.case.ts';
import { orrery, root, run, type Ran } from './orrery.ts';

const COMPOSE = join(root, 'deploy/compose.yaml');
const IMAGE = 'orrery-proof';

export interface Container {
  id: string;
  service: string;
  running: boolean;
  /** `healthy`, or `none` where there is no check. */
  health: string;
  /** Of its main process, as the host counts. */
  pid: number;
  /** When the main process was started, as docker says it. */
  startedAt: string;
}

/** Why there is no docker to be had; undefined: there is. */
export async function dockerMissing(): Promise<string | undefined> {
  try {
    const daemon = await run('docker', ['info', '--format', '{{.ServerVersion}}']);
    if (daemon.code !== 0) return `no docker daemon answers: ${lastLine(daemon.err)}`;
    const compose = await run('docker', ['compose', 'version']);
    return compose.code === 0 ? undefined : `no docker compose: ${lastLine(compose.err)}`;
  } catch (error) {
    return `no docker: ${(error as Error).message}`;
  }
}

export class Deployment {
  readonly jaegerUrl: string;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly scratch: string;

  private constructor(scratch: string, control: number, jaeger: number) {
    this.scratch = scratch;
    this.jaegerUrl = `http://127.0.0.1:${jaeger}`;
    this.environment = {
      ...process.env,
      COMPOSE_PROJECT_NAME: `orrery-proof-${process.pid}`,
      ORRERY_IMAGE: IMAGE,
      ORRERY_PORT: String(control),
      JAEGER_PORT: String(jaeger),
      ORRERY_CONTEXT_FOLDER: join(scratch, 'orrery'),
    };
  }

  /** Builds the image. @param scratch where the commands of the host find their context */
  static async build(scratch: string): Promise<Deployment> {
    const deployment = new Deployment(scratch, await freePort(), await freePort());
    mkdirSync(join(scratch, 'orrery'));
    await deployment.compose('build');
    return deployment;
  }

  /** @returns wall seconds until every service is healthy */
  async up(): Promise<number> {
    return (await this.compose('up', '--detach', '--no-build', '--wait', '--wait-timeout', '120')).seconds;
  }

  /** Removes containers and volumes. */
  async down(): Promise<void> {
    await this.compose('down', '--volumes', '--timeout', '5');
  }

  /** `orrery` on the host, which finds the address and the token in its context. */
  orrery(...args: string[]): Promise<Ran> {
    const env: NodeJS.ProcessEnv = { ...process.env, XDG_CONFIG_HOME: this.scratch };
    delete env.ORRERY_CONNECT;
    delete env.ORRERY_TOKEN;
    return orrery(args, { env });
  }

  /** The object that a command prints with `--json`. @throws Error when it prints none */
  async ask<Answer>(...args: string[]): Promise<Answer> {
    const { out, err, code } = await this.orrery(...args, '--json');
    try {
      return JSON.parse(out) as Answer;
    } catch {
      throw new Error(`orrery ${args.join(' ')}: exit ${code}: ${lastLine(err)}`);
    }
  }

  async containers(): Promise<Container[]> {
    const ids = (await this.compose('ps', '--quiet')).out.trim().split('\n');
    const inspected = await must('docker', ['inspect', ...ids]);
    const found = JSON.parse(inspected.out) as Inspected[];
    return found.map(({ Id, Config, State }) => ({
      id: Id,
      service: Config.Labels['com.docker.compose.service'],
      running: State.Running,
      health: State.Health?.Status ?? 'none',
      pid: State.Pid,
      startedAt: State.StartedAt,
    }));
  }

  async container(service: string): Promise<Container> {
    const found = (await this.containers()).find((each) => each.service === service);
    if (found === undefined) throw new Error(`${service} has no container`);
    return found;
  }

  /** What `docker stats` says of all, bytes. */
  async memory(): Promise<number> {
    const ids = (await this.containers()).map(({ id }) => id);
    const { out } = await must('docker', ['stats', '--no-stream', '--format', '{{.MemUsage}}', ...ids]);
    return out
      .trim()
      .split('\n')
      .reduce((sum, line) => sum + bytesOf(line.split('/')[0].trim()), 0);
  }

  /** Kills a container's main process with -9 from outside of it: `docker kill` would suspend its restart policy. */
  async kill(service: string): Promise<Container> {
    const container = await this.container(service);
    const seen = [
      'run',
      '--rm',
      '--cap-add=KILL',
      '--pid=host',
      '--network=none',
      '--user=0',
      '--entrypoint=sh',
    ];
    await must('docker', [...seen, IMAGE, '-c', `kill -9 ${container.pid}`]);
    return container;
  }

  /** Copies out of a container what need not be running. */
  async copy(service: string, from: string, to: string): Promise<void> {
    const { id } = await this.container(service);
    await must('docker', ['cp', `${id}:${from}`, to]);
  }

  /** The last lines of all containers, for a failure. */
  async logs(): Promise<string[]> {
    return (await this.compose('logs', '--tail', '5', '--no-color')).out.trim().split('\n');
  }

  private compose(...args: string[]): Promise<Ran> {
    return must('docker', ['compose', '--file', COMPOSE, ...args], this.environment);
  }
}

interface Inspected {
  Id: string;
  Config: { Labels: Record<string, string> };
  State: { Running: boolean; Pid: number; StartedAt: string; Health?: { Status: string } };
}

async function must(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ran> {
  const ran = await run(command, args, { env });
  if (ran.code !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${ran.code}: ${lastLine(ran.err)}`);
  return ran;
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

/** @param text as docker writes it: `68.12MiB` */
function bytesOf(text: string): number {
  const [, number = '0', unit = 'B'] = /^([\d.]+)\s*([A-Za-z]+)$/.exec(text) ?? [];
  const powers: Readonly<Record<string, number>> = {
    B: 1,
    KiB: 1024,
    MiB: 1024 * 1024,
    GiB: 1024 * 1024 * 1024,
  };
  return Number(number) * (powers[unit] ?? NaN);
}
