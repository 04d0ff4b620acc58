import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { restoreHost, takeSnapshot } from '@orrery/actor';
import { NODE, Rig, zoneConfigOf } from '../rig.case.ts';

/** What may happen to a node, in any order and at any time. */
const deed = fc.oneof(
  fc
    .constantFrom('node.power-on', 'node.power-off', 'node.reset', 'node.nmi')
    .map((kind) => ({ repair: kind })),
  fc
    .constantFrom('node.hang', 'node.power', 'memory.uncorrectable', 'psu.fail')
    .map((kind) => ({ inject: kind })),
  fc.constantFrom('node.power', 'psu.fail').map((kind) => ({ revert: kind })),
  fc
    .record({
      action: fc.constantFrom('start', 'stop', 'reboot', 'destroy'),
      uuid: fc.constantFrom('a', 'b', 'c'),
    })
    .map((task) => ({ task })),
);
const story = fc.array(fc.tuple(fc.constantFrom(0, 0.002, 0.3, 2, 9, 30, 70, 200), deed), {
  minLength: 1,
  maxLength: 20,
});
type Story = [
  number,
  { repair?: string; inject?: string; revert?: string; task?: { action: string; uuid: string } },
][];

const PARTS: Record<string, string> = { 'memory.uncorrectable': 'dimm/2', 'psu.fail': 'psu/0' };

function tell(events: Story, check: (rig: Rig) => void = () => undefined): Rig {
  const zones = [
    zoneConfigOf('a'),
    zoneConfigOf('b', 'kvm'),
    zoneConfigOf('c', 'joyent', { autoboot: false }),
  ];
  const rig = new Rig({ zones });
  for (const [index, [wait, { repair, inject, revert, task }]] of events.entries()) {
    rig.run(wait);
    if (repair !== undefined) rig.repair(repair);
    if (inject !== undefined) rig.inject(inject, PARTS[inject] ?? '', [], inject);
    if (revert !== undefined) rig.revert(revert, PARTS[revert] ?? '', revert);
    if (task !== undefined) rig.task(index + 1, task.action, task.uuid);
    rig.run(0.001);
    check(rig);
  }
  return rig;
}

const ACTIVE = new Set(['ready', 'running', 'shutting_down', 'down']);

function zonesOf(rig: Rig): { zoneState: string; up: boolean; state: string; uuid: string }[] {
  return ['a', 'b', 'c']
    .filter((uuid) => rig.host.cells.at(`${NODE}/zone/${uuid}`)?.alive === true)
    .map((uuid) => ({ uuid, ...rig.zone(uuid) }));
}

describe('whatever happens, in whatever order', () => {
  test('no zone is active without a kernel, and the agent knows each zone as it is', () => {
    fc.assert(
      fc.property(story, (events) => {
        tell(events as Story, (rig) => {
          const { phase, kernel, zones } = rig.node;
          expect(kernel).toBe(phase === 'running' || phase === 'hung' || phase === 'booting');
          for (const { uuid, zoneState, state, up } of zonesOf(rig)) {
            if (phase !== 'running' && phase !== 'hung') expect(ACTIVE.has(zoneState)).toBe(false);
            expect(up).toBe(ACTIVE.has(zoneState) && zoneState !== 'down');
            expect(zones.find((entry) => entry.uuid === uuid)).toMatchObject({ zoneState, state });
          }
        });
      }),
      { numRuns: 150, seed: 11 },
    );
  });

  test('a node without power is still; one with power gets up again', () => {
    fc.assert(
      fc.property(story, (events) => {
        const rig = tell(events as Story);
        for (const kind of ['node.power', 'psu.fail']) rig.revert(kind, PARTS[kind] ?? '', kind);
        rig.repair('node.power-off').run(1);
        expect(rig.node.phase).toBe('off');
        expect(rig.host.queue.size).toBe(0);
        rig.repair('node.power-on').run(1000);
        expect(rig.node.phase).toBe('running');
        for (const { zoneState, state } of zonesOf(rig)) {
          expect(['running', 'installed', 'incomplete']).toContain(zoneState);
          expect(['running', 'stopped', 'incomplete']).toContain(state);
        }
      }),
      { numRuns: 60, seed: 12 },
    );
  });

  test('comes out the same twice, and through a snapshot', () => {
    fc.assert(
      fc.property(story, fc.nat(300), (events, later) => {
        const first = tell(events as Story);
        const second = tell(events as Story);
        const restored = restoreHost(second.host.options, structuredClone(takeSnapshot(second.host)));
        const end = first.host.now + later * 1_000_000_000;
        for (const host of [first.host, second.host, restored]) host.runUntil(end);
        expect(second.host.digest()).toBe(first.host.digest());
        expect(restored.digest()).toBe(first.host.digest());
      }),
      { numRuns: 60, seed: 13 },
    );
  });
});
