/** Accounts of the latency ledger as people call them. */
import { Behind, Place, type LedgerEntry } from '@orrery/proto';

const namesOf = (values: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [value, name.toLowerCase().replaceAll('_', ' ')]),
  );
const placeNames = namesOf(Place);
const behindNames = namesOf(Behind);

/** `vdev queue behind resilver`. */
export function accountName(entry: Pick<LedgerEntry, 'place' | 'behind'>): string {
  const place = placeNames[entry.place] ?? `place ${entry.place}`;
  return entry.behind === Behind.ITSELF ? place : `${place} behind ${behindNames[entry.behind]}`;
}
