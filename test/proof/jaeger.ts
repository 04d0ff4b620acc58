/** A real Jaeger on free ports, started for a proof and ended with it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../packages/bus/src/adapters/nats/free-port.case.ts';
import { root, run } from './orrery.ts';

/** How long a Jaeger told to stop may take before it is killed, ms. */
const PATIENCE = 20_000;

export interface JaegerSpan {
  name: string;
  service: string;
  spanId: string;
  parentSpanId: string;
  /** ns since the epoch. */
  start: bigint;
  end: bigint;
}

export interface Jaeger {
  otlp: string;
  otlpGrpc: string;
  /** Spans of one trace, to the nanosecond; empty while there are none. */
  trace: (id: string) => Promise<JaegerSpan[]>;
  stop: () => Promise<void>;
}

/** Path of Jaeger's binary: on PATH, or where the tool that provides real servers has put it. */
export async function findJaeger(): Promise<string | undefined> {
  const tool = join(root, '../shared/tools/real-parts');
  const parts = existsSync(tool) ? (await run(tool, ['path'])).out.trim() : '';
  const path = `${parts}:${process.env['PATH'] ?? ''}`;
  const found = await run('sh', ['-c', 'command -v jaeger'], { env: { ...process.env, PATH: path } });
  return found.code === 0 ? found.out.trim() : undefined;
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

export interface JaegerPorts {
  query: number;
  queryGrpc: number;
  http: number;
  grpc: number;
  health: number;
}

export async function freePorts(): Promise<JaegerPorts> {
  const [query, queryGrpc, http, grpc, health] = await Promise.all(Array.from({ length: 5 }, freePort));
  return { query, queryGrpc, http, grpc, health };
}

const inMemory = [
  'service.extensions=[jaeger_storage,jaeger_query]',
  'service.pipelines.traces.receivers=[otlp]',
  'service.telemetry.metrics.level=none',
];

/** As it is deployed, its spans in a folder: another on the same ports finds them. */
export function startJaegerIn(binary: string, folder: string, ports: JaegerPorts): Promise<Jaeger> {
  const config = join(root, 'deploy/jaeger.yaml');
  const directories = 'extensions.jaeger_storage.backends.spans.badger.directories';
  return launch(
    binary,
    ports,
    ['--config', config],
    [
      `extensions.healthcheckv2.http.endpoint=127.0.0.1:${ports.health}`,
      `${directories}.keys=${join(folder, 'keys')}`,
      `${directories}.values=${join(folder, 'values')}`,
    ],
  );
}

/** @throws when it does not answer within a minute */
export async function startJaeger(binary: string): Promise<Jaeger> {
  return launch(binary, await freePorts(), [], inMemory);
}

async function launch(
  binary: string,
  { query, queryGrpc, http, grpc }: JaegerPorts,
  args: readonly string[],
  more: readonly string[],
): Promise<Jaeger> {
  const settings = [
    `extensions.jaeger_query.http.endpoint=127.0.0.1:${query}`,
    `extensions.jaeger_query.grpc.endpoint=127.0.0.1:${queryGrpc}`,
    `receivers.otlp.protocols.http.endpoint=127.0.0.1:${http}`,
    `receivers.otlp.protocols.grpc.endpoint=127.0.0.1:${grpc}`,
    ...more,
  ];
  const child = spawn(binary, [...args, ...settings.flatMap((setting) => ['--set', setting])], {
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for (let tries = 0; ; tries++) {
    const up = await answers(`http://127.0.0.1:${query}/api/services`);
    if (up && (await answers(`http://127.0.0.1:${http}/`))) break;
    if (tries > 600 || child.exitCode !== null) throw new Error('jaeger did not start');
    await wait(100);
  }
  const stop = async (): Promise<void> => {
    if (!child.kill()) return;
    // It waits for connections that a client keeps open, some only until its own limits.
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    await ended;
    clearTimeout(late);
  };
  return jaegerAt({ query, http, grpc, stop });
}

/** @param at its ports on this machine */
export function jaegerAt(at: Pick<Jaeger, 'stop'> & { query: number; http: number; grpc: number }): Jaeger {
  return {
    otlp: `http://127.0.0.1:${at.http}`,
    otlpGrpc: `grpc://127.0.0.1:${at.grpc}`,
    trace: (id) => readTrace(`http://127.0.0.1:${at.query}/api/v3/traces/${id}`),
    stop: at.stop,
  };
}

interface RawSpan {
  name: string;
  spanId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
}

interface RawTrace {
  result: {
    resourceSpans: {
      resource: { attributes: { key: string; value: { stringValue: string } }[] };
      scopeSpans: { spans: RawSpan[] }[];
    }[];
  };
}

async function readTrace(url: string): Promise<JaegerSpan[]> {
  const response = await fetch(url);
  if (!response.ok) return [];
  const { result } = (await response.json()) as RawTrace;
  return result.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const named = resource.attributes.find((attribute) => attribute.key === 'service.name');
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        name: span.name,
        service: named?.value.stringValue ?? '',
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
      })),
    );
  });
}
