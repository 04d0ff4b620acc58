/** What a run that is gone on with did before: its log's facts, for tables and checks that speak of the whole run. */
import type { HostFact } from '@orrery/actor';
import type { LogReader } from '@orrery/log';
import { addressesOf, hostFactOf } from '@orrery/simulator';
import type { Datacenter } from '@orrery/spec';

/** Facts as the host reported them, up to and with a batch. @param lastSequence number of that batch */
export function* factsUntil(
  reader: LogReader,
  datacenter: Datacenter,
  lastSequence: number,
): Iterable<HostFact> {
  const addresses = addressesOf(datacenter);
  for (const batch of reader.batches()) {
    if (batch.sequence > lastSequence) return;
    for (const record of batch.facts) yield hostFactOf(record, addresses);
  }
}
