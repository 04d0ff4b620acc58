/**
 * A windowed host runs the shards of one replica: what is sent to other shards leaves with the window, what comes from them
 * enters with the key it had there. It has the same facts, in the same order, as those actors have in one process.
 *
 * Rules. 1. A shard is whole localities; what a shard saves is all of them and every event they wait for.
 *        2. Batches and facts come out in one order, whatever shards came and went before: a window recomputed is the same.
 */
import { TIME_MAX } from '@orrery/kernel';
import type { Simulation, WindowReport } from '@orrery/bus';
import type {
  BoundaryClosed,
  CommandRecord,
  EventBatch,
  EventRecord,
  FactBatch,
  FactRecord,
  Facts,
  RecordBatch,
  ShardBatch,
} from '@orrery/proto';
import { codecOf } from '@orrery/proto/codec';
import type { Cell } from './cell.ts';
import { Host, type HostOptions } from './host.ts';
import type { SpanRecord } from './kind.ts';
import { SpanCollector } from './records.ts';
import { restoreInto, takeSnapshot, type HostSnapshot } from './snapshot.ts';

const batches = codecOf('EventBatch');

export interface WindowedOptions extends HostOptions {
  /** Number of the shard that holds a locality; actor 0's is 'outside'. */
  shardOf: (locality: string) => number;
  isLoose: (shard: number) => boolean;
  /** The fact by which actor 0 reports a command. */
  acceptedOf: (command: CommandRecord) => Facts['commandAccepted'];
  /** Bytes of plain data and back: maps, typed arrays and all. */
  encode: (value: unknown) => Uint8Array;
  decode: (bytes: Uint8Array) => unknown;
  /** Collect the spans of each control window; actors of a run that is not traced make none. */
  traced?: boolean;
}

/** What a shard saves of itself. */
export interface ShardSnapshot extends Pick<HostSnapshot, 'cells' | 'queue'> {
  now: number;
  /** Actor 0 is counted on every host. */
  outside: { sequence: number; facts: number };
}

export class WindowedHost implements Simulation {
  readonly host: Host;
  /** Whether there is room for a span; the tracer is told how many found none. */
  keepsSpan: (record: SpanRecord) => boolean = () => true;
  private readonly options: WindowedOptions;
  private readonly here = new Set<number>();
  private starting = false;
  private leaving = new Map<number, EventRecord[]>();
  private reported: FactRecord[] = [];
  private eventsReported = 0;
  private readonly spans: SpanCollector | undefined;
  private origins: Pick<FactBatch, 'phases' | 'sources' | 'sequences'> = {
    phases: [],
    sources: [],
    sequences: [],
  };

  constructor(options: WindowedOptions) {
    this.options = options;
    const parts = {
      isHere: (locality: string) => this.here.has(options.shardOf(locality)),
      leave: (event: EventRecord, locality: string) => this.leave(event, options.shardOf(locality)),
    };
    const onFact: HostOptions['onFact'] = (fact) => {
      const { phase, source, sequence } = this.host.origin;
      this.reported.push(fact.record);
      this.origins.phases.push(phase);
      this.origins.sources.push(source);
      this.origins.sequences.push(sequence);
      options.onFact?.(fact);
    };
    const spans = options.traced === true ? new SpanCollector() : undefined;
    const onSpan: HostOptions['onSpan'] =
      spans === undefined
        ? undefined
        : (service, address, record) => {
            const place = { ...this.host.origin, time: this.host.now, after: this.reported.length };
            spans.add({ service, address, record }, place);
          };
    this.spans = spans;
    this.host = new Host({ ...options, parts, onFact, onSpan });
  }

  begin(shard: number): void {
    this.here.add(shard);
    this.starting = true;
  }

  runWindow(_start: number, end: number): WindowReport {
    if (this.starting) this.host.start();
    this.starting = false;
    this.deliver(this.takeBatches((shard) => this.here.has(shard)));
    this.host.runUntil(Math.max(end, this.host.now));
    return this.header();
  }

