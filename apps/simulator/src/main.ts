/** Entry point of a replica: a process that runs some shards of a run over a broker, until the run is over. */
import { randomUUID } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { WindowedHost } from '@orrery/actor';
import type { Runner } from '@orrery/bus';
import { drive, type Driven } from '@orrery/bus/drive';
import { connectNats, natsBus } from '@orrery/bus/nats';
import type { Assignment, Report } from './adapters/assignment.ts';
import { ClosingPart, createPart } from './parts/part.ts';
import { assignShards } from './parts/shards.ts';

/** Wall time between looks whether all is said, ms. */
const LOOK_MS = 20;
/** Wall time between words on how far the run is, ms. */
const TELL_MS = 100;
/** Wall time between purges of what no replica needs, ms. */
const PURGE_MS = 2000;

function tell(report: Report): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(report, undefined, {}, () => resolve());
  });
}

async function replica(assignment: Assignment): Promise<void> {
  const { url, run, replica: name, scenario, seed, counts } = assignment;
  const options = {
    scenario,
    seed,
    encode: (value: unknown) => new Uint8Array(serialize(value)),
    decode: (bytes: Uint8Array) => deserialize(bytes) as unknown,
  };
  const closes = name === 'headnode';
  const part = closes ? undefined : createPart(options);
  const closing = closes ? new ClosingPart(options) : undefined;
  const { simulation } = part ?? (closing as ClosingPart).part;
  stopOnFailure(simulation);
  const nc = await connectNats({ servers: url, name: `orrery ${run} ${name}` });
  const broker = await natsBus(nc, run).open(name);
  if ((await broker.pointers()).get(name)?.left === true) return leave(0);
  const state: { driven?: Driven; ended: boolean; toldMs: number } = { ended: false, toldMs: 0 };
  const close = guarded((): void => {
    const runner = state.driven?.runner;
    if (runner?.closing === undefined) return;
    const { boundary, number } = runner.closing;
    closing?.close(runner, () => (number === 1 ? assignShards(closing.part.plan, counts) : undefined));
    if (performance.now() - state.toldMs < TELL_MS) return;
    state.toldMs = performance.now();
    void tell({ is: 'at', time: boundary });
  });
  const { lookaheadNs, controlWindowNs } = scenario.datacenter;
  const driven = await drive(broker, {
    run,
    replica: name,
    process: `${name}#${randomUUID()}`,
    rules: { lookaheadNs, controlWindowNs, endNs: scenario.durationNs },
    closes,
    simulation,
    listener: {
      onClose: close,
      onEnd: () => void (state.ended = true),
      onStop: (code, detail) => void tell({ is: 'stopped', code, detail }).then(() => process.exit(1)),
    },
  });
  state.driven = driven;
  close();
  const isOver = async (runner: Runner): Promise<boolean> =>
    state.ended && runner.settled && (!closes || runner.isOver(await broker.pointers()));
  let purgedMs = performance.now();
  while (!(await isOver(driven.runner))) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (!closes || performance.now() - purgedMs < PURGE_MS) continue;
    purgedMs = performance.now();
    await broker.purge(driven.runner.purgeBelow(await broker.pointers()));
  }
  await driven.close();
  return leave(simulation.host.events);

  /** All this replica had to say is stored, by this process or by one before it. */
  async function leave(events: number): Promise<void> {
    await tell({ is: 'over', events });
    await nc.close();
    process.disconnect();
  }
}

/** A failure inside ends the process with its reason: whoever called might go on as if nothing had happened. */
function guarded<Args extends unknown[], Result>(act: (...args: Args) => Result): (...args: Args) => Result {
  return (...args) => {
    try {
      return act(...args);
    } catch (error) {
      const { name, message, cause } = error as Error;
      const detail = cause instanceof Error ? `${message}: ${cause.message}` : message;
      void tell({ is: 'stopped', code: name, detail }).then(() => process.exit(1));
      throw error;
    }
  };
}

function stopOnFailure(simulation: WindowedHost): void {
  simulation.runWindow = guarded(simulation.runWindow.bind(simulation));
  simulation.enter = guarded(simulation.enter.bind(simulation));
  simulation.deliver = guarded(simulation.deliver.bind(simulation));
}

process.once('disconnect', () => process.exit());
process.once('message', (assignment) => void replica(assignment as Assignment));
