/** A fact as the composition root hands it to the tracer. */
import type { FactKind, FactRef, Facts } from '@orrery/proto';

export interface ObservedFact<K extends FactKind = FactKind> {
  /** Id of the actor that reported it. */
  actor: number;
  address: string;
  /** Running number of the actor's facts. */
  n: number;
  /** Simulated time, ns. */
  time: number;
  kind: K;
  payload: Facts[K];
  cause: FactRef;
}
