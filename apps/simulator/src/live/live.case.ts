/** A small live run over gRPC in this process, for tests. */
import { newMemoryLog, type MemoryLog } from '@orrery/log';
import { loadScenario, starterFiles, type Scenario } from '@orrery/spec';
import {
  connectControl,
  serveControl,
  type ControlClient,
  type ControlServer,
} from '@orrery/headnode/adapters';
import {
  catalogue,
  decodeSnapshot,
  encodeSnapshot,
  engine,
  LiveRun,
  memoryLiveLog,
  memoryReaders,
} from '../index.ts';
import type { Clock } from './clock.ts';
import type { LiveEnd } from './live-run.ts';

export const SECOND = 1_000_000_000;
export const codec = { encode: encodeSnapshot, decode: decodeSnapshot };

export const wallClock: Clock = {
  now: () => performance.now(),
  after: (ms, call) => {
    if (ms < 1) {
      const handle = setImmediate(call);
      return () => clearImmediate(handle);
    }
    const handle = setTimeout(call, ms);
    return () => clearTimeout(handle);
  },
};

/** The starter datacenter without its time line, to be driven from outside. */
export function quietScenario(): Scenario {
  const files = new Map(starterFiles.map(({ path, text }) => [path, text]));
  const loaded = loadScenario({ read: (path) => files.get(path) }, 'scenario.yaml', catalogue, {});
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return { ...loaded.value, durationNs: 24 * 3600 * SECOND, timeline: [] };
}

export interface Live {
  run: LiveRun;
  log: MemoryLog;
  server: ControlServer;
  client: ControlClient;
  over: Promise<LiveEnd>;
  close: () => Promise<void>;
}

export async function startLive(
  options: { speed?: number; token?: string; paused?: boolean } = {},
): Promise<Live> {
  const scenario = quietScenario();
  const log = newMemoryLog({
    engine,
    runId: 'live',
    seed: 7,
    specJson: new Uint8Array(),
    createdAt: '',
    nodeVersion: '',
  });
  const run = new LiveRun({
    scenario,
    seed: 7,
    runId: 'live',
    clock: wallClock,
    log: memoryLiveLog(log),
    readers: memoryReaders(log, scenario, codec),
    encodeSnapshot,
    speed: options.speed ?? Infinity,
    paused: options.paused,
  });
  const over = run.run();
  const { token } = options;
  const server = await serveControl({ run, listen: '127.0.0.1:0', token });
  const client = connectControl({ address: server.address, token });
  const close = async () => {
    client.close();
    await server.close();
    if (run.status().state !== 'ended') await run.end(false);
    await over;
  };
  return { run, log, server, client, over, close };
}
