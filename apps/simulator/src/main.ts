/** Entry point of a service: a process that does its part of a run over a broker. */
import { destination, pino, type Logger } from 'pino';
import type { Report } from './adapters/report.ts';
import { exitCodeOf, parseCommandLine, type Settings } from './process/adapters/command-line.ts';
import { ServiceProcess } from './process/adapters/service.ts';
import { headnodeRole } from './process/headnode.ts';
import type { ProcessName } from './process/names.ts';
import { replicaRole } from './process/replica.ts';
import type { Role } from './process/role.ts';
import { tracerRole } from './process/tracer.ts';

/** Wall time between words to whoever started this process on how far the run is, ms. */
const TELL_MS = 100;

const rolesOf = ({ otlp }: Settings): Readonly<Record<ProcessName, Role>> => ({
  'compute-node': replicaRole,
  storage: replicaRole,
  net: replicaRole,
  fma: replicaRole,
  headnode: headnodeRole,
  tracer: tracerRole(otlp),
});

/** An empty variable is one that is not set: compose files cannot leave one out. */
function dropEmpty(environment: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(environment))
    if (name.startsWith('ORRERY_') && value === '') delete environment[name];
}

/** To the process that started this one, when it listens. */
function tell(report: Report): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(report, undefined, {}, () => resolve());
  });
}

function signalOf(log: Logger): AbortSignal {
  const leaving = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (leaving.signal.aborted) log.warn({ signal }, 'still leaving');
      leaving.abort();
    });
  return leaving.signal;
}

async function main(settings: Settings): Promise<number> {
  const { service, replica, logLevel, run } = settings;
  const log = pino(
    { level: logLevel, base: { service, replica, pid: process.pid } },
    destination({ fd: process.stderr.fd, sync: true }),
  );
  const failed = async (error: unknown): Promise<number> => {
    const { message, cause } = error instanceof Error ? error : new Error(String(error));
    const detail = cause instanceof Error ? `${message}: ${cause.message}` : message;
    log.fatal({ err: error }, detail);
    await tell({ is: 'stopped', detail });
    return 1;
  };
  process.on('uncaughtException', (error) => void failed(error).then((code) => process.exit(code)));
  const role = rolesOf(settings)[service];
  const child = new ServiceProcess({ settings, role, log, leave: signalOf(log) });
  const telling = setInterval(() => {
    if (run !== undefined && service === 'headnode')
      void tell({ is: 'at', time: child.counters.simulatedNs });
  }, TELL_MS);
  try {
    await child.run();
    await tell({ is: 'over' });
    return 0;
  } catch (error) {
    return await failed(error);
  } finally {
    clearInterval(telling);
  }
}

/** @returns undefined after help or a refusal, which was printed */
function settingsOrExit(): Settings | undefined {
  try {
    return parseCommandLine(process.argv.slice(2));
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    return undefined;
  }
}

dropEmpty(process.env);
process.once('disconnect', () => process.exit(1));
// Whoever started it may have died while it was being loaded.
if (process.send !== undefined && !process.connected) process.exit(1);
const settings = settingsOrExit();
if (settings !== undefined) process.exit(await main(settings));
