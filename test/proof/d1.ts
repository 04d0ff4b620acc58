/** Must show d1: services over a broker have the facts and the digest of one process, however they are shared out. */
import { join } from 'node:path';
import type { NatsServer } from '../../packages/bus/src/adapters/nats/nats-server.case.ts';
import { withBroker } from './broker.ts';
import { Draws } from './draws.ts';
import { nodeOf } from './nodes.ts';
import { inScratch, orrery, root, summaryOf } from './orrery.ts';
import { differsOver, runAlone } from './over.ts';
import { fewSubjects, sharingName, sharings, subjectsOf, type Subject } from './over-subjects.ts';
import { Findings, type Proof, type ProofOptions } from './proof.ts';

const SECONDS = { full: 20, draw: 3 };
const DRAWN = 20;
/** Wall time after which a run is given up, ms. */
const PATIENCE_MS = 900_000;

export async function prove(options: ProofOptions): Promise<Proof> {
  const { full, seed, say } = options;
  const findings = new Findings(say);
  await withBroker(findings, options, (server) =>
    inScratch(async (scratch) => {
      const draws = new Draws(seed, 'd1');
      const subjects = full
        ? await subjectsOf(scratch, { first: seed * 1000, count: DRAWN, seconds: SECONDS.full })
        : await fewSubjects(scratch, draws, SECONDS.draw);
      for (const subject of subjects)
        await provesSubject(findings, subject, server, full ? sharings : [draws.of(sharings)]);
      await provesNodes(findings, server, full ? '10s' : '3s');
      if (full) await provesDemo(findings, server);
    }),
  );
  return findings.proof();
}

async function provesSubject(
  findings: Findings,
  { name, scenario }: Subject,
  server: NatsServer,
  shared: typeof sharings,
): Promise<void> {
  const alone = runAlone(scenario);
  for (const counts of shared) {
    const started = performance.now();
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const access = { nats: server.url };
    const differs = await differsOver(alone, { access, counts, signal }).catch(
      (error: Error) => error.message,
    );
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    const what = `${name}, ${sharingName(counts)}: ${alone.facts.length} facts, digest ${alone.digest}, ${seconds} s`;
    findings.check(differs === undefined, differs === undefined ? what : `${what}: ${differs}`);
  }
}

/** The same command lines on either Node, in one process and as services. */
async function provesNodes(findings: Findings, server: NatsServer, length: string): Promise<void> {
  const folder = join(root, 'scenarios/rack-loses-switch');
  const sets = ['datacenter.lookahead=1ms', 'timeline.0.at=1s', 'timeline.0.for=1s'];
  const args = ['run', folder, '--json', '--for', length, ...sets.flatMap((set) => ['--set', set])];
  const digests = new Map<string, string>();
  for (const major of [20, 24] as const) {
    const node = await nodeOf(major);
    if (node.startsWith('no ')) {
      findings.check(false, node);
      continue;
    }
    digests.set(`Node ${major}`, summaryOf(await orrery(args, { node })).digest);
    const over = await orrery([...args, '--nats', server.url, '--replicas', 'compute-node=2'], { node });
    digests.set(`Node ${major} over NATS`, summaryOf(over).digest);
  }
  const same = new Set(digests.values()).size === 1;
  const told = same
    ? `: digest ${[...digests.values()][0]}`
    : [...digests].map(([what, digest]) => ` ${what} ${digest}`).join(',');
  findings.check(same, `${[...digests.keys()].join(', ')}${told}`);
}

/** The demo, from its first second to its last. */
async function provesDemo(findings: Findings, server: NatsServer): Promise<void> {
  const args = ['run', join(root, 'scenarios/first-light'), '--json', '--set', 'datacenter.lookahead=1ms'];
  const alone = summaryOf(await orrery(args));
  const over = await orrery([...args, '--nats', server.url]);
  const { digest, simSeconds } = summaryOf(over);
  const what = `first-light whole, ${simSeconds} simulated s over NATS in ${over.seconds.toFixed(0)} s: digest ${digest}`;
  findings.check(digest === alone.digest, digest === alone.digest ? what : `${what}, alone ${alone.digest}`);
}
