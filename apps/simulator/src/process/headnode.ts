/** The headnode's process: closes the boundaries of a run, at once. */
import { startReplica } from './adapters/start-replica.ts';
import type { Role } from './role.ts';

export const headnodeRole: Role = (context) => startReplica(context, {});
