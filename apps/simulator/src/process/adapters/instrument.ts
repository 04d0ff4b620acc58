/** Counts what a replica does, and ends it in order when something in it fails: two readings of the clock for each window. */
import type { WindowedHost } from '@orrery/actor';
import type { BrokerInputs, OpenBroker } from '@orrery/bus';
import type { Counters } from '../counters.ts';

/** Whose message is being heard: what ends a wait. */
interface Heard {
  from: string;
}

/**
 * @param fail called once, with what was thrown; after it nothing more is heard
 * @returns the broker to drive the replica with
 */
export function instrument(
  broker: OpenBroker,
  simulation: WindowedHost,
  counters: Counters,
  fail: (error: unknown) => void,
): OpenBroker {
  const heard: Heard = { from: '' };
  countWindows(simulation, counters, heard);
  const listen = broker.listen.bind(broker);
  broker.listen = (inputs) => listen(guardedInputs(inputs, heard, fail));
  return broker;
}

function countWindows(simulation: WindowedHost, counters: Counters, heard: Heard): void {
  const { host } = simulation;
  const run = simulation.runWindow.bind(simulation);
  const report = simulation.report.bind(simulation);
  const enter = simulation.enter.bind(simulation);
  let idleMs = performance.now();
  simulation.runWindow = (start, end) => {
    const begunMs = performance.now();
    const { waitedMs } = counters;
    waitedMs.set(heard.from, (waitedMs.get(heard.from) ?? 0) + begunMs - idleMs);
    const ran = run(start, end);
    idleMs = performance.now();
    counters.windows++;
    counters.runMs += idleMs - begunMs;
    counters.lastWindowMs = idleMs;
    counters.events = host.events;
    counters.queued = host.queue.size;
    return ran;
  };
  simulation.report = (from, upTo) => {
    const batch = report(from, upTo);
    counters.facts += batch.facts.length;
    counters.simulatedNs = upTo;
    return batch;
  };
  simulation.enter = (message) => {
    counters.boundaries++;
    enter(message);
  };
}

/** What is thrown inside ends the replica with its reason: the runner cannot go on from the middle of an action. */
function guardedInputs(inputs: BrokerInputs, heard: Heard, fail: (error: unknown) => void): BrokerInputs {
  let failed = false;
  const guarded =
    <Args extends unknown[]>(act: (...args: Args) => void) =>
    (...args: Args): void => {
      if (failed) return;
      try {
        act(...args);
      } catch (error) {
        failed = true;
        fail(error);
      }
    };
  return {
    connected: guarded(() => inputs.connected()),
    receive: guarded((stored) => {
      const { window, boundary } = stored.content;
      heard.from = window?.replica ?? (boundary === undefined ? '' : 'boundary');
      inputs.receive(stored);
      heard.from = '';
    }),
    page: guarded((from, first, messages) => inputs.page(from, first, messages)),
    acknowledged: guarded((id) => inputs.acknowledged(id)),
    conflicted: guarded((id) => inputs.conflicted(id)),
    objectGot: guarded((name, bytes) => inputs.objectGot(name, bytes)),
    pointerMoved: guarded((number) => inputs.pointerMoved(number)),
    pointerRead: guarded((last, number) => inputs.pointerRead(last, number)),
  };
}
