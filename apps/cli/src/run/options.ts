/** What `orrery run` was asked for, checked. */
import type { NatsFlags } from '@orrery/simulator/over';

export interface RunOptions {
  seed: number | undefined;
  /** Simulated length, ns; undefined: the scenario's own. */
  forNs: number | undefined;
  /** Simulated seconds a wall second; Infinity: as fast as it goes. */
  speed: number;
  log: string | undefined;
  otlp: string | undefined;
  traceFile: string | undefined;
  report: string | undefined;
  sets: readonly string[];
  json: boolean;
  /** `LOG@TIME`: a moment of another run. */
  from: string | undefined;
  /** `POINT:N`: for tests of crashes: dies by SIGKILL at the N-th such write. */
  crashAt: string | undefined;
  /** The broker over which the services run as processes of their own; undefined: all in this process. */
  nats: string | undefined;
  /** As whom it is entered. */
  access: Omit<NatsFlags, 'nats'>;
  /** How many processes of a service, by its name; one where nothing is said. */
  replicas: Readonly<Record<string, number>>;
}

/** As commander gives them. */
export interface RunFlags extends Omit<NatsFlags, 'nats'> {
  seed?: number;
  for?: number;
  speed: number;
  log?: string;
  resume?: string;
  otlp?: string;
  traceFile?: string;
  report?: string;
  set: string[];
  from?: string;
  json?: boolean;
  crashAt?: string;
  nats?: string;
  replicas: Record<string, number>;
}

export function runOptions(flags: RunFlags): RunOptions {
  return {
    seed: flags.seed,
    forNs: flags.for,
    speed: flags.speed,
    log: flags.log,
    otlp: flags.otlp,
    traceFile: flags.traceFile,
    report: flags.report,
    sets: flags.set,
    from: flags.from,
    json: flags.json === true,
    crashAt: flags.crashAt,
    nats: flags.nats,
    access: flags,
    replicas: flags.replicas,
  };
}
