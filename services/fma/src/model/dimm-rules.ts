/**
 * When correctable memory errors blame a page, and when they blame the whole DIMM; a page is retired quietly, a DIMM
 * is a case for a person.
 *
 * Intuition. A page that errs three times goes; a DIMM whose pages have gone by the hundred and that still errs is bad.
 * Rules.     1. A page is faulty when its SERD fires.
 *            2. A correctable error counts against the DIMM only when more of its pages were found faulty than the
 *               row for its size allows; then the DIMM's own SERD must fire.
 *            3. An uncorrectable error blames page and DIMM at once.
 * Law.       The table below, smallest row that is at least as large as the DIMM.
 * Differs.   intel.esc names exact sizes up to 8 GiB and a plain N = 10 in a week for others; here a larger DIMM takes
 *            the row of 8 GiB.
 */
import { GIB, HOUR, MIB } from '@orrery/kernel';
import type { SerdRule } from './serd.ts';

const WEEK = 7 * 24 * HOUR;

/** Correctable errors of one page: Intel's rule, and the one for generic x86 (AMD) by chip select. */
export const INTEL_PAGE: SerdRule = { n: 2, tNs: 72 * HOUR };
export const GENERIC_PAGE: SerdRule = { n: 3, tNs: 24 * HOUR };

export interface DimmRule extends SerdRule {
  /** Largest DIMM that the row is for, bytes. */
  readonly sizeBytes: number;
  /** How many faulty pages a DIMM may have before its errors count against it. */
  readonly pages: number;
}

export const DIMM_RULES: readonly DimmRule[] = [
  { sizeBytes: 256 * MIB, n: 4, tNs: 16 * WEEK, pages: 125 },
  { sizeBytes: 512 * MIB, n: 4, tNs: 8 * WEEK, pages: 250 },
  { sizeBytes: GIB, n: 4, tNs: 4 * WEEK, pages: 500 },
  { sizeBytes: 2 * GIB, n: 4, tNs: 2 * WEEK, pages: 1000 },
  { sizeBytes: 4 * GIB, n: 4, tNs: WEEK, pages: 1500 },
  { sizeBytes: 8 * GIB, n: 8, tNs: WEEK, pages: 2000 },
];

/** Row for a DIMM of `sizeBytes`. */
export function dimmRule(sizeBytes: number): DimmRule {
  return DIMM_RULES.find((rule) => sizeBytes <= rule.sizeBytes) ?? DIMM_RULES[DIMM_RULES.length - 1];
}
