/** The broker of a proof: a nats-server of its own, or the word that there is none. */
import {
  findNatsServer,
  startNatsServer,
  type NatsServer,
} from '../../packages/bus/src/adapters/nats/nats-server.case.ts';
import type { Findings, ProofOptions } from './proof.ts';

/** Does the work with a server; where there is none, a small draw is left out, but never in CI. */
export async function withBroker(
  findings: Findings,
  { full }: ProofOptions,
  work: (server: NatsServer) => Promise<void>,
): Promise<void> {
  const missing = serverMissing();
  if (missing !== undefined) {
    findings.check(!full && process.env.CI === undefined, `left out: ${missing}`);
    return;
  }
  const server = await startNatsServer();
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

function serverMissing(): string | undefined {
  try {
    findNatsServer();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
