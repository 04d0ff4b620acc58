/** A fact as answers read it: decoded when it is first looked into, named by `cn-0002#8121`. */
import type { FactKind, FactRecord, FactRef, Facts } from '@orrery/proto';
import { decodeFact } from '@orrery/proto/codec';

export interface Fact<K extends FactKind = FactKind> {
  readonly actor: number;
  /** Running number of the actor's facts, from 1. */
  readonly n: number;
  /** ns. */
  readonly time: number;
  readonly kind: K;
  readonly cause: FactRef;
  readonly address: string;
  readonly payload: Facts[K];
}

const NO_CAUSE: FactRef = { actor: 0, n: 0 };

/** Most facts of a log are never looked into: their bytes stay bytes. */
export class LoggedFact implements Fact {
  readonly actor: number;
  readonly n: number;
  readonly time: number;
  readonly kind: FactKind;
  readonly cause: FactRef;
  readonly address: string;
  private readonly number: number;
  private bytes: Uint8Array | undefined;
  private decoded: Facts[FactKind] | undefined;

  constructor(record: FactRecord, kind: FactKind, address: string) {
    this.actor = record.actor;
    this.n = record.n;
    this.time = record.time;
    this.kind = kind;
    this.cause = record.cause ?? NO_CAUSE;
    this.address = address;
    this.number = record.kind;
    this.bytes = record.payload;
  }

  get payload(): Facts[FactKind] {
    if (this.bytes !== undefined) {
      this.decoded = decodeFact(this.number, this.bytes) as Facts[FactKind];
      this.bytes = undefined;
    }
    return this.decoded as Facts[FactKind];
  }
}

/** Whether the fact is of that kind, for the type of its payload. */
export function isKind<K extends FactKind>(fact: Fact | undefined, kind: K): fact is Fact<K> {
  return fact?.kind === kind;
}

/** `cn-0002#8121`. */
export function refOf(fact: Fact): string {
  return `${fact.address}#${fact.n}`;
}
