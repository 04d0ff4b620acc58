/**
 * What an operator is told about each message id; it does not say which part is meant, that is the record's.
 *
 * Rules. 1. Four texts: what happened, what the system did about it, what that means for users, what a person should do.
 *        2. Every id of message-ids.ts has its own description.
 *        3. Response says only what agents, pools and nodes here really do.
 */
import { CPU_UNITS, type CpuUnit } from './cpu-units.ts';

export interface MessageText {
  readonly description: string;
  readonly response: string;
  readonly impact: string;
  readonly action: string;
}

const SWAP_DISK =
  'Look at the pool with zpool status -x and put in another disk, or clear the vdev if the disk is known to be good.';
const SPARE = 'and a hot spare is brought in where the pool has one.';
const NO_RESPONSE = 'Nothing is done automatically.';
const PAGES = 'Pages of this module are taken out of use as they err.';

const TEXTS: Readonly<Record<string, MessageText>> = {
  'ZFS-8000-CS': {
    description: 'A ZFS pool could not be opened.',
    response: NO_RESPONSE,
    impact: 'Everything in the pool is out of reach.',
    action: 'See which devices are missing with zpool status -x and connect them again.',
  },
  'ZFS-8000-D3': {
    description: 'A device of a ZFS pool could not be opened or has lost its label.',
    response: NO_RESPONSE,
    impact: 'The pool runs with less redundancy, or not at all.',
    action: SWAP_DISK,
  },
  'ZFS-8000-FD': {
    description: 'A device of a ZFS pool returned more I/O errors than are tolerated.',
    response: `The device is faulted and no longer used, ${SPARE}`,
    impact: 'The pool runs with less redundancy until the device is replaced.',
    action: SWAP_DISK,
  },
  'ZFS-8000-GH': {
    description: 'A device of a ZFS pool returned more blocks with wrong checksums than are tolerated.',
    response: `The device is marked degraded but still used, ${SPARE}`,
    impact: 'Data without another good copy may be lost.',
    action: SWAP_DISK,
  },
  'ZFS-8000-HC': {
    description: 'A ZFS pool met I/O errors that it cannot recover from, and its failmode is wait.',
    response: 'All I/O to the pool is held.',
    impact: 'Whoever reads or writes the pool hangs.',
    action: 'Connect the devices again, then run zpool clear.',
  },
  'ZFS-8000-JQ': {
    description: 'A ZFS pool met I/O errors that it cannot recover from, and its failmode is continue.',
    response: 'New writes are refused; reads go on where they can.',
    impact: 'Writes to the pool fail.',
    action: 'Connect the devices again, then run zpool clear.',
  },
  'ZFS-8000-K4': {
    description: "A ZFS pool's intent log could not be read in full.",
    response: 'The pool is not opened until someone decides.',
    impact: 'The last synchronous writes may be lost.',
    action: 'Bring the log device back, or run zpool clear to go on without it.',
  },
  'DISK-8000-0X': {
    description: 'A disk predicts its own failure.',
    response: `The disk is faulted, ${SPARE}`,
    impact: 'The disk is likely to fail soon.',
    action: SWAP_DISK,
  },
  'DISK-8000-12': {
    description: 'A disk is hotter than its maker allows.',
    response: `The disk is faulted, ${SPARE}`,
    impact: 'Heat shortens the life of the disk and of what stands beside it.',
    action: 'Check the cooling, then the disk.',
  },
  'DISK-8000-2J': {
    description: 'A disk failed its self-test.',
    response: `The disk is faulted, ${SPARE}`,
    impact: 'The disk no longer works as it should.',
    action: SWAP_DISK,
  },
  'DISK-8000-3E': {
    description: 'A disk reported an error of its own electronics or mechanics.',
    response: `The disk is faulted, ${SPARE}`,
    impact: 'The disk may stop at any time.',
    action: SWAP_DISK,
  },
  'DISK-8000-4Q': {
    description: 'A disk cannot read one place of its medium any more.',
    response: `The disk is faulted, ${SPARE}`,
    impact: 'What was written there is lost unless another copy exists.',
    action: SWAP_DISK,
  },
  'DISK-8000-8D': {
    description: 'A solid-state disk has used up the writes that it was built for.',
    response: NO_RESPONSE,
    impact: 'Writes to the disk may begin to fail.',
    action: 'Plan to replace the disk.',
  },
  'INTEL-8001-7H': pageText('correctable errors'),
  'INTEL-8001-8R': pageText('an uncorrectable error'),
  'INTEL-8001-94': dimmCorrectable(),
  'INTEL-8001-AQ': dimmUncorrectable(),
  'GMCA-8000-WT': pageText('correctable errors'),
  'GMCA-8000-X9': pageText('an uncorrectable error'),
  'GMCA-8000-YN': dimmCorrectable(),
  'GMCA-8001-09': dimmUncorrectable(),
  'SENSOR-8000-3T': {
    description: 'Sensors say that a power supply no longer delivers.',
    response: NO_RESPONSE,
    impact: 'Should another supply fail, the machine loses power.',
    action: 'Check its cord and feed, then replace the supply.',
  },
  'SENSOR-8000-26': {
    description: 'Sensors say that a fan no longer turns as it should.',
    response: NO_RESPONSE,
    impact: 'The machine may overheat and switch itself off.',
    action: 'Look for what blocks the fan, then replace it.',
  },
  'SUNOS-8000-KL': {
    description: 'The kernel panicked, and the system has booted again.',
    response: 'What was in memory has been kept as a crash dump.',
    impact: 'Everything on the machine was down from the panic until the boot.',
    action: 'Find out from the dump why it panicked, then acquit the case.',
  },
};

