/** A statechart's transition as an event of the host, and as xstate's own bare `transition()` gives it. */
import { createHost, defineActor } from '@orrery/actor';
import { transition, initialTransition } from 'xstate';
import { phasesMachine } from './machine/phases.ts';
import { alternate, atLeast, seconds, type Findings, type Scale } from './measure.ts';

const TICK = { name: 'go', number: 0 };
const GO = { type: 'go' } as const;

interface Life {
  entered: number;
}

const life = defineActor<Life, null>({
  name: 'life',
  service: 'compute-node',
  machine: phasesMachine,
  init: (context) => {
    context.timer('go', 1, 'tick', TICK);
    return { entered: 0 };
  },
  effects: { entered: (_context, state) => void (state as Life).entered++ },
  on: {
    tick: (context) => {
      context.dispatch(GO);
      context.send(context.self, 'tick', TICK, context.now + 1);
    },
  },
});

function throughHost(count: number): number {
  const host = createHost({
    seed: 1,
    services: [{ name: 'compute-node', loose: false, kinds: [life] }],
    placements: [{ address: 'life', kind: 'life', locality: 'life', init: null }],
    rules: { lookaheadNs: 1, controlWindowNs: 1 },
    keepFacts: false,
  });
  const spent = seconds(() => host.runUntil(count + 1));
  return host.events / spent;
}

function bare(count: number): number {
  let [snapshot] = initialTransition(phasesMachine);
  let entered = 0;
  const spent = seconds(() => {
    for (let i = 0; i < count; i++) {
      const [following, actions] = transition(phasesMachine, snapshot, GO);
      snapshot = following;
      for (const action of actions) if (action.type === 'entered') entered++;
    }
  });
  return entered < 0 ? 0 : count / spent;
}

export async function statecharts(scale: Scale): Promise<Findings> {
  const count = scale.tiny ? 500 : 100_000;
  const { rates, calibration } = await alternate(scale, {
    host: () => throughHost(count),
    bare: () => bare(count),
  });
  const what = 'statechart transitions through the host';
  const baseline = { what: 'bare transition()', value: rates.bare };
  return {
    rows: [{ what, value: rates.host, unit: 'transitions/s', baseline, calibration }],
    targets: [atLeast(`${what}, over bare transition()`, rates.host / rates.bare, 2, ' ×')],
    notes: [],
  };
}
