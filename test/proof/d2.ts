/** Must show d2: the same over a broker that repeats, delays and cuts, while it and every service are killed with -9. */
import type { NatsServer } from '../../packages/bus/src/adapters/nats/nats-server.case.ts';
import { startNatsProxy, type NatsProxy } from '../proxy/nats-proxy.ts';
import { withBroker } from './broker.ts';
import { Draws } from './draws.ts';
import { Killer } from './kills.ts';
import { inScratch } from './orrery.ts';
import { differsOver, runAlone } from './over.ts';
import { fewSubjects, sharingName, sharings, subjectsOf, type Subject } from './over-subjects.ts';
import { Findings, type Proof, type ProofOptions } from './proof.ts';

const SECONDS = { full: 20, draw: 3 };
const DRAWN = 20;
/** In each run. */
const KILLS = 3;
/** Fewer kills than this over the whole set show too little. */
const KILLS_LEAST = { full: 30, draw: 3 };
const MISCHIEF = { twice: 0.01, late: 0.005, lateMsMax: 20, cut: 0.00005 };
/** Wall time after which a run is given up, ms. */
const PATIENCE_MS = 1_200_000;

export async function prove(options: ProofOptions): Promise<Proof> {
  const findings = new Findings(options.say);
  await withBroker(findings, options, async (server) => {
    const proxy = await startNatsProxy(server.url, options.seed, MISCHIEF);
    try {
      await inScratch((scratch) => provesAll(findings, options, { server, proxy, scratch }));
    } finally {
      await proxy.close();
    }
  });
  return findings.proof();
}

async function provesAll(
  findings: Findings,
  { full, seed }: ProofOptions,
  { server, proxy, scratch }: { server: NatsServer; proxy: NatsProxy; scratch: string },
): Promise<void> {
  const size = full ? 'full' : 'draw';
  const draws = new Draws(seed, 'd2');
  const killer = new Killer(server, draws);
  const subjects = full
    ? await subjectsOf(scratch, { first: seed * 1000, count: DRAWN, seconds: SECONDS.full })
    : await fewSubjects(scratch, draws, SECONDS.draw);
  const common = { server, proxy, draws, killer, kills: KILLS, throughProxy: full ? 0.67 : 1 };
  for (const subject of subjects) await provesSubject(findings, { ...common, subject });
  const { messages, twice, late, cuts } = proxy.done;
  findings.check(
    killer.count >= KILLS_LEAST[size],
    `killed with -9: ${killer.count} (${killer.told()}); seed ${seed}`,
  );
  findings.check(
    twice > 0 && late > 0 && (cuts > 0 || !full),
    `of ${messages} messages, ${twice} said twice and ${late} delayed; ${cuts} connections cut`,
  );
}

interface Trial {
  subject: Subject;
  server: NatsServer;
  proxy: NatsProxy;
  draws: Draws;
  killer: Killer;
  kills: number;
  /** Of all runs, how many are through the proxy. */
  throughProxy: number;
}

/** Shared out, and through the proxy or not, by draw. */
async function provesSubject(findings: Findings, trial: Trial): Promise<void> {
  const { subject, server, proxy, draws, killer, kills } = trial;
  const { name, scenario } = subject;
  const alone = runAlone(scenario);
  const counts = draws.of(sharings);
  const throughProxy = draws.chance(trial.throughProxy);
  const { settled, ...hooks } = killer.hooks(kills, scenario.durationNs);
  const before = killer.count;
  const started = performance.now();
  const differs = await differsOver(alone, {
    ...hooks,
    access: { nats: throughProxy ? proxy.url : server.url },
    counts,
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((error: Error) => error.message);
  await settled();
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const disturbed = `${killer.count - before} killed${throughProxy ? ', through the proxy' : ''}`;
  const what = `${name}, ${sharingName(counts)}, ${disturbed}: ${alone.facts.length} facts each once, digest ${alone.digest}, ${seconds} s`;
  findings.check(differs === undefined, differs === undefined ? what : `${what}: ${differs}`);
}
