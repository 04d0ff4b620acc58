/** Must show 3: datacenters and time lines drawn by seed break nothing, balance, and run the same twice. */
import { Observer, Simulation } from '@orrery/simulator';
import { Balance } from '../generate/conservation.ts';
import { drawScenario } from '../generate/scenario.ts';
import { Findings, type Proof, type ProofOptions } from './proof.ts';

const RUNS = { full: 200, draw: 6 };
const SECONDS = { full: 120, draw: 45 };

export async function prove({ full, seed, say }: ProofOptions): Promise<Proof> {
  const findings = new Findings(say);
  const count = full ? RUNS.full : RUNS.draw;
  const first = seed * 1_000;
  let events = 0;
  let faults = 0;
  const wrong: string[] = [];
  for (let drawn = first; drawn < first + count; drawn++) {
    const outcome = runTwice(drawn, full ? SECONDS.full : SECONDS.draw);
    events += outcome.events;
    faults += outcome.faults;
    for (const trouble of outcome.wrong) {
      wrong.push(trouble);
      findings.check(false, `seed ${drawn}: ${trouble}`);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const what = `${count} datacenters and time lines (seeds ${first} to ${first + count - 1}; ${faults} commands, ${events} events)`;
  findings.check(
    wrong.length === 0,
    `${what}: no assertion failed, ledgers sum, bytes and CPU time are conserved, the same digest twice`,
  );
  return findings.proof();
}

interface Outcome {
  wrong: string[];
  events: number;
  faults: number;
}

function runTwice(seed: number, seconds: number): Outcome {
  try {
    const one = runOnce(seed, seconds);
    const two = runOnce(seed, seconds);
    if (one.digest !== two.digest) one.wrong.push(`digest ${one.digest}, then ${two.digest}`);
    return one;
  } catch (error) {
    const { message, cause } = error as Error;
    const inner = cause instanceof Error ? `: ${cause.message}` : '';
    return { wrong: [`${message}${inner}`], events: 0, faults: 0 };
  }
}

function runOnce(seed: number, seconds: number): Outcome & { digest: string } {
  const { scenario } = drawScenario(seed, seconds);
  const observer = new Observer(scenario);
  const balance = new Balance(scenario);
  const simulation = new Simulation({
    scenario,
    seed,
    onFact: (fact) => {
      observer.observe(fact);
      balance.observe(fact);
    },
  });
  simulation.advance(scenario.durationNs);
  const ledgers = observer.checks().filter((check) => !check.ok);
  return {
    wrong: [...balance.finish(simulation, scenario), ...ledgers.map((check) => check.found)],
    events: simulation.host.events,
    faults: simulation.commandsTaken,
    digest: simulation.digest(),
  };
}
