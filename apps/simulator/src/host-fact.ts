/** A logged fact as the host reported it: its kind named, its payload decoded, its actor's address known. */
import type { HostFact } from '@orrery/actor';
import { factNumbers, type FactKind, type FactRecord, type Facts } from '@orrery/proto';
import { decodeFact } from '@orrery/proto/codec';

const kindOf: ReadonlyMap<number, FactKind> = new Map(
  (Object.keys(factNumbers) as FactKind[]).map((kind) => [factNumbers[kind], kind]),
);

/**
 * @param addresses by actor id; an actor that the fact says was made is added
 * @throws RangeError on a number that no kind of fact has
 */
export function hostFactOf(record: FactRecord, addresses: Map<number, string>): HostFact {
  const kind = kindOf.get(record.kind);
  if (kind === undefined) throw new RangeError(`no fact has the number ${record.kind}`);
  const payload = decodeFact(record.kind, record.payload) as Facts[FactKind];
  if (kind === 'actorMade') {
    const made = payload as Facts['actorMade'];
    addresses.set(made.actor, made.address);
  }
  const { actor, n, time, cause } = record;
  const address = addresses.get(actor) ?? String(actor);
  return { actor, n, time, kind, cause: cause ?? { actor: 0, n: 0 }, payload, address, record };
}
