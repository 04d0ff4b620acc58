/**
 * The expanded scenario: a datacenter, what happens to it and when, and what must hold.
 */
import type { Datacenter } from './model.ts';

export interface Scenario {
  /** Name of its folder or file; in tables and traces. */
  readonly name: string;
  readonly title: string;
  readonly datacenter: Datacenter;
  readonly seed: number;
  /** The run covers [0, durationNs). */
  readonly durationNs: number;
  /** By time, then in the file's order. */
  readonly timeline: readonly TimelineEntry[];
  /** By start; never empty: without any, one named `all`. */
  readonly phases: readonly Phase[];
  /** In the file's order. */
  readonly checks: readonly Check[];
  readonly print: PrintOptions;
}

export interface Phase {
  readonly name: string;
  readonly fromNs: number;
  readonly toNs: number;
}

export interface TimelineEntry {
  /** As written; the engine rounds it up to the next control boundary. */
  readonly atNs: number;
  readonly command: Command;
  /** Where it stands: `scenario.yaml:31`. */
  readonly source: string;
  /** The command in one line: `disk.fail mode=errors on cn-0001/disk/c0t2d0`. */
  readonly text: string;
}

/** A parameter as it goes on the wire: durations in ns, sizes in bytes, rates a second, shares as fractions. */
export interface Param {
  readonly name: string;
  readonly number: number;
  readonly text: string;
}

export type Command = InjectCommand | RevertCommand | RepairCommand | VmAction;

export interface InjectCommand {
  readonly kind: 'inject';
  /** f1, f2, … in the timeline's order, or the name given. */
  readonly faultId: string;
  readonly faultKind: string;
  /** Full address of the part: `cn-0001/disk/c0t2d0`. */
  readonly target: string;
  /** Complete: defaults are filled in, in the catalogue's order. */
  readonly params: readonly Param[];
  /** After how long it is reverted; 0: never by itself. */
  readonly forNs: number;
}

export interface RevertCommand {
  readonly kind: 'revert';
  readonly faultId: string;
  readonly faultKind: string;
  readonly target: string;
}

export interface RepairCommand {
  readonly kind: 'repair';
  readonly repairKind: string;
  readonly target: string;
  readonly params: readonly Param[];
}

export interface VmAction {
  readonly kind: 'vm';
  readonly action: 'create' | 'start' | 'stop' | 'reboot' | 'destroy';
  /** '' for create: each VM made has its own. */
  readonly uuid: string;
  /** For create: the `vmadm create` payload as JSON text, image and package resolved; else ''. */
  readonly payloadJson: string;
  /** Address of the node asked for; '': placement chooses. */
  readonly server: string;
  /** For create: how many alike; else 1. */
  readonly count: number;
}

/** Whom a check looks at: the UUIDs of one VM, of a group, or of a glob, and the name as written. */
export interface VmSet {
  readonly name: string;
  readonly uuids: readonly string[];
}

/** A bound is a duration, or a multiple of the same figure in another phase. */
export type Bound =
  | { readonly kind: 'ns'; readonly ns: number }
  | { readonly kind: 'ratio'; readonly ratio: number; readonly phase: string };

export type Check =
  LatencyCheck | ErrorsCheck | PoolCheck | NodeCheck | CaseCheck | FactCheck | ConservationCheck;

interface CheckHead {
  readonly name: string;
  readonly source: string;
}

export interface LatencyCheck extends CheckHead {
  readonly kind: 'latency';
  readonly of: VmSet;
  /** Name of a phase; `all` is the whole run, and always there. */
  readonly phase: string;
  /** 0 to 100; 50 is the median. */
  readonly percentile: number;
  readonly below: Bound | undefined;
  readonly above: Bound | undefined;
}

export interface ErrorsCheck extends CheckHead {
  readonly kind: 'errors';
  readonly of: VmSet;
  readonly phase: string;
  /** Largest and least number of failed requests. */
  readonly most: number | undefined;
  readonly least: number | undefined;
}

