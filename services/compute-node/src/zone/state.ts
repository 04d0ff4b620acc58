/** What a zone actor keeps: plain data, beside the state of its statechart. */
import type { ZoneConfig, ZoneInit } from './config.ts';
import type { ZoneadmState, ZoneStart } from './machine/zone-machine.ts';
import type { VmMarks } from './model/vm-state.ts';

/** Orders that are tasks of vmadm: one at a time. */
export type TaskAction = 'install' | 'boot' | 'shutdown' | 'reboot' | 'uninstall';

export interface ZoneState extends VmMarks {
  config: ZoneConfig;
  start: ZoneStart;
  zoneState: ZoneadmState | '';
  /** vmadm's. */
  state: string;
  autoboot: boolean;
  /** Starts with its working set in the ARC; only the first time. */
  warm: boolean;
  /** The first state is the spec's: no news to anybody. */
  quiet: boolean;
  /** The os knows the zone. */
  up: boolean;
  /** The node hangs: nothing moves until its kernel is gone. */
  frozen: boolean;
  /** A reboot: the zone comes up again from `down`. */
  again: boolean;
  reason: string;
  /** The head node's task under way; 0: none, and `action` is ''. */
  task: number;
  action: TaskAction | '';
  /** When the task's present step began, ns. */
  stepAt: number;
  /** When the present boot began, ns; -1: the zone did not boot, it started running. */
  bootAt: number;
  /** Number of the work that the os does for the boot; 0: none. */
  work: number;
  /** ZFS commands not yet answered, and the first error among those that were. */
  asks: number[];
  askError: string;
}

export function firstZoneState({ config, start, warm }: ZoneInit): ZoneState {
  return {
    config,
    start,
    zoneState: '',
    state: '',
    failed: false,
    provisioning: start === 'configured' && config.autoboot,
    stopping: false,
    autoboot: config.autoboot,
    warm,
    quiet: start !== 'configured',
    up: false,
    frozen: false,
    again: false,
    reason: '',
    task: 0,
    action: '',
    stepAt: 0,
    bootAt: -1,
    work: 0,
    asks: [],
    askError: '',
  };
}
