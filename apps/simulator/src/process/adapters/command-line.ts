/** The command line of a service: every flag with its environment variable, checked before anything begins. */
import { hostname } from 'node:os';
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { withoutPassword, type NatsOptions } from '@orrery/bus/nats';
import { serviceNames, type ProcessName } from '../names.ts';
import { defaultReplicaName, replicaNameProblem } from '../replica-name.ts';
import { addNatsOptions, readNatsFlags, type NatsFlags } from './nats-access.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export interface Settings {
  service: ProcessName;
  replica: string;
  /** Whether it takes the name of a replica that stays away: it was given none of its own. */
  adopts?: boolean;
  /** The one run it is for; undefined: whichever is deployed, one after another. */
  run: string | undefined;
  nats: NatsOptions;
  /** Fit to be logged. */
  natsUrl: string;
  http: { host: string; port: number } | undefined;
  /** The tracer's collector; others have none. */
  otlp?: string;
  logLevel: (typeof logLevels)[number];
}

interface Flags extends NatsFlags {
  replica?: string;
  run?: string;
  httpPort?: number;
  httpHost: string;
  otlp: string;
  logLevel: Settings['logLevel'];
}

const examples = `
A service waits for its broker, and there for a run; it joins when the head node says so. When another run takes
its place, it goes over to that one. Killed and started again, it goes on where it was. Asked to go (SIGTERM), it
gives its shards to other replicas of its service, if there are any, and exits with 0. A replica that was given no name
and no shards takes the place of one that has been away for 10 s: a container made anew is called something else.

Exit codes: 0 asked to go, or the run of --run is over; 1 the run cannot go on; 2 wrong flags.

Examples:
  orrery-service compute-node --nats 127.0.0.1:4222
  orrery-service storage --nats tls://nats.example:4222 --nats-creds-file storage.creds
  ORRERY_NATS_URL=nats:4222 ORRERY_HTTP_PORT=9464 orrery-service fma`;

/** @throws CommanderError on help and on what is wrong, after it was printed */
export function parseCommandLine(
  args: readonly string[],
  print: (text: string) => void = (text) => void process.stderr.write(text),
): Settings {
  const program = commandOf().configureOutput({ writeErr: print });
  let settings: Settings | undefined;
  program.action((service: ProcessName, flags: Flags) => {
    settings = settingsOf(program, service, flags);
  });
  program.parse(args, { from: 'user' });
  return settings as Settings;
}

function commandOf(): Command {
  const flag = (flags: string, about: string, env: string): Option => new Option(flags, about).env(env);
  const command = new Command('orrery-service')
    .description('One service of a datacenter, as a process over NATS.')
    .addArgument(new Argument('<name>', 'the service').choices(serviceNames))
    .addOption(
      flag(
        '--nats <url>',
        'the broker: host:port, nats:// or tls://, several with commas',
        'ORRERY_NATS_URL',
      ).default('127.0.0.1:4222'),
    );
  return addNatsOptions(command)
    .addOption(flag('--replica <name>', 'unique among all; default: service and host name', 'ORRERY_REPLICA'))
    .addOption(
      flag('--run <id>', 'the one run it is for; without it, the deployed one', 'ORRERY_RUN').argParser(
        runId,
      ),
    )
    .addOption(
      flag(
        '--http-port <port>',
        'serve /healthz, /readyz and /metrics; 0: any free port',
        'ORRERY_HTTP_PORT',
      ).argParser(port),
    )
    .addOption(
      flag('--http-host <address>', 'where they are served', 'ORRERY_HTTP_HOST').default('127.0.0.1'),
    )
    .addOption(
      flag(
        '--otlp <url>',
        'the collector of the tracer: http://host:4318 or grpc://host:4317',
        'ORRERY_OTLP_URL',
      )
        .default('http://127.0.0.1:4318')
        .argParser(otlpUrl),
    )
    .addOption(
      flag('--log-level <level>', 'JSON lines on standard error', 'ORRERY_LOG_LEVEL')
        .choices(logLevels)
        .default('info'),
    )
    .addHelpText('after', examples)
    .showHelpAfterError('(see --help)')
    .exitOverride();
}

function settingsOf(program: Command, service: ProcessName, flags: Flags): Settings {
  const refuse = (message: string): never => program.error(`error: ${message}`, { exitCode: 2 });
  const replica = flags.replica ?? defaultReplicaName(service, hostname());
  const problem = replicaNameProblem(service, replica);
  if (problem !== undefined) refuse(`--replica: ${problem}, found "${replica}"`);
  const { httpPort, httpHost, otlp } = flags;
  return {
    service,
    replica,
    adopts: flags.replica === undefined,
    run: flags.run,
    nats: readNats(flags, refuse),
    natsUrl: withoutPassword(flags.nats),
    http: httpPort === undefined ? undefined : { host: httpHost, port: httpPort },
    otlp,
    logLevel: flags.logLevel,
  };
}

function readNats(flags: Flags, refuse: (message: string) => never): NatsOptions {
  try {
    return readNatsFlags(flags);
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function runId(text: string): string {
  if (!/^[\w-]{1,63}$/.test(text))
    throw new InvalidArgumentError('Expected 1 to 63 letters, digits, - and _.');
  return text;
}

function otlpUrl(text: string): string {
  if (!/^(https?|grpcs?):\/\/[^/\s]+/.test(text))
    throw new InvalidArgumentError('Expected http://host:4318 or grpc://host:4317.');
  return text;
}

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('Expected a port from 0 to 65535.');
  return Number(text);
}

/** What commander ended with: 0 after help, 2 after a refusal. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof CommanderError)) throw error;
  return error.exitCode === 0 ? 0 : 2;
}
