/** How long each step of provisioning took: which of them a burst waits in. */
import type { HostFact } from '@orrery/actor';
import type { Facts } from '@orrery/proto';

/** A step over all jobs that went through it. */
export interface StepRow {
  step: string;
  count: number;
  /** ns. */
  medianNs: number;
  maxNs: number;
}

/** The order in which a job takes its steps; others follow by name. */
const order = [
  'allocation_ticket',
  'choose_server',
  'reserve_address',
  'ensure_image',
  'vm_ticket',
  'clone',
  'configure',
  'boot',
];

export class JobSteps {
  private readonly tookNs = new Map<string, number[]>();
  private readonly begun = new Map<string, number>();

  observe(fact: HostFact): void {
    if (fact.kind === 'jobStepFinished') {
      const { step, tookNs } = fact.payload as Facts['jobStepFinished'];
      this.add(step, tookNs);
    } else if (fact.kind === 'jobStateChanged') {
      const { job, kind, execution } = fact.payload as Facts['jobStateChanged'];
      const since = this.begun.get(job);
      if (since === undefined) this.begun.set(job, fact.time);
      else if (execution === 'succeeded') this.add(`${kind} as a whole`, fact.time - since);
    }
  }

  rows(): StepRow[] {
    const rank = (step: string) => (order.indexOf(step) + order.length + 1) % (order.length + 1);
    return [...this.tookNs]
      .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
      .map(([step, took]) => {
        const sorted = [...took].sort((a, b) => a - b);
        const medianNs = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
        return { step, count: sorted.length, medianNs, maxNs: sorted.at(-1) ?? 0 };
      });
  }

  private add(step: string, tookNs: number): void {
    const took = this.tookNs.get(step);
    if (took === undefined) this.tookNs.set(step, [tookNs]);
    else took.push(tookNs);
  }
}
