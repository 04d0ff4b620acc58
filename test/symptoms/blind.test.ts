/** Nothing but the physics of a part knows of an injection: without the fact of it every diagnosis, every state and every number is the same. */
import { describe, expect, test } from 'vitest';
import type { HostFact } from '@orrery/actor';
import { factNumbers, messageNumbers } from '@orrery/proto';
import { services, type Simulation } from '@orrery/simulator';
import { DISK, NODE, play, type Entry } from './small-datacenter.ts';

const HIDDEN = new Set(['faultInjected', 'faultReverted']);

/** Facts of injections are never made: not for the log, not for an actor, not as anything's cause. */
function blind(simulation: Simulation): void {
  const { host } = simulation;
  const emit = host.emit.bind(host);
  host.emit = (cell, cause, kind, payload) =>
    HIDDEN.has(kind) ? { actor: 0, n: 0 } : emit(cell, cause, kind, payload);
}

const seen = (facts: readonly HostFact[]): unknown[] =>
  facts
    .filter(({ kind }) => !HIDDEN.has(kind))
    .map(({ time, address, kind, payload }) => [time, address, kind, payload]);

const stories: Record<string, Entry[]> = {
  'a disk dies': [
    { at: '20s', inject: 'disk.fail', with: { mode: 'errors' }, on: DISK },
    { at: '120s', repair: 'disk.replace', on: DISK },
  ],
  'a disk hangs': [{ at: '20s', inject: 'disk.fail', with: { mode: 'hang' }, on: DISK, for: '90s' }],
  'a disk is pulled': [{ at: '20s', inject: 'disk.fail', with: { mode: 'pulled' }, on: DISK }],
  'a disk lies and errs': [
    { at: '20s', inject: 'disk.corrupt', with: { share: '5%' }, on: DISK },
    { at: '20s', inject: 'disk.latent-errors', with: { share: '5%' }, on: 'cn-0001/disk/c0t0d0' },
    { at: '20s', inject: 'disk.slow', with: { factor: 4 }, on: DISK, for: '60s' },
  ],
  'memory and a CPU err': [
    { at: '20s', inject: 'memory.correctable', with: { rate: '60/min' }, on: 'cn-0001/dimm/0' },
    { at: '20s', inject: 'cpu.cache-errors', with: { rate: '20/min' }, on: 'cn-0001/cpu/0' },
    { at: '80s', inject: 'memory.uncorrectable', on: 'cn-0001/dimm/1' },
  ],
  'power goes, and a supply': [
    { at: '20s', inject: 'psu.fail', on: 'cn-0001/psu/0' },
    { at: '140s', inject: 'node.power', on: NODE, for: '10s' },
  ],
  'the network goes': [
    { at: '20s', inject: 'link.flap', on: 'cn-0001/nic/ixgbe0', for: '40s' },
    { at: '70s', inject: 'link.loss', with: { share: '10%' }, on: 'uplink/tor-1', for: '20s' },
    { at: '100s', inject: 'switch.fail', on: 'switch/tor-1', for: '30s' },
  ],
};

describe('without the facts of injections', () => {
  for (const [name, timeline] of Object.entries(stories)) {
    test(`${name}: every other fact is the same`, () => {
      const whole = play({ until: '4m', timeline });
      const stripped = play({ until: '4m', timeline, before: blind });
      expect(stripped.facts.some(({ kind }) => HIDDEN.has(kind))).toBe(false);
      expect(whole.facts.some(({ kind }) => HIDDEN.has(kind))).toBe(true);
      expect(stripped.cases()).toEqual(whole.cases());
      expect(seen(stripped.facts)).toEqual(seen(whole.facts));
    });
  }
});

describe('who could know', () => {
  const handlers = services.flatMap(({ kinds }) =>
    kinds.map((kind) => ({ kind, messages: Object.keys(kind.on) })),
  );

  test('no fact is a message: an actor cannot be handed one', () => {
    for (const fact of HIDDEN) expect(Object.keys(messageNumbers)).not.toContain(fact);
    const shared = new Set<number>(Object.values(messageNumbers));
    expect(factNumbers).toHaveProperty('faultInjected');
    for (const { messages } of handlers) {
      for (const message of messages)
        expect(shared.has(messageNumbers[message as keyof typeof messageNumbers])).toBe(true);
    }
  });

  test('an injection reaches the kinds of actor that are parts, and none of fma or the head node', () => {
    const told = handlers.filter(
      ({ messages }) => messages.includes('injectFault') || messages.includes('revertFault'),
    );
    expect(told.map(({ kind }) => kind.name).sort()).toEqual(['disk', 'link', 'node', 'switch']);
  });
});
