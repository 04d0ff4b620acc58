/** The broker of a proof: a nats-server of its own, or the word that there is none. */
import {
  noNatsServer,
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
  const missing = await noNatsServer();
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
