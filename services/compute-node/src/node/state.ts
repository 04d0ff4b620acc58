/** What a node actor keeps: plain data, beside the phase of its statechart. */
import type { Ereport, FactRef } from '@orrery/proto';
import type { NodeTimings } from '@orrery/spec';
import type { NodePhase } from './machine/node-machine.ts';
import type { PowerSupply } from './model/power-supplies.ts';
import type { Dimm } from './model/weak-memory.ts';

/** What of the spec's node its life depends on. */
export interface NodeConfig {
  timings: NodeTimings;
  cpus: number;
  memoryBytes: number;
  psus: string[];
  dimms: { name: string; sizeBytes: number }[];
  /** Of the NIC that it boots from. */
  mac: string;
  pools: string[];
  /** Every image of the datacenter: what a fetch of it costs. */
  catalogue: readonly ImageSize[];
}

export interface ImageSize {
  readonly uuid: string;
  readonly fileBytes: number;
  readonly sizeBytes: number;
  readonly volume: boolean;
}

export interface NodeInit {
  config: NodeConfig;
  /** Starts in multi-user, with its autoboot zones up. */
  running: boolean;
  warm: boolean;
  zones: { uuid: string; pool: string; running: boolean }[];
  /** UUIDs of the images on its pool. */
  images: string[];
}

/** A zone as the node's agent knows it, for heartbeats. */
export interface ZoneEntry {
  uuid: string;
  pool: string;
  state: string;
  zoneState: string;
}

/** A fault that someone injected and nobody reverted; its physics only, no diagnosis reads it. */
export interface ActiveFault {
  id: string;
  kind: string;
  part: string;
  cause: FactRef;
  /** Mean time between errors, ns; 0 for what happens once. */
  meanNs: number;
  /** Weak pages of a DIMM. */
  pages: number[];
}

/** A task of the head node under way. */
export interface Task {
  task: number;
  action: string;
  uuid: string;
  /** What ensure_image is about; else ''. */
  image: string;
  /** Actor id that gave the order, and hears of it. */
  job: number;
}

/** An answer that waits for the admin network. */
export interface Unsent {
  to: number;
  step: string;
  task: number;
  uuid: string;
  error: string;
  state: string;
  tookNs: number;
}

export interface ImageFetch {
  image: string;
  /** Number of the zfs receive; 0 while the image is still on the wire. */
  receive: number;
}

export interface NodeState {
  config: NodeConfig;
  phase: NodePhase | '';
  /** Why the last change of phase came about. */
  reason: string;
  /** Whether a kernel is in memory that os, pools and net believe in. */
  kernel: boolean;
  /** Who was told that the node is up, and must be told when it is not. */
  poolsOn: boolean;
  linksOn: boolean;
  fmdOn: boolean;
  /** A kernel ran since the pools were last exported, so the ZIL is replayed. */
  crashed: boolean;
  bootedAt: number;
  warm: boolean;
  /** Whether the first state is multi-user; ends with the first loss of the kernel. */
  startedRunning: boolean;
  /** The power button: what the chassis returns to when power comes back. */
  wanted: boolean;
  /** Id of the fault that cut the node's power; '': plugged in. */
  unplugged: string;
  supplies: PowerSupply[];
  dimms: Dimm[];
  cpusOffline: number[];
  faults: ActiveFault[];
  /** Ereports of the panic in hand; they reach the dump device when the dump ends. */
  panicEreports: Ereport[];
  panicMessage: string;
  /** Ereports on the dump device, to be replayed at the next multi-user. */
  savedEreports: Ereport[];
  ereports: number;
  /** Dumps taken so far, and the one of which fmd has still to hear; 0: none. */
  dumps: number;
  dumpUntold: number;
  importing: string[];
  /** Pools that did not import at this boot. */
  missing: string[];
  adminUp: boolean;
  adminRateBps: number;
  statusChanged: boolean;
  lastFullAt: number;
  zones: ZoneEntry[];
  tasks: Task[];
  unsent: Unsent[];
  images: string[];
  fetches: ImageFetch[];
}

export function firstState(init: NodeInit): NodeState {
  const { config } = init;
  return {
    config,
    phase: '',
    reason: '',
    kernel: false,
    poolsOn: false,
    linksOn: false,
    fmdOn: false,
    crashed: false,
    bootedAt: 0,
    warm: init.warm,
    startedRunning: init.running,
    wanted: init.running,
    unplugged: '',
    supplies: config.psus.map((name) => ({ name, works: true, bad: 0 })),
    dimms: config.dimms.map(({ name, sizeBytes }) => ({ name, sizeBytes, retired: [] })),
    cpusOffline: [],
    faults: [],
    panicEreports: [],
    panicMessage: '',
    savedEreports: [],
    ereports: 0,
    dumps: 0,
    dumpUntold: 0,
    importing: [],
    missing: [],
    adminUp: false,
    adminRateBps: 0,
    statusChanged: true,
    lastFullAt: -1,
    zones: init.zones.map(({ uuid, pool, running }) => ({
      uuid,
      pool,
      state: running && init.running ? 'running' : 'stopped',
      zoneState: running && init.running ? 'running' : 'installed',
    })),
    tasks: [],
    unsent: [],
    images: [...init.images],
    fetches: [],
  };
}
