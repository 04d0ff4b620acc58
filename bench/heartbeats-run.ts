/** N actors that each beat every 5 s of simulated time and do nothing else: what the host costs an event. */
import { createHost, defineActor, type Placement } from '@orrery/actor';
import { MS, SECOND } from '@orrery/kernel';
import type { PartResult } from './processes.ts';

const PERIOD_NS = 5 * SECOND;
const TICK = { name: 'beat', number: 0 };

interface Node {
  beats: number;
}

const node = defineActor<Node, number>({
  name: 'beating',
  service: 'compute-node',
  init: (context, offset) => {
    context.send(context.self, 'tick', TICK, offset);
    return { beats: 0 };
  },
  on: {
    tick: (context, state) => {
      state.beats++;
      context.send(context.self, 'tick', TICK, context.now + PERIOD_NS);
    },
  },
});

/** The clock covers the making of the actors too, as it does for the peers. */
export function beat(nodes: number, forSeconds: number): Omit<PartResult, 'rssMiB'> {
  const start = performance.now();
  const placements: Placement[] = [];
  for (let i = 0; i < nodes; i++) {
    const address = `cn-${String(i).padStart(6, '0')}`;
    const init = Math.floor((PERIOD_NS * i) / nodes);
    placements.push({ address, kind: 'beating', locality: address, init });
  }
  const host = createHost({
    seed: 1,
    services: [{ name: 'compute-node', loose: false, kinds: [node] }],
    placements,
    rules: { lookaheadNs: 250_000, controlWindowNs: 50 * MS },
    keepFacts: false,
  });
  host.runUntil(forSeconds * SECOND);
  return { events: host.events, wallSeconds: (performance.now() - start) / 1000 };
}
