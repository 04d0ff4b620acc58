/**
 * What the rule engine (eft) makes of ereports of CPUs, memory, sensors and disk drivers; ZFS has its own engine.
 *
 * Rules.    1. `ereport.cpu.<family>.<unit>` counts in the unit's SERD; `<unit>_uc` fires it at once.
 *           2. `….mem_ce` counts in its page's SERD; a faulty page is retired without a message.
 *           3. `….mem_ue` blames the page (without a message) and the DIMM, at once.
 *           4. A sensor's ereport blames the power supply or fan that it is on, at once: whoever polls it has already
 *              given it its second chance.
 *           5. `ereport.io.scsi.disk.*` (SMART) at once; medium errors N = 1 in 24 h for each LBA, device errors at
 *              once, both only when the driver's assessment is `fatal`. Anything else is an upset: logged, no fault.
 *           6. A dump that savecore found is a defect of the kernel, each dump its own case.
 * Differs.  Panics are software-diagnosis's in illumos. Medium errors are counted when they come, without the 60 s window of disk.esc.
 */
import { HOUR } from '@orrery/kernel';
import { cpuUnit } from './cpu-units.ts';
import { GENERIC_PAGE, INTEL_PAGE } from './dimm-rules.ts';
import type { SerdRule } from './serd.ts';

export type Agent = 'zfs' | 'cpu' | 'page' | 'none';

export interface EftRule {
  readonly fault: string;
  /** Undefined: at once. */
  readonly serd: SerdRule | undefined;
  /** What of the detector it is about: `page=4711`, `lba=12`, `crash=1`, a unit's name; '' for all of it. */
  readonly within: string;
  readonly message: boolean;
  /** Who acts on the fault. */
  readonly agent: Agent;
}

export interface EftEreport {
  readonly class: string;
  /** `cn-0001/dimm/3`. */
  readonly detector: string;
  /** Page of a memory error, LBA of a medium error, or number of a crash dump. */
  readonly place: number;
  /** `driver-assessment` of a disk driver: fatal, fail, retry, …; '' is fatal. */
  readonly assessment: string;
}

const NO_RULES: readonly EftRule[] = [];
const MEMORY_FAMILIES = new Set(['intel', 'generic-x86']);
const SMART = new Set(['predictive-failure', 'over-temperature', 'self-test-failure', 'ssm-wearout']);

const PANIC = 'ireport.os.sunos.panic.dump_available';

/** @returns every fault that the ereport speaks for; none: it is only logged */
export function eftRules(ereport: EftEreport): readonly EftRule[] {
  if (ereport.class === PANIC) return panicRules(ereport.place);
  const words = ereport.class.split('.');
  if (words[1] === 'cpu') return cpuRules(words[2], words[words.length - 1], ereport.place);
  if (words[1] === 'sensor') return sensorRules(ereport.detector);
  if (words[1] === 'io' && words[2] === 'scsi') return diskRules(words[words.length - 1], ereport);
  return NO_RULES;
}

function cpuRules(family: string, name: string, place: number): readonly EftRule[] {
  if (!MEMORY_FAMILIES.has(family)) return NO_RULES;
  if (name === 'mem_ce' || name === 'mem_ue') return memoryRules(family, name, place);
  const uncorrected = name.endsWith('_uc');
  const unit = cpuUnit(uncorrected ? name.slice(0, -3) : name);
  if (unit === undefined) return NO_RULES;
  const fault = `fault.cpu.${family}.${unit.name}`;
  const serd = uncorrected ? undefined : { n: unit.n, tNs: unit.tNs };
  return [{ fault, serd, within: '', message: true, agent: unit.retire ? 'cpu' : 'none' }];
}

function memoryRules(family: string, name: string, page: number): readonly EftRule[] {
  const prefix = `fault.memory.${family}.`;
  const within = `page=${page}`;
  if (name === 'mem_ce') {
    const serd = family === 'intel' ? INTEL_PAGE : GENERIC_PAGE;
    return [{ fault: `${prefix}page_ce`, serd, within, message: false, agent: 'page' }];
  }
  return [
    { fault: `${prefix}page_ue`, serd: undefined, within, message: false, agent: 'page' },
    { fault: `${prefix}dimm_ue`, serd: undefined, within: '', message: true, agent: 'none' },
  ];
}

function sensorRules(detector: string): readonly EftRule[] {
  const part = detector.split('/')[1];
  if (part !== 'psu' && part !== 'fan') return NO_RULES;
  return [{ fault: `fault.${part}.failed`, serd: undefined, within: '', message: true, agent: 'none' }];
}

function panicRules(dump: number): readonly EftRule[] {
  const fault = 'defect.sunos.kernel.panic';
  return [{ fault, serd: undefined, within: `crash=${dump}`, message: true, agent: 'none' }];
}

function diskRules(name: string, ereport: EftEreport): readonly EftRule[] {
  if (SMART.has(name)) {
    const agent: Agent = name === 'ssm-wearout' ? 'none' : 'zfs';
    return [{ fault: `fault.io.disk.${name}`, serd: undefined, within: '', message: true, agent }];
  }
  if (ereport.assessment !== '' && ereport.assessment !== 'fatal') return NO_RULES;
  const fault = `fault.io.scsi.cmd.disk.dev.rqs.${name}`;
  if (name === 'derr') return [{ fault, serd: undefined, within: '', message: true, agent: 'zfs' }];
  if (name !== 'merr') return NO_RULES;
  const serd = { n: 1, tNs: 24 * HOUR };
  return [{ fault, serd, within: `lba=${ereport.place}`, message: true, agent: 'zfs' }];
}
