/** A replica's counters as OpenMetrics text. Nothing is measured here: counters are read when they are asked for. */
import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Registry,
  type CounterConfiguration,
  type GaugeConfiguration,
  type OpenMetricsContentType,
} from 'prom-client';
import type { Counters } from '../counters.ts';
import { Speed } from '../speed.ts';

const MS_PER_SECOND = 1000;
const NS_PER_SECOND = 1_000_000_000;
const READ_MS = 500;

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  stop(): void;
}

type Read = (counters: Counters) => number;

const totals: readonly [name: string, help: string, read: Read][] = [
  ['orrery_windows', 'Windows run.', ({ windows }) => windows],
  ['orrery_boundaries', 'Control boundaries carried out.', ({ boundaries }) => boundaries],
  ['orrery_events', 'Events delivered.', ({ events }) => events],
  ['orrery_facts', 'Facts said.', ({ facts }) => facts],
  ['orrery_window_seconds', 'Time in windows.', ({ runMs }) => runMs / MS_PER_SECOND],
  [
    'orrery_broker_failures',
    'Tries of the broker that failed, and were made again.',
    (c) => c.brokerFailures,
  ],
  ['orrery_malformed_messages', 'Messages that could not be read, and were passed over.', (c) => c.malformed],
];

const gauges: readonly [name: string, help: string, read: Read][] = [
  ['orrery_simulated_seconds', 'How far the run is here.', ({ simulatedNs }) => simulatedNs / NS_PER_SECOND],
  ['orrery_queue_events', 'Events that wait.', ({ queued }) => queued],
  [
    'orrery_unacknowledged',
    'Messages and objects that the broker has not acknowledged.',
    (c) => c.unacknowledged,
  ],
];

/** @param counters as they are now: a process may go from one run to the next; @param ready whether it is */
export function createMetrics(
  labels: Record<string, string>,
  counters: () => Counters,
  ready: () => boolean,
): Metrics {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  registry.setDefaultLabels(labels);
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  for (const [name, help, read] of totals)
    addCounter({ name, help, registers }, () => [[{}, read(counters())]]);
  for (const [name, help, read] of gauges) addGauge({ name, help, registers }, () => read(counters()));
  const waited = (): Reading[] =>
    [...counters().waitedMs]
      .filter(([peer]) => peer !== '')
      .map(([peer, ms]) => [{ peer }, ms / MS_PER_SECOND]);
  addCounter(
    {
      name: 'orrery_wait_seconds',
      help: 'Time without a window to run, by whose message ended it: a replica, or the boundary.',
      registers,
      labelNames: ['peer'],
    },
    waited,
  );
  addCounter(
    { name: 'orrery_spans', help: 'Spans by what became of them.', registers, labelNames: ['outcome'] },
    () => [...counters().spans].map(([outcome, count]) => [{ outcome }, count]),
  );
  const speed = new Speed();
  const look = (): void => speed.read(counters().simulatedNs, performance.now());
  const timer = setInterval(look, READ_MS);
  addGauge(
    { name: 'orrery_speed_ratio', help: 'Simulated over real time, of the last 10 s.', registers },
    () => speed.ratio,
  );
  addGauge({ name: 'orrery_ready', help: 'Whether it is ready.', registers }, () => (ready() ? 1 : 0));
  return {
    contentType: registry.contentType,
    text: () => {
      look();
      return registry.metrics();
    },
    stop: () => clearInterval(timer),
  };
}

type Reading = [labels: Record<string, string>, value: number];

function addCounter(configuration: CounterConfiguration<string>, read: () => Reading[]): void {
  new Counter({
    ...configuration,
    collect() {
      this.reset();
      for (const [labels, value] of read()) this.inc(labels, value);
    },
  });
}

function addGauge(configuration: GaugeConfiguration<string>, read: () => number): void {
  new Gauge({
    ...configuration,
    collect() {
      this.set(read());
    },
  });
}
