/**
 * Each fault class has a message id, a kind and a severity; the text that goes with it is in message-texts.ts.
 *
 * Rules.  1. One class, one id: an operator looks a message up by it.
 *         2. A class without an entry gets FMD-8000-11, fmd's own id for "no code", so nothing goes unnamed.
 * Law.    The tables are those of illumos's dictionaries ZFS, DISK, GMCA, INTEL, SENSOR and SUNOS, not computed from them.
 */
import { CPU_UNITS } from './cpu-units.ts';

export type Severity = 'Critical' | 'Major' | 'Minor';

export interface MessageId {
  readonly code: string;
  readonly type: 'Fault' | 'Error' | 'Defect';
  readonly severity: Severity;
}

export const NO_CODE: MessageId = { code: 'FMD-8000-11', type: 'Defect', severity: 'Minor' };

function fault(code: string, severity: Severity): MessageId {
  return { code, type: 'Fault', severity };
}

function error(code: string, severity: Severity): MessageId {
  return { code, type: 'Error', severity };
}

const IDS: Readonly<Record<string, MessageId>> = {
  'fault.fs.zfs.pool': fault('ZFS-8000-CS', 'Major'),
  'fault.fs.zfs.device': fault('ZFS-8000-D3', 'Major'),
  'fault.fs.zfs.vdev.io': fault('ZFS-8000-FD', 'Major'),
  'fault.fs.zfs.vdev.checksum': fault('ZFS-8000-GH', 'Major'),
  'fault.fs.zfs.io_failure_wait': error('ZFS-8000-HC', 'Major'),
  'fault.fs.zfs.io_failure_continue': error('ZFS-8000-JQ', 'Major'),
  'fault.fs.zfs.log_replay': error('ZFS-8000-K4', 'Major'),
  'fault.io.disk.predictive-failure': fault('DISK-8000-0X', 'Major'),
  'fault.io.disk.over-temperature': fault('DISK-8000-12', 'Major'),
  'fault.io.disk.self-test-failure': fault('DISK-8000-2J', 'Critical'),
  'fault.io.scsi.cmd.disk.dev.rqs.derr': fault('DISK-8000-3E', 'Critical'),
  'fault.io.scsi.cmd.disk.dev.rqs.merr': fault('DISK-8000-4Q', 'Critical'),
  'fault.io.disk.ssm-wearout': fault('DISK-8000-8D', 'Major'),
  'fault.memory.intel.page_ce': fault('INTEL-8001-7H', 'Minor'),
  'fault.memory.intel.page_ue': fault('INTEL-8001-8R', 'Major'),
  'fault.memory.intel.dimm_ce': fault('INTEL-8001-94', 'Minor'),
  'fault.memory.intel.dimm_ue': fault('INTEL-8001-AQ', 'Critical'),
  'fault.memory.generic-x86.page_ce': fault('GMCA-8000-WT', 'Minor'),
  'fault.memory.generic-x86.page_ue': fault('GMCA-8000-X9', 'Major'),
  'fault.memory.generic-x86.dimm_ce': fault('GMCA-8000-YN', 'Major'),
  'fault.memory.generic-x86.dimm_ue': fault('GMCA-8001-09', 'Critical'),
  'fault.psu.failed': fault('SENSOR-8000-3T', 'Major'),
  'fault.fan.failed': fault('SENSOR-8000-26', 'Minor'),
  'defect.sunos.kernel.panic': { code: 'SUNOS-8000-KL', type: 'Defect', severity: 'Major' },
};

const CPU_PREFIXES = { gmca: 'fault.cpu.generic-x86.', intel: 'fault.cpu.intel.' } as const;

/** Never undefined: an unknown class has {@link NO_CODE}. */
export function messageId(faultClass: string): MessageId {
  for (const unit of CPU_UNITS) {
    if (faultClass === CPU_PREFIXES.gmca + unit.name) return fault(unit.gmca, 'Major');
    if (faultClass === CPU_PREFIXES.intel + unit.name) return fault(unit.intel, 'Major');
  }
  return IDS[faultClass] ?? NO_CODE;
}

/** Every class with an id, sorted by class. */
export function messageIdTable(): { class: string; id: MessageId }[] {
  const classes = Object.keys(IDS);
  for (const unit of CPU_UNITS) {
    classes.push(CPU_PREFIXES.gmca + unit.name, CPU_PREFIXES.intel + unit.name);
  }
  return classes.sort().map((name) => ({ class: name, id: messageId(name) }));
}
