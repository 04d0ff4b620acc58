/** The tracer's process: reads what a traced run said, and exports it. */
import type { Role } from './role.ts';

export const tracerRole: Role = () => {
  throw new Error('the tracer is not a service yet');
};
