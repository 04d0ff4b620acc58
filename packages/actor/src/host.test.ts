import { describe, expect, test } from 'vitest';
import { assign, emit, setup } from 'xstate';
import { MS, SECOND, uniform } from '@orrery/kernel';
import {
  createHost,
  defineActor,
  restoreHost,
  takeSnapshot,
  type HostOptions,
  type Service,
} from './index.ts';

interface Lamp {
  lit: number;
  drawn: number[];
}

/** A lamp blinks: on for 3 s, off for 2 s, remembers by history where it was, and says so. */
const lampMachine = setup({
  types: {} as {
    context: { onNs: number; blinks: number };
    events: { type: 'stop' } | { type: 'go' };
    input: { onNs: number };
  },
  delays: { on: ({ context }) => context.onNs, off: 2 * SECOND },
}).createMachine({
  context: ({ input }) => ({ onNs: input.onNs, blinks: 0 }),
  initial: 'blinking',
  states: {
    blinking: {
      initial: 'off',
      on: { stop: 'stopped' },
      states: {
        off: { after: { off: 'on' } },
        on: {
          entry: [
            assign({ blinks: ({ context }) => context.blinks + 1 }),
            emit(({ context }) => ({ type: 'syslogWritten', text: `on ${context.blinks}` }) as never),
            { type: 'light', params: { by: 1 } } as never,
          ],
          after: { on: 'off' },
        },
        past: { type: 'history' },
      },
    },
    stopped: { on: { go: 'blinking.past' } },
  },
});

const lamp = defineActor<Lamp, { onNs: number }>({
  name: 'lamp',
  service: 'compute-node',
  machine: lampMachine,
  init: () => ({ lit: 0, drawn: [] }),
  machineInput: () => ({ onNs: 3 * SECOND }),
  effects: {
    light: (_, state, params: { by: number }) => {
      (state as Lamp).lit += params.by;
    },
  },
  on: {
    tick: (ctx, state, { name }) => {
      if (name === 'draw') state.drawn.push(uniform(ctx.stream('test')));
      else ctx.dispatch({ type: name });
    },
  },
});

interface Echo {
  heard: string[];
}

const echo = defineActor<Echo, { peer: string }>({
  name: 'echo',
  service: 'headnode',
  init: () => ({ heard: [] }),
  on: {
    tick: (ctx, state, { name, number }) => {
      state.heard.push(`${ctx.now}:${name}${number}`);
      const fact = ctx.emit('syslogWritten', { text: `${name}${number}` });
      if (number > 0)
        ctx.send(ctx.source === 0 ? ctx.self : ctx.source, 'tick', { name, number: number - 1 });
      else if (name === 'make') {
        const child = ctx.spawn('echo', 'child/1', { peer: '' });
        ctx.send(child, 'tick', { name: 'born', number: 0 });
      } else if (name === 'born') expect(ctx.cause).toEqual(fact);
    },
    repair: (ctx) => {
      ctx.randomTimer('wait', { kind: 'exponential', mean: 30 * SECOND }, 'waits', 'tick', {
        name: 'waited',
        number: 0,
      });
    },
  },
});

const services: Service[] = [
  { name: 'compute-node', loose: false, kinds: [lamp] },
  { name: 'headnode', loose: true, kinds: [echo] },
];

function options(more: Partial<HostOptions> = {}): HostOptions {
  return {
    seed: 7,
    services,
    rules: { lookaheadNs: 250_000, controlWindowNs: 50 * MS },
    placements: [
      { address: 'lamp', kind: 'lamp', locality: 'a', init: { onNs: 3 } },
      { address: 'echo', kind: 'echo', locality: 'b', init: { peer: '' } },
    ],
    ...more,
  };
}

const texts = (host: { facts: readonly { time: number; payload: object }[] }) =>
  host.facts.map((fact) => `${fact.time / SECOND} ${(fact.payload as { text: string }).text}`);

