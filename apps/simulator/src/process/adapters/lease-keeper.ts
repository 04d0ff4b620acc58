/** Says a replica's lease each second, and hears the others'. */
import { leaseBucket, type NatsConnection } from '@orrery/bus/nats';
import type { Lease } from '@orrery/proto';
import { LeaseTable, type HeardLease } from '../lease-table.ts';

const SAY_MS = 1000;

export interface LeaseKeeper {
  live(): HeardLease[];
  /** Whether another name was nobody's, and is this process's now. */
  claim(replica: string): Promise<boolean>;
  /** Says it now, and differently from now on. */
  drain(): Promise<void>;
  /** Says no more. Removed when it left of its own will, else forgotten after a while. */
  stop(left: boolean): Promise<void>;
}

/** @param lease as it is now; asked each second */
export function keepLease(
  connection: NatsConnection,
  run: string,
  lease: () => Omit<Lease, 'draining'>,
): LeaseKeeper {
  const bucket = leaseBucket(connection, run);
  const table = new LeaseTable();
  const stopHearing = bucket.hear((heard) => table.hear(heard, performance.now()));
  let draining = false;
  let saying = false;
  const say = async (): Promise<void> => {
    if (saying) return;
    saying = true;
    await bucket.say({ ...lease(), draining }).catch(() => undefined);
    saying = false;
  };
  void say();
  const timer = setInterval(() => void say(), SAY_MS);
  return {
    live: () => table.live(performance.now()),
    claim: (replica) => bucket.claim({ ...lease(), replica, draining: false }).catch(() => false),
    drain: async () => {
      draining = true;
      await say();
    },
    stop: async (left) => {
      clearInterval(timer);
      stopHearing();
      if (left) await bucket.forget(lease().replica).catch(() => undefined);
    },
  };
}
