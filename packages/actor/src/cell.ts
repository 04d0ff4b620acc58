/** What the host keeps of an actor; all of it but `kind`, `handlers` and the live statechart is plain data. */
import { ACTOR_SPAN, type Distribution, type Stream } from '@orrery/kernel';
import { messageNumbers, type FactRef, type MessageKind } from '@orrery/proto';
import type { Hash64 } from '@orrery/log';
import type { AnyMachineSnapshot } from 'xstate';
import type { ActorId, ActorKind, Context } from './kind.ts';

/** One handler of any message, its types forgotten: the registry has checked them. */
export type AnyHandler = (context: Context, state: object, message: object) => void;

/** A pending random timer's origin, so that a fork can draw the rest of it again. */
export interface PendingDraw {
  distribution: Distribution;
  purpose: string;
  start: number;
}

export interface Cell {
  readonly id: ActorId;
  readonly address: string;
  readonly kind: ActorKind;
  readonly handlers: readonly (AnyHandler | undefined)[];
  readonly locality: string;
  readonly loose: boolean;
  readonly root: Cell | undefined;
  state: object;
  machine: AnyMachineSnapshot | undefined;
  alive: boolean;
  sequence: number;
  facts: number;
  digest: Hash64 | undefined;
  children: number;
  keys: number;
  streams: Record<string, Stream> | undefined;
  timers: Map<string, number> | undefined;
  draws: Record<string, PendingDraw> | undefined;
}

/** Handlers by message number, so that dispatch is one array read. */
export function handlerTable(kind: ActorKind): readonly (AnyHandler | undefined)[] {
  const table: (AnyHandler | undefined)[] = [];
  for (const name of Object.keys(kind.on) as MessageKind[]) {
    table[messageNumbers[name]] = kind.on[name] as AnyHandler | undefined;
  }
  return table;
}

/** Cells by id, without hashing for actors of the spec. */
export class CellTable {
  readonly roots: (Cell | undefined)[] = [];
  private readonly made = new Map<ActorId, Cell>();
  private readonly byAddress = new Map<string, Cell>();
  /** Actors of the spec whose address another has now. */
  private readonly replaced = new Map<string, Cell>();

  add(cell: Cell): void {
    if (cell.id % ACTOR_SPAN === 0) this.roots[cell.id / ACTOR_SPAN] = cell;
    else {
      this.made.set(cell.id, cell);
      const before = this.byAddress.get(cell.address);
      if (before !== undefined && before.root === undefined) this.replaced.set(cell.address, before);
    }
    this.byAddress.set(cell.address, cell);
  }

  get(id: ActorId): Cell | undefined {
    const index = id / ACTOR_SPAN;
    const root = this.roots[index];
    return root === undefined ? this.made.get(id) : root;
  }

  /** Living or last owner of an address. */
  at(address: string): Cell | undefined {
    return this.byAddress.get(address);
  }

  /** The spec's owner of an address, living or not: the same on every host, whatever was made at run time. */
  rootAt(address: string): Cell | undefined {
    const cell = this.byAddress.get(address);
    return cell === undefined || cell.root === undefined ? cell : this.replaced.get(address);
  }

  /** Every cell ever made, by id. */
  all(): Cell[] {
    const cells = this.roots.filter((cell) => cell !== undefined);
    cells.push(...this.made.values());
    return cells.sort((a, b) => a.id - b.id);
  }
}

export const NO_FACT: FactRef = Object.freeze({ actor: 0, n: 0 });
