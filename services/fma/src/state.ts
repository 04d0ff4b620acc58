/** What one fault manager keeps. All of it but `running` and `held` is checkpointed: it outlives a reboot. */
import type { ActorId } from '@orrery/actor';
import type { Ereport } from '@orrery/proto';
import type { CaseState } from './machine/case.ts';
import type { Agent } from './model/eft-rules.ts';
import type { Serd } from './model/serd.ts';

export interface FmdInit {
  /** `cn-0001`. */
  node: string;
  /** Whether fmd runs at time 0. */
  running: boolean;
  pools: { name: string; disks: string[] }[];
  dimms: { address: string; sizeBytes: number }[];
}

/** What the manager knows of a case; the case's own actor keeps the rest. */
export interface CaseRecord {
  readonly key: string;
  readonly actor: ActorId;
  readonly uuid: string;
  readonly engine: 'zfs-diagnosis' | 'eft';
  /** '' until a fault is decided on. */
  fault: string;
  state: CaseState;
  /** Address of the part. */
  readonly resource: string;
  readonly pool: string;
  readonly vdev: string;
  /** Page of a memory case; else 0. */
  readonly page: number;
  agent: Agent;
}

export interface Dimm {
  sizeBytes: number;
  /** Pages found faulty so far. */
  pages: number;
}

export interface FmdState {
  readonly node: string;
  running: boolean;
  /** Whether the kernel is up and keeps ereports for an fmd that is not yet. */
  booting: boolean;
  /** Ereports read from the dump device since then. */
  replayed: number;
  /** Ereports of this boot, noticed before fmd started. */
  held: Ereport[];
  /** Cases not discarded, by key, in the order they were opened. */
  readonly cases: Map<string, CaseRecord>;
  caseCount: number;
  readonly serds: Record<string, Serd>;
  readonly dimms: Record<string, Dimm>;
  readonly pools: { name: string; disks: string[] }[];
}

/** fmd's client queue: more are lost. */
export const HELD_MAX = 256;

export function makeState(init: FmdInit): FmdState {
  const dimms: Record<string, Dimm> = {};
  for (const { address, sizeBytes } of init.dimms) dimms[address] = { sizeBytes, pages: 0 };
  return {
    node: init.node,
    running: init.running,
    booting: init.running,
    replayed: 0,
    held: [],
    cases: new Map(),
    caseCount: 0,
    serds: {},
    dimms,
    pools: init.pools,
  };
}

/** Number of a payload's parameter; `otherwise` when it is not there. */
export function payloadNumber(ereport: Ereport, name: string, otherwise: number): number {
  return ereport.payload.find((param) => param.name === name)?.number ?? otherwise;
}

/** Text of a payload's parameter; '' when it is not there. */
export function payloadText(ereport: Ereport, name: string): string {
  return ereport.payload.find((param) => param.name === name)?.text ?? '';
}