const NO_TEXT: MessageText = {
  description: 'A fault was diagnosed for which there is no message.',
  response: NO_RESPONSE,
  impact: 'Not known.',
  action: 'See the fault class with fmdump -v.',
};

function pageText(what: string): MessageText {
  return {
    description: `A page of memory had ${what}.`,
    response: 'The page is taken out of use.',
    impact: 'Four kilobytes of memory are missing.',
    action: 'None. Should the module be at fault, it gets a case of its own.',
  };
}

function dimmCorrectable(): MessageText {
  return {
    description: 'A memory module has correctable errors on more pages than are tolerated.',
    response: PAGES,
    impact: 'No data was lost. An error that cannot be corrected may follow.',
    action: 'Plan to replace the memory module.',
  };
}

function dimmUncorrectable(): MessageText {
  return {
    description: 'A memory module had an error that cannot be corrected.',
    response: PAGES,
    impact: 'The system panicked when it met the error, and may do so again.',
    action: 'Replace the memory module soon.',
  };
}

function cpuText(unit: CpuUnit): MessageText {
  return {
    description: `A CPU has more errors of its ${unitWords(unit.name)} than are tolerated.`,
    response: unit.retire ? 'The CPU is taken off line.' : NO_RESPONSE,
    impact: 'The system has less computing power.',
    action: 'Plan to replace the CPU.',
  };
}

const UNIT_WORDS: readonly (readonly [string, string])[] = [
  ['dcache', 'data cache'],
  ['icache', 'instruction cache'],
  ['cache', 'cache'],
  ['dtlb', 'data TLB'],
  ['itlb', 'instruction TLB'],
  ['tlb', 'TLB'],
  ['bus_interconnect', 'bus'],
];

function unitWords(name: string): string {
  const words = UNIT_WORDS.find(([suffix]) => name.endsWith(suffix));
  if (words === undefined) return 'inner parts';
  return name.startsWith('l') ? `level ${name[1]} ${words[1]}` : words[1];
}

/** Texts for a message id; for one without its own, a text that says so. */
export function messageText(code: string): MessageText {
  const unit = CPU_UNITS.find((candidate) => candidate.gmca === code || candidate.intel === code);
  return unit === undefined ? (TEXTS[code] ?? NO_TEXT) : cpuText(unit);
}
