/** Says that a process is there, and hears who else is. Nothing rests on it: what is lost is said again in a second. */
import { Kvm, type KV } from '@nats-io/kv';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { unlessMissing } from './patience.ts';
import type { Lease } from '@orrery/proto';
import { decodeAs, encodeAs } from '@orrery/proto/codec';

const LEASES = 'orrery-leases';
/** Forgotten after so long, ms. */
export const LEASE_MS = 5000;

export interface LeaseBucket {
  /** One try. @throws when the broker is away */
  say(lease: Lease): Promise<void>;
  /** Says the lease of a name that nobody says. @returns false when somebody does @throws when the broker is away */
  claim(lease: Lease): Promise<boolean>;
  /** Hears each lease of the run as it is said. @returns what stops it */
  hear(onLease: (lease: Lease) => void): () => void;
  /** Removes this replica's, or all of the run's and the bucket when it is empty then. */
  forget(replica?: string): Promise<void>;
}

export function leaseBucket(nc: NatsConnection, run: string): LeaseBucket {
  const subject = `$KV.${LEASES}.${run}`;
  let bucket: KV | undefined;
  const open = async (): Promise<KV> =>
    (bucket ??= await new Kvm(nc).create(LEASES, { history: 1, ttl: LEASE_MS }));
  return {
    say: async (lease) => {
      try {
        await (await open()).put(`${run}.${lease.replica}`, encodeAs('Lease', lease));
      } catch (error) {
        bucket = undefined;
        throw error;
      }
    },
    claim: async (lease) => {
      const key = `${run}.${lease.replica}`;
      const leases = await open();
      if ((await leases.get(key)) !== null) return false;
      return leases.create(key, encodeAs('Lease', lease)).then(
        () => true,
        () => false,
      );
    },
    hear: (onLease) => {
      const subscription = nc.subscribe(`${subject}.*`, {
        callback: (error, message) => {
          if (error !== null || message.data.length === 0) return;
          const lease = readLease(message.data);
          if (lease !== undefined && message.subject === `${subject}.${lease.replica}`) onLease(lease);
        },
      });
      return () => subscription.unsubscribe();
    },
    forget: async (replica = '*') => {
      const manager = await jetstreamManager(nc);
      await unlessMissing(async () => {
        await manager.streams.purge(`KV_${LEASES}`, { filter: `${subject}.${replica}` });
        const { state } = await manager.streams.info(`KV_${LEASES}`);
        if (replica === '*' && state.messages === 0) await manager.streams.delete(`KV_${LEASES}`);
      });
    },
  };
}

function readLease(bytes: Uint8Array): Lease | undefined {
  try {
    return decodeAs('Lease', bytes) as Lease;
  } catch {
    return undefined;
  }
}
