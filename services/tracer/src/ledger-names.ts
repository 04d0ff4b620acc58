/** Names of the ledger's accounts in attributes: `vdev_queue`, `vdev_queue.resilver`. */
import { Behind, type LedgerEntry, Place } from '@orrery/proto';

function namesOf(values: Readonly<Record<string, number>>): readonly string[] {
  const names: string[] = [];
  for (const name of Object.keys(values)) names[values[name]] = name.toLowerCase();
  return names;
}

const placeNames = namesOf(Place);
const behindNames = namesOf(Behind);

/** Sums of ns by account; what was behind other zones is one account a place. */
export function ledgerAccounts(ledger: readonly LedgerEntry[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { place, behind, ns } of ledger) {
    const account = placeNames[place] + (behind === Behind.ITSELF ? '' : `.${behindNames[behind]}`);
    sums.set(account, (sums.get(account) ?? 0) + ns);
  }
  return sums;
}
