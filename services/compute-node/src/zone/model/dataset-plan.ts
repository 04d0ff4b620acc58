/**
 * The datasets of a zone: what an install asks of ZFS, and what an uninstall gives back.
 *
 * Rules. 1. The zone's root is a clone of its image's snapshot `@final`; a zone without an image gets an empty dataset.
 *        2. A guest's root holds no image; each of its disks is a volume: a clone of its image, or empty.
 *        3. Data that the VM has beside its image arrives with the root.
 *        4. All of a plan goes into one txg, in this order; uninstall goes the other way round.
 * Law.   A volume's `quotaBytes` is what it keeps reserved.
 * Differs. KVM and bhyve keep their volumes beside the root alike; bhyve's are below it in SmartOS.
 * Omits. The cores dataset.
 */
import type { ZfsAsk } from '@orrery/proto';
import type { ZoneConfig } from '../config.ts';
import { isHvm } from './vm-state.ts';

export type DatasetStep = Omit<ZfsAsk, 'id' | 'replyTo'>;

function step(op: string, dataset: string): DatasetStep {
  return { op, dataset, origin: '', quotaBytes: 0, recordSize: 0, usedBytes: 0, volume: false };
}

function poolOf(dataset: string): string {
  return dataset.slice(0, dataset.indexOf('/'));
}

function fromImage(dataset: string, imageUuid: string): DatasetStep {
  if (imageUuid === '') return step('create', dataset);
  return { ...step('clone', dataset), origin: `${poolOf(dataset)}/${imageUuid}@final` };
}

export function installPlan(config: ZoneConfig): DatasetStep[] {
  const root = fromImage(config.dataset, isHvm(config.brand) ? '' : config.imageUuid);
  root.quotaBytes = config.limits.quotaBytes;
  root.recordSize = config.recordSizeBytes;
  root.usedBytes = config.dataBytes;
  const plan = [root];
  if (config.delegated) plan.push(step('create', `${config.dataset}/data`));
  for (const disk of config.disks) {
    const volume = fromImage(disk.dataset, disk.imageUuid);
    volume.volume = true;
    volume.quotaBytes = disk.reservedBytes;
    volume.recordSize = disk.blockSizeBytes;
    plan.push(volume);
  }
  return plan;
}

export function uninstallPlan(config: ZoneConfig): DatasetStep[] {
  return installPlan(config)
    .map(({ dataset, volume }) => ({ ...step('destroy', dataset), volume }))
    .reverse();
}
