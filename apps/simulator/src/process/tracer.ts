/** The tracer's process: reads what a traced run said, and exports it. It is no member of the windows. */
import { traceRun } from './adapters/trace-run.ts';
import type { Role } from './role.ts';

/** Where a collector on this machine listens. */
const COLLECTOR = 'http://127.0.0.1:4318';

/** @param otlp the collector: `http://host:4318` or `grpc://host:4317` */
export function tracerRole(otlp = COLLECTOR): Role {
  return (context) => traceRun(context, otlp);
}