export type PoolState = 'ONLINE' | 'DEGRADED' | 'FAULTED' | 'SUSPENDED' | 'UNAVAIL';

export interface PoolCheck extends CheckHead {
  readonly kind: 'pool';
  /** `cn-0001/pool/zones`. */
  readonly pool: string;
  readonly state: PoolState;
  readonly atNs: number;
}

export type NodeState = 'off' | 'post' | 'booting' | 'running' | 'panicked' | 'hung';

export interface NodeCheck extends CheckHead {
  readonly kind: 'node';
  readonly node: string;
  readonly state: NodeState;
  readonly atNs: number;
}

export interface CaseCheck extends CheckHead {
  readonly kind: 'case';
  /** '' for any node. */
  readonly node: string;
  /** `ZFS-8000-FD`; '' for any case at all. */
  readonly messageId: string;
  readonly present: boolean;
  readonly fromNs: number;
  readonly toNs: number;
}

export interface FactCheck extends CheckHead {
  readonly kind: 'fact';
  /** Kind of fact, as in the vocabulary's tables: `resilverFinished`. */
  readonly fact: string;
  /** Address of the actor, or a glob; '' for any. */
  readonly actor: string;
  readonly fromNs: number;
  readonly toNs: number;
  /** How often at least and at most; `seen: false` is 0 and 0. */
  readonly least: number;
  readonly most: number;
}

/** Ledgers sum, bytes and CPU time are conserved. */
export interface ConservationCheck extends CheckHead {
  readonly kind: 'conservation';
}

export type TableName = 'vms' | 'jobs' | 'pools' | 'faults' | 'ledger' | 'checks';

export interface PrintOptions {
  /** Whether to print the story as it happens. */
  readonly story: boolean;
  readonly tables: readonly TableName[];
  /** VMs in the tables; empty: all, by group where there are many. */
  readonly vms: readonly string[];
}

export type TargetKind =
  'disk' | 'node' | 'dimm' | 'cpu' | 'psu' | 'nic' | 'switch' | 'uplink' | 'pool' | 'vm';

export type ParamUnit = 'duration' | 'size' | 'rate' | 'share' | 'number' | 'text';

export interface CatalogueParam {
  readonly name: string;
  readonly unit: ParamUnit;
  /** As a person writes it (`5%`, `20s`); '' means that it must be given. */
  readonly default: string;
  /** Words allowed for a text; empty: any. */
  readonly allowed: readonly string[];
  /** Bounds in base units; undefined: from 0 on, without end. */
  readonly least?: number;
  readonly most?: number;
}

/** What the caller knows of a fault or a repair: enough to check a timeline. */
export interface FaultCatalogueEntry {
  readonly kind: string;
  readonly target: TargetKind;
  readonly params: readonly CatalogueParam[];
}

/** A repair may apply to several kinds of part (`fmadm.repaired`). */
export interface RepairCatalogueEntry {
  readonly kind: string;
  readonly targets: readonly TargetKind[];
  readonly params: readonly CatalogueParam[];
}

/** A fault of the catalogue as it is told to people. */
export interface FaultRow extends FaultCatalogueEntry {
  readonly effect: string;
  /** What an operator sees of it, and what not. */
  readonly symptom: string;
  /** The first of it shows within this time, on a node in multi-user and a pool under load, ns. */
  readonly showsWithinNs: number;
  /** What ends with a revert; consequences stay. */
  readonly revert: string;
}

/** A repair of the catalogue as it is told to people. */
export interface RepairRow extends RepairCatalogueEntry {
  readonly effect: string;
}

export interface Catalogue {
  readonly faults: readonly FaultCatalogueEntry[];
  readonly repairs: readonly RepairCatalogueEntry[];
  /** Names a file may set under `tunables`; undefined: any. */
  readonly tunables?: readonly string[];
}

/** A catalogue as it is told to people. */
export interface ToldCatalogue extends Catalogue {
  readonly faults: readonly FaultRow[];
  readonly repairs: readonly RepairRow[];
}
