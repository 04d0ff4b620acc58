/**
 * The latency ledger says where each nanosecond of a request went; it does not estimate.
 *
 * Rules.  1. An entry is (place, behind, zone) and its ns; entries of one account are added up.
 *         2. Nothing is computed as a remainder: who measures an interval charges it here, once.
 *         3. The sum over all entries equals the latency, as integers; owners assert it with `ledgerTotal`.
 * State.  A plain array, a dozen entries at most, kept in order of first charge.
 */
import type { Behind, LedgerEntry, Place } from './gen/vocabulary.ts';

/** Charges `ns` nanoseconds to the account (place, behind, zone); charging 0 leaves no entry. */
export function addToLedger(
  ledger: LedgerEntry[],
  place: Place,
  ns: number,
  behind: Behind = 0,
  zone = 0,
): void {
  if (ns === 0) return;
  for (let i = 0; i < ledger.length; i++) {
    const entry = ledger[i];
    if (entry.place === place && entry.behind === behind && entry.zone === zone) {
      entry.ns += ns;
      return;
    }
  }
  ledger.push({ place, behind, zone, ns });
}

/** Adds every account of `from` to `into`; `from` is left as it is. */
export function mergeLedger(into: LedgerEntry[], from: readonly LedgerEntry[]): void {
  for (let i = 0; i < from.length; i++) {
    const entry = from[i];
    addToLedger(into, entry.place, entry.ns, entry.behind, entry.zone);
  }
}

/** Sum over all accounts, in ns. */
export function ledgerTotal(ledger: readonly LedgerEntry[]): number {
  let sum = 0;
  for (let i = 0; i < ledger.length; i++) sum += ledger[i].ns;
  return sum;
}
