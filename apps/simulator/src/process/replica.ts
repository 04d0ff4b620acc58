/** The process of a service that only runs its shards. */
import { startReplica } from './adapters/start-replica.ts';
import type { Role } from './role.ts';

export const replicaRole: Role = (context) => startReplica(context, {});
