/** What a run that is gone on with did before: its log's facts, for tables and checks that speak of the whole run. */
import type { HostFact } from '@orrery/actor';
import type { LogReader } from '@orrery/log';
import { factNumbers, type FactKind, type FactRecord, type Facts } from '@orrery/proto';
import { decodeFact } from '@orrery/proto/codec';
import { addressesOf } from '@orrery/simulator';
import type { Datacenter } from '@orrery/spec';

const noFact = { actor: 0, n: 0 };
const kinds = new Map(
  Object.entries(factNumbers).map(([name, number]): [number, FactKind] => [number, name as FactKind]),
);

/** Facts as the host reported them, up to and with a batch. @param lastSequence number of that batch */
export function* factsUntil(
  reader: LogReader,
  datacenter: Datacenter,
  lastSequence: number,
): Iterable<HostFact> {
  const addresses = addressesOf(datacenter);
  for (const batch of reader.batches()) {
    if (batch.sequence > lastSequence) return;
    for (const record of batch.facts) yield hostFact(record, addresses);
  }
}

function hostFact(record: FactRecord, addresses: Map<number, string>): HostFact {
  const kind = kinds.get(record.kind);
  if (kind === undefined) throw new RangeError(`no fact has the number ${record.kind}`);
  const payload = decodeFact(record.kind, record.payload) as Facts[FactKind];
  if (kind === 'actorMade') {
    const made = payload as Facts['actorMade'];
    addresses.set(made.actor, made.address);
  }
  const { actor, n, time, cause } = record;
  const address = addresses.get(actor) ?? String(actor);
  return { actor, n, time, kind, cause: cause ?? noFact, payload, address, record };
}
