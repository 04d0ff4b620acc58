/** The bus over NATS JetStream. */
export type { NatsConnection } from '@nats-io/transport-node';
export {
  awaitNats,
  connectNats,
  natsOptions,
  withoutPassword,
  type ConnectionListener,
  type NatsAccess,
  type NatsOptions,
} from './connection.ts';
export { LEASE_MS, leaseBucket, type LeaseBucket } from './leases.ts';
export { natsBus } from './nats-bus.ts';
export { runRegistry, type RunRegistry } from './registry.ts';
export { createStreams, deleteStreams, namesOf, type StreamLimits, type StreamNames } from './streams.ts';
