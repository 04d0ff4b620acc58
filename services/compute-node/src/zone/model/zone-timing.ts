/**
 * What a zone waits for beside its work: the fixed steps of zoneadmd and vmadm, and how long they are patient.
 *
 * Why.  A boot's CPU and reads compete with every other zone's through the os; what is waited for without using
 *       anything (SMF's order, a firmware's probes, mounts) does not, and is drawn here.
 * Law.  Each wait is uniform between its bounds; patience is a constant of vmadm.
 */
import { MS, SECOND, type Distribution } from '@orrery/kernel';
import type { ZoneConfig } from '../config.ts';
import type { StateTimer } from '../machine/zone-machine.ts';
import { isHvm } from './vm-state.ts';

/** vmadm's patience with a shutdown, ns: then the zone is halted. */
export const STOP_PATIENCE_NS = 60 * SECOND;
/** vmadm's patience with a guest's answer to ACPI, ns. */
export const STOP_PATIENCE_HVM_NS = 180 * SECOND;
/** How long a provision may take from its boot on, ns. */
export const PROVISION_PATIENCE_NS = 300 * SECOND;
const PROVISION_RAM_BYTES = 4096 * 1_048_576;

function between(minimum: number, maximum: number): Distribution {
  return { kind: 'uniform', minimum, maximum };
}

/** zonecfg, the brand's post-install, vminfod: vmadm create takes seconds of it on an idle node. */
const CONFIGURE = between(1500 * MS, 2500 * MS);
/** zoneadmd: mounts, VNICs, devices, zsched. */
const READY = between(300 * MS, 600 * MS);
/** qemu's start and the firmware's probes; then `hwsetup` is true. */
const FIRMWARE = between(3 * SECOND, 5 * SECOND);
/** What SMF's order of services waits for beside their work. */
const SETTLE = between(3 * SECOND, 5 * SECOND);
const SETTLE_HVM = between(2 * SECOND, 6 * SECOND);
const KILL = between(100 * MS, 400 * MS);
const TEARDOWN = between(100 * MS, 300 * MS);

/** How long a wait lasts, ns. */
export function zoneTime(timer: StateTimer, config: ZoneConfig): Distribution {
  const hvm = isHvm(config.brand);
  switch (timer) {
    case 'configure':
      return CONFIGURE;
    case 'ready':
      return READY;
    case 'firmware':
      return FIRMWARE;
    case 'settle':
      return hvm ? SETTLE_HVM : SETTLE;
    case 'shutdown':
      return between(config.shutdownNs * 0.9, config.shutdownNs * 1.1);
    case 'patience':
      return { kind: 'constant', value: hvm ? STOP_PATIENCE_HVM_NS : STOP_PATIENCE_NS };
    case 'kill':
      return KILL;
    case 'teardown':
      return TEARDOWN;
  }
}

/** vmadm's limit for a provision, ns; a guest gets as many times more as it has 4 GiB of memory. */
export function provisionPatience(config: ZoneConfig): number {
  if (!isHvm(config.brand)) return PROVISION_PATIENCE_NS;
  return PROVISION_PATIENCE_NS * Math.max(1, Math.floor(config.ramBytes / PROVISION_RAM_BYTES));
}
