/** Why requests end in errors, as the zone that failed them has it: in an operator's words, and what must change. */
import { formatBytes } from '@orrery/spec';
import { counted } from './part-name.ts';
import type { Subject } from './subject.ts';

export interface FailureWords {
  /** `its quota of 12 GiB is used up`. */
  text: string;
  /** As `it waits for …` goes on. */
  remedy: string;
  /** Whether it only follows from requests that take long: what makes them slow is the reason. */
  bySlowness?: boolean;
}

const NO_ROOM = 'its pool has no room left';

/** Undefined for what is no limit of its own: the reason lies in a disk, or with whom it calls. */
export function failureWords({ vm }: Subject, reason: string): FailureWords | undefined {
  const uuid = vm?.uuid.slice(0, 8) ?? '';
  const spec = vm?.spec;
  switch (reason) {
    case 'EDQUOT': {
      const quota = spec?.limits.quotaBytes ?? 0;
      const text = quota === 0 ? NO_ROOM : `its quota of ${formatBytes(quota)} is used up`;
      return { text, remedy: `room: a larger quota (vmadm update ${uuid} quota=…), or less data in it` };
    }
    case 'ENOSPC':
      return { text: NO_ROOM, remedy: 'room in its pool: less data in any of its datasets, or more disks' };
    case 'ENOMEM': {
      const most = (spec?.limits.swapBytes ?? 0) || (spec?.limits.memoryBytes ?? 0);
      const text =
        most === 0 ? 'it gets no more memory' : `its ${formatBytes(most)} of memory and swap are used up`;
      return { text, remedy: `more memory (vmadm update ${uuid} max_swap=…)` };
    }
    case 'backlog full': {
      const workers = spec === undefined ? 'all its workers' : `its ${counted(spec.workers, 'worker')}`;
      const behind = spec === undefined ? '' : `, and ${spec.backlog} wait already`;
      return {
        text: `its backlog is full: ${workers} are busy${behind}`,
        remedy: 'fewer requests, or requests that take less time: its backlog is full',
        bySlowness: true,
      };
    }
    case 'not listening':
      return { text: 'nothing in it listens', remedy: 'somebody to start what it should serve' };
    default:
      return undefined;
  }
}
