/**
 * The datacenter of deploy/ as services over a broker: how fast its time passes and how many windows are exchanged, by the number
 * of processes that exchange them, beside the same in one process.
 */
import { connectNats, type NatsConnection } from '@orrery/bus/nats';
import { Simulation } from '@orrery/simulator';
import { runOver } from '@orrery/simulator/over';
import type { Scenario } from '@orrery/spec';
import { loadRunnable } from '../apps/cli/src/load.ts';
import {
  noNatsServer,
  startNatsServer,
  type NatsServer,
} from '../packages/bus/src/adapters/nats/nats-server.case.ts';
import { alternate, atLeast, median, type Findings, type Scale } from './measure.ts';

const DATACENTER = 'deploy/datacenter.yaml';
const SECOND = 1_000_000_000;
/** Wall time between looks at how many messages are stored, ms. */
const LOOK_MS = 200;
/** Messages of a control window beside the tight replicas' windows: the headnode's and fma's, and the boundary's. */
const LOOSE_MESSAGES = 3;

/** Replicas by service, by how many processes exchange windows: net is one of them; fma and headnode only follow. */
const layouts: Readonly<Record<number, Readonly<Record<string, number>>>> = {
  3: {},
  6: { 'compute-node': 3, storage: 2 },
  9: { 'compute-node': 4, storage: 4 },
};

/** What one run over the broker did once it was under way. */
interface Measured {
  /** Simulated over wall time. */
  speed: number;
  windowsPerSecond: number;
}

interface Sample {
  simNs: number;
  wallMs: number;
  stored: number;
}

export async function distributed(scale: Scale): Promise<Findings> {
  const findings: Findings = { rows: [], targets: [], notes: [] };
  const missing = await noNatsServer();
  if (missing !== undefined) {
    findings.notes.push(`distributed was not run: ${missing}`);
    return findings;
  }
  const silent = {
    out: () => undefined,
    err: () => undefined,
    colour: false,
    interactive: false,
    width: 100,
  };
  const loaded = loadRunnable(silent, DATACENTER, []);
  const [embeddedSeconds, seconds, skipped] = scale.tiny ? [1, 2, 0.5] : [60, 30, 5];
  const server = await startNatsServer();
  const found = new Map<number, Measured[]>();
  const counts = scale.tiny ? [3] : Object.keys(layouts).map(Number);
  const over = (tight: number) => async (): Promise<number> => {
    const scenario = { ...loaded, durationNs: seconds * SECOND };
    const measured = await measure(server, scenario, tight, skipped * SECOND);
    found.set(tight, [...(found.get(tight) ?? []), measured]);
    return measured.speed;
  };
  try {
    const { rates, calibration } = await alternate({ ...scale, rounds: Math.min(scale.rounds, 3) }, {
      embedded: () => embedded({ ...loaded, durationNs: embeddedSeconds * SECOND }),
      ...Object.fromEntries(counts.map((tight) => [tight, over(tight)])),
    } as Record<string, () => number | Promise<number>>);
    const baseline = { what: 'in one process', value: rates.embedded };
    for (const tight of counts) {
      const what = `${tight} processes and 2 that follow`;
      const windows = median((found.get(tight) ?? []).map(({ windowsPerSecond }) => windowsPerSecond));
      findings.rows.push(
        {
          what: `${what}, over real time`,
          value: rates[tight],
          unit: 'simulated s/s',
          baseline,
          calibration,
        },
        { what: `${what}, windows`, value: windows, unit: 'windows/s', calibration },
      );
    }
    if (!scale.tiny)
      findings.targets.push(
        atLeast(`${DATACENTER} as processes, one of each, over real time`, rates[3], 1, ' ×'),
      );
  } finally {
    await server.close();
  }
  return findings;
}

function embedded(scenario: Scenario): number {
  const simulation = new Simulation({ scenario, seed: scenario.seed });
  const start = performance.now();
  simulation.advance(scenario.durationNs);
  return scenario.durationNs / 1e6 / (performance.now() - start);
}

/** @param skippedNs simulated time at the beginning that is not counted, with the processes' start */
async function measure(
  server: NatsServer,
  scenario: Scenario,
  tight: number,
  skippedNs: number,
): Promise<Measured> {
  const nc = await connectNats({ servers: server.url });
  const samples: Sample[] = [];
  const state = { simNs: 0 };
  const timer = setInterval(() => {
    if (state.simNs < skippedNs) return;
    const simNs = state.simNs;
    void storedWindows(nc).then(
      (stored) => samples.push({ simNs, wallMs: performance.now(), stored }),
      () => undefined,
    );
  }, LOOK_MS);
  try {
    await runOver({
      scenario,
      seed: scenario.seed,
      access: { nats: server.url },
      counts: layouts[tight],
      onProgress: (time) => (state.simNs = time),
    });
  } finally {
    clearInterval(timer);
    await nc.close();
  }
  return between(samples, scenario, tight);
}

function between(samples: readonly Sample[], scenario: Scenario, tight: number): Measured {
  const [first] = samples;
  const last = samples.findLast(({ simNs, stored }) => stored > 0 && simNs < scenario.durationNs);
  if (first === undefined || last === undefined || last === first)
    throw new Error('the run was over before it could be measured');
  const wallSeconds = (last.wallMs - first.wallMs) / 1000;
  const simNs = last.simNs - first.simNs;
  const followed = (simNs / scenario.datacenter.controlWindowNs) * LOOSE_MESSAGES;
  const windows = (last.stored - first.stored - followed) / tight;
  return { speed: simNs / SECOND / wallSeconds, windowsPerSecond: windows / wallSeconds };
}

/** Sequence of the last message in the run's stream of windows: the one that says again what it stores. */
async function storedWindows(nc: NatsConnection): Promise<number> {
  const answer = await nc.request('$JS.API.STREAM.LIST', '', { timeout: 2000 });
  const { streams } = answer.json<{
    streams: { config: { republish?: object }; state: { last_seq: number } }[];
  }>();
  return streams.find(({ config }) => config.republish !== undefined)?.state.last_seq ?? 0;
}
