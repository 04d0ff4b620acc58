/** Zones that boot side by side, and zones that are provisioned side by side: told when the last one is there. */
import type { Facts } from '@orrery/proto';

/** Boots of a node since the last moment without any. */
interface Boots {
  pending: Set<string>;
  count: number;
  slowestNs: number;
}

/** Zones between `ready` and serving, by node. */
export class ZoneBoots {
  private readonly byNode = new Map<string, Boots>();

  changed(node: string, { uuid, zoneState }: Facts['zoneStateChanged']): void {
    let boots = this.byNode.get(node);
    if (zoneState === 'ready') {
      if (boots === undefined)
        this.byNode.set(node, (boots = { pending: new Set(), count: 0, slowestNs: 0 }));
      boots.pending.add(uuid);
    } else if (zoneState !== 'running') boots?.pending.delete(uuid);
  }

  /** @returns how many are up since the last time that none was booting, once none is any more */
  booted(
    node: string,
    { uuid, tookNs }: Facts['zoneBooted'],
  ): { count: number; slowestNs: number } | undefined {
    const { pending, count, slowestNs } = this.byNode.get(node) ?? {
      pending: new Set<string>(),
      count: 0,
      slowestNs: 0,
    };
    pending.delete(uuid);
    const next = { pending, count: count + 1, slowestNs: Math.max(slowestNs, tookNs) };
    if (pending.size > 0) {
      this.byNode.set(node, next);
      return undefined;
    }
    this.byNode.delete(node);
    return next;
  }
}

/** Provisioning jobs since the last moment without any. */
export class Provisioning {
  private readonly jobs = new Set<string>();
  private readonly vms = new Set<string>();
  private since = 0;
  private succeeded = 0;

  /** @returns how many zones were made, and in what time, once no job is left */
  observe(time: number, change: Facts['jobStateChanged']): { count: number; tookNs: number } | undefined {
    const { job, kind, vm, execution } = change;
    if (kind !== 'provision') return undefined;
    if (execution !== 'succeeded' && execution !== 'failed' && execution !== 'canceled') {
      if (this.jobs.size === 0) {
        this.since = time;
        this.succeeded = 0;
      }
      this.jobs.add(job);
      this.vms.add(vm);
      return undefined;
    }
    this.jobs.delete(job);
    if (execution === 'succeeded') this.succeeded++;
    const { succeeded: count, since } = this;
    return this.jobs.size > 0 || count === 0 ? undefined : { count, tookNs: time - since };
  }

  /** Whether the zone is being provisioned: its boot is its job's. */
  owns(vm: string): boolean {
    return this.vms.has(vm);
  }

  /** The zone's first boot is over. @returns whether it was being provisioned */
  ends(vm: string): boolean {
    return this.vms.delete(vm);
  }
}