describe('a statechart', () => {
  test('runs on simulated time, with effects as data', () => {
    const host = createHost(options());
    host.runUntil(11 * SECOND);
    expect(texts(host)).toEqual(['2 on 1', '7 on 2']);
    expect(host.stateOf<Lamp>('lamp').lit).toBe(2);
  });

  test('cancels its timers when it leaves a state, and comes back by history', () => {
    const host = createHost(options());
    host.post('lamp', 'tick', { name: 'stop', number: 0 }, 3 * SECOND);
    host.post('lamp', 'tick', { name: 'go', number: 0 }, 100 * SECOND);
    host.runUntil(99 * SECOND);
    expect(texts(host)).toEqual(['2 on 1']);
    expect(host.queue.size).toBe(1);
    const restored = restoreHost(options(), structuredClone(takeSnapshot(host)));
    for (const each of [host, restored]) each.runUntil(104 * SECOND);
    expect(texts(host)).toEqual(['2 on 1', '100 on 2']);
    expect(texts(restored)).toEqual(['100 on 2']);
    expect(restored.digest()).toBe(host.digest());
  });
});

describe('messages', () => {
  test('are immediate inside an actor and keep their order', () => {
    const host = createHost(options());
    host.post('echo', 'tick', { name: 'x', number: 2 }, 0);
    host.runUntil(1);
    expect(host.stateOf<Echo>('echo').heard).toEqual(['0:x2', '0:x1', '0:x0']);
    expect(host.facts.map((fact) => fact.cause.n)).toEqual([0, 1, 2]);
  });

  test('reach an actor made at run time, caused by the fact that made it', () => {
    const host = createHost(options());
    host.post('echo', 'tick', { name: 'make', number: 0 });
    host.runUntil(SECOND);
    expect(host.facts.map((fact) => [fact.address, fact.kind, fact.cause.n])).toEqual([
      ['echo', 'syslogWritten', 0],
      ['echo', 'actorMade', 1],
      ['echo/child/1', 'syslogWritten', 1],
    ]);
  });

  test('give the same digest when each crosses a wire', () => {
    const digests = [false, true].map((wire) => {
      const host = createHost(options({ wire }));
      host.post('echo', 'tick', { name: 'make', number: 0 });
      host.runUntil(20 * SECOND);
      return host.digest();
    });
    expect(digests[0]).toBe(digests[1]);
  });

  test('without a handler stop the run with seed, time and event', () => {
    const host = createHost(options());
    host.post('lamp', 'repair', { kind: '', part: '', params: [], askedBy: '' }, 5);
    expect(() => host.runUntil(10)).toThrow(/lamp .*seed 7, time 5 ns, event 1/);
  });
});

describe('chance', () => {
  test('is redrawn in a fork, given the time already passed', () => {
    const first = createHost(options());
    first.post('echo', 'repair', { kind: '', part: '', params: [], askedBy: '' });
    first.runUntil(100 * MS);
    const at = (seed: number | undefined) => {
      const fork = restoreHost(options(), structuredClone(takeSnapshot(first)));
      if (seed !== undefined) fork.reseed(seed);
      fork.runUntil(1000 * SECOND);
      return fork.facts.find((fact) => (fact.payload as { text: string }).text === 'waited0')?.time;
    };
    const own = at(undefined);
    expect(at(undefined)).toBe(own);
    const others = [1, 2, 3].map(at);
    expect(new Set([own, ...others]).size).toBe(4);
    for (const time of others) expect(time).toBeGreaterThanOrEqual(100 * MS);
  });

  test('comes back from a snapshot where it was', () => {
    const host = createHost(options());
    for (let i = 1; i < 9; i++) host.post('lamp', 'tick', { name: 'draw', number: 0 }, i * SECOND);
    host.runUntil(4 * SECOND);
    const restored = restoreHost(options(), structuredClone(takeSnapshot(host)));
    for (const each of [host, restored]) each.runUntil(20 * SECOND);
    expect(restored.stateOf<Lamp>('lamp')).toEqual(host.stateOf<Lamp>('lamp'));
  });
});