  report(from: number, upTo: number): FactBatch {
    const shards = [...this.here].sort((a, b) => a - b);
    const events = this.host.events - this.eventsReported;
    const batch = { from, upTo, shards, facts: this.reported, ...this.origins, commands: [], events };
    this.eventsReported = this.host.events;
    this.reported = [];
    this.origins = { phases: [], sources: [], sequences: [] };
    return batch;
  }

  records(facts: FactBatch): RecordBatch | undefined {
    return this.spans?.take(facts, this.keepsSpan);
  }

  deliver(incoming: readonly ShardBatch[]): void {
    for (const { bytes } of incoming)
      for (const event of (batches.decode(bytes) as EventBatch).events) {
        const { time, step, source, sequence, target, kind, cause } = event;
        const payload = new Uint8Array(event.payload);
        this.host.receive({ time, step, source, sequence, target, kind, ...(cause && { cause }), payload });
      }
  }

  enter({ boundary, commands }: BoundaryClosed): void {
    for (const { command } of commands)
      if (command !== undefined)
        this.host.commandInParts(command, boundary, this.options.acceptedOf(command));
  }

  save(shard: number): Uint8Array {
    const { host } = this;
    const { cells, queue } = takeSnapshot(host);
    const { sequence, facts } = host.cells.get(0) as Cell;
    const snapshot: ShardSnapshot = {
      now: host.now,
      outside: { sequence, facts },
      cells: cells.filter(({ locality }) => this.options.shardOf(locality) === shard),
      queue: queue.filter(({ target }) => this.shardOf(target) === shard),
    };
    return this.options.encode(snapshot);
  }

  restore(shard: number, bytes: Uint8Array): void {
    const { host } = this;
    const snapshot = this.options.decode(bytes) as ShardSnapshot;
    this.here.add(shard);
    host.now = Math.max(host.now, snapshot.now);
    restoreInto(host, snapshot);
    const outside = host.cells.get(0) as Cell;
    outside.sequence = Math.max(outside.sequence, snapshot.outside.sequence);
    outside.facts = Math.max(outside.facts, snapshot.outside.facts);
  }

  drop(shard: number): void {
    const { queue, cells } = this.host;
    for (const slot of queue.liveSlots())
      if (this.shardOf(queue.target[slot]) === shard) queue.cancel(queue.handleOf(slot));
    for (const cell of cells.all()) {
      if (this.options.shardOf(cell.locality) !== shard || cell.id === 0) continue;
      Object.assign(cell, { state: {}, machine: undefined, digest: undefined, streams: undefined });
      Object.assign(cell, { timers: undefined, draws: undefined });
    }
    this.here.delete(shard);
  }

  private leave(event: EventRecord, shard: number): void {
    const events = this.leaving.get(shard);
    if (events === undefined) this.leaving.set(shard, [event]);
    else events.push(event);
  }

  private shardOf(actor: number): number {
    return this.options.shardOf((this.host.homeOf(actor) as Cell).locality);
  }

  private header(): WindowReport {
    const pending = Math.min(this.host.queue.nextTime(), TIME_MAX);
    let earliestSent = TIME_MAX;
    let earliestLoose = TIME_MAX;
    for (const [shard, events] of this.leaving) {
      const first = Math.min(...events.map(({ time }) => time));
      if (this.options.isLoose(shard)) earliestLoose = Math.min(earliestLoose, first);
      else earliestSent = Math.min(earliestSent, first);
    }
    return { pending, earliestSent, earliestLoose, promise: pending, batches: this.takeBatches(() => true) };
  }

  private takeBatches(which: (shard: number) => boolean): ShardBatch[] {
    const taken: ShardBatch[] = [];
    for (const shard of [...this.leaving.keys()].filter(which).sort((a, b) => a - b)) {
      taken.push({ shard, bytes: batches.encode({ events: this.leaving.get(shard) }).finish() });
      this.leaving.delete(shard);
    }
    return taken;
  }
}
