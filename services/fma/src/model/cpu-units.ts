/**
 * Which parts of a CPU report errors, how many each may make, and the message ids of their faults.
 *
 * Law.  Levelled caches and TLBs: N = 3 in 72 h. Those whose level is unknown: N = 12. Internal errors: N = 3. Buses:
 *       N = 10, and no CPU is taken off line for them. An uncorrected error (`…_uc`) counts N + 1: it fires at once.
 * Codes. As in the dictionaries GMCA and INTEL of illumos: the row's place is the dictionary's index.
 */
import { HOUR } from '@orrery/kernel';
import type { SerdRule } from './serd.ts';

export interface CpuUnit extends SerdRule {
  readonly name: string;
  /** Whether cpumem-retire takes the CPU off line. */
  readonly retire: boolean;
  /** Message ids by family; '' where the dictionary was not at hand. */
  readonly gmca: string;
  readonly intel: string;
}

const T = 72 * HOUR;

function unit(name: string, n: number, gmca: string, intel: string): CpuUnit {
  return { name, n, tNs: T, retire: true, gmca: `GMCA-8000-${gmca}`, intel: `INTEL-8000-${intel}` };
}

/** From index 1 on. */
export const CPU_UNITS: readonly CpuUnit[] = [
  unit('internal', 3, '1K', '1J'),
  unit('l0cache', 3, '21', '22'),
  unit('l1cache', 3, '3W', '3X'),
  unit('l2cache', 3, '47', '44'),
  unit('cache', 12, '5U', '5R'),
  unit('l0dtlb', 3, '68', '6C'),
  unit('l1dtlb', 3, '7M', '7Q'),
  unit('l2dtlb', 3, '8V', '8Y'),
  unit('dtlb', 12, '90', '93'),
  unit('l0itlb', 3, 'AL', 'AH'),
  unit('l1itlb', 3, 'CG', 'CD'),
  unit('l2itlb', 3, 'DN', 'DP'),
  unit('itlb', 12, 'E9', 'EA'),
  unit('l0tlb', 3, 'FT', 'FS'),
  unit('l1tlb', 3, 'G6', 'G5'),
  unit('l2tlb', 3, 'HW', 'HX'),
  unit('tlb', 12, 'J1', 'J2'),
  unit('l0dcache', 3, 'KK', 'KJ'),
  unit('l1dcache', 3, 'LF', 'LE'),
  unit('l2dcache', 3, 'MM', 'MQ'),
  unit('dcache', 12, 'N8', 'NC'),
  unit('l0icache', 3, 'PU', 'PR'),
  unit('l1icache', 3, 'Q7', 'Q4'),
  unit('l2icache', 3, 'RG', 'RD'),
  unit('icache', 12, 'SL', 'SH'),
  { ...unit('bus_interconnect', 10, 'T0', 'T3'), retire: false },
];

/** @param name `l2cache`, without family and without `_uc` */
export function cpuUnit(name: string): CpuUnit | undefined {
  return CPU_UNITS.find((candidate) => candidate.name === name);
}
