/**
 * A snapshot is everything a run needs to go on from a control boundary: queue, actors, sequences, streams, digests.
 *
 * `takeSnapshot` refers to live state: serialise it before the next event. It survives structuredClone and v8's
 * serialiser; a restored host goes on exactly as the first would have.
 */
import type { Stream } from '@orrery/kernel';
import type { Hash64 } from '@orrery/log';
import type { Snapshot } from 'xstate';
import { Host, type HostOptions } from './host.ts';
import { ACTOR_SPAN } from '@orrery/kernel';
import type { ActorId } from './kind.ts';
import type { MachineStepper } from './machine.ts';
import type { PendingDraw } from './cell.ts';

interface CellSnapshot {
  id: ActorId;
  address: string;
  kind: string;
  locality: string;
  state: object;
  machine: Snapshot<unknown> | undefined;
  alive: boolean;
  sequence: number;
  facts: number;
  digest: Hash64 | undefined;
  children: number;
  keys: number;
  streams: Record<string, Stream> | undefined;
  draws: Record<string, PendingDraw> | undefined;
}

interface EventSnapshot {
  key: readonly [time: number, step: number, source: number, sequence: number];
  target: ActorId;
  kind: number;
  cause: readonly [actor: number, n: number];
  payload: unknown;
  label: string | undefined;
}

/** Plain data, but for the actors' own states, which are whatever plain data they keep. */
export interface HostSnapshot {
  seed: number;
  now: number;
  events: number;
  cells: CellSnapshot[];
  queue: EventSnapshot[];
}

/** What the host is now, by reference. */
export function takeSnapshot(host: Host): HostSnapshot {
  const { queue } = host;
  return {
    seed: host.seed,
    now: host.now,
    events: host.events,
    cells: host.cells.all().map((cell) => ({
      id: cell.id,
      address: cell.address,
      kind: cell.kind.name,
      locality: cell.locality,
      state: cell.state,
      machine:
        cell.machine === undefined
          ? undefined
          : (host.steppers.get(cell.kind) as MachineStepper).persist(cell.machine),
      alive: cell.alive,
      sequence: cell.sequence,
      facts: cell.facts,
      digest: cell.digest,
      children: cell.children,
      keys: cell.keys,
      streams: cell.streams,
      draws: cell.draws,
    })),
    queue: queue.liveSlots().map((slot) => ({
      key: [queue.time[slot], queue.step[slot], queue.source[slot], queue.sequence[slot]],
      target: queue.target[slot],
      kind: queue.kind[slot],
      cause: [queue.causeActor[slot], queue.causeN[slot]],
      payload: queue.payload[slot],
      label: queue.label[slot],
    })),
  };
}

/** A host that goes on from a snapshot; the snapshot's objects become its own. */
export function restoreHost(options: HostOptions, snapshot: HostSnapshot): Host {
  const host = new Host(options);
  host.seed = snapshot.seed;
  host.now = snapshot.now;
  host.events = snapshot.events;
  restoreInto(host, snapshot);
  return host;
}

/** Puts a snapshot's actors and events into a host. */
export function restoreInto(host: Host, snapshot: Pick<HostSnapshot, 'cells' | 'queue'>): void {
  for (const saved of snapshot.cells) {
    const counter = saved.id % ACTOR_SPAN;
    const root = counter === 0 ? undefined : host.cells.get(saved.id - counter);
    const cell =
      counter === 0
        ? host.cells.get(saved.id)
        : host.makeCell(saved.id, saved.address, saved.kind, saved.locality, root);
    if (cell === undefined || cell.address !== saved.address) {
      throw new RangeError(`the snapshot's actor ${saved.address} is not in this datacenter`);
    }
    cell.state = saved.state;
    cell.alive = saved.alive;
    cell.sequence = saved.sequence;
    cell.facts = saved.facts;
    cell.digest = saved.digest;
    cell.children = saved.children;
    cell.keys = saved.keys;
    cell.streams = saved.streams;
    cell.draws = saved.draws;
    if (saved.machine !== undefined) {
      cell.machine = (host.steppers.get(cell.kind) as MachineStepper).restore(saved.machine);
    }
  }
  restoreQueue(host, snapshot.queue);
}

function restoreQueue(host: Host, events: readonly EventSnapshot[]): void {
  const { queue } = host;
  for (const event of events) {
    const [time, step, source, sequence] = event.key;
    const slot = queue.push(time, step, source, sequence);
    queue.target[slot] = event.target;
    queue.kind[slot] = event.kind;
    queue.causeActor[slot] = event.cause[0];
    queue.causeN[slot] = event.cause[1];
    queue.payload[slot] = event.payload;
    queue.label[slot] = event.label;
    if (event.label === undefined) continue;
    const cell = host.cells.get(event.target);
    if (cell !== undefined)
      (cell.timers ??= new Map<string, number>()).set(event.label, queue.handleOf(slot));
  }
}
