/** Faults on top of each other, twice, too early and too late: whatever is asked, the datacenter ends in a state that can be explained. */
import { describe, expect, test } from 'vitest';
import type { Simulation } from '@orrery/simulator';
import { catalogue } from '@orrery/simulator';
import { DISK, NODE, PARTNER, play, POOL, SPARE, type Entry } from './small-datacenter.ts';
import { asBefore, within } from './within.ts';

const dies = (at: string, on = DISK, more: Partial<Entry> = {}): Entry => ({
  at,
  inject: 'disk.fail',
  with: { mode: 'errors' },
  on,
  ...more,
});
const replace = (at: string, on = DISK): Entry => ({ at, repair: 'disk.replace', on });
const poolStates = (run: ReturnType<typeof play>): string[] => run.pool().map(({ state }) => state);
const resilvered = (run: ReturnType<typeof play>): string[] =>
  run.seen('resilverFinished').map(({ payload }) => payload.vdev);

describe('two disks of one mirror', () => {
  test('the pool is suspended and everybody waits, nobody errs; zpool.clear goes on when both are well', () => {
    const timeline = [
      dies('20s', DISK, { for: '40s' }),
      dies('25s', PARTNER, { for: '35s' }),
      { at: '80s', repair: 'zpool.clear', on: POOL },
      { at: '81s', repair: 'fmadm.repaired', on: POOL },
    ];
    const run = play({ until: '5m', timeline });
    expect(poolStates(run)).toEqual(['DEGRADED', 'SUSPENDED', 'DEGRADED', 'ONLINE']);
    const codes = run.cases().map(({ code, resource }) => `${code} ${resource}`);
    expect(codes).toEqual([`ZFS-8000-HC ${POOL}`, `ZFS-8000-FD ${DISK}`, `ZFS-8000-FD ${PARTNER}`]);
    expect(run.zone('db', 28, 78)).toMatchObject({ errors: 0 });
    within(run.zone('db', 75, 90).max, 40_000, 60_000);
    expect(run.seen('dataLost')).toEqual([]);
    expect(resilvered(run)).toEqual(['c0t4d0', 'c0t1d0']);
    expect(run.wrong()).toEqual([]);
  });

  test('both replaced: their data is gone, and no resilver passes for it', () => {
    const timeline = [dies('20s'), dies('25s', PARTNER), replace('60s'), replace('60s', PARTNER)];
    const run = play({
      until: '3m',
      timeline: [...timeline, { at: '90s', repair: 'zpool.clear', on: POOL }],
    });
    expect(poolStates(run)).toEqual(['DEGRADED', 'SUSPENDED']);
    expect(resilvered(run)).toEqual([]);
    expect(run.clients('visitors', 100, 170).requests).toBe(0);
  });

  test('a node boots without the pool when both are dead, and with it when they are not', () => {
    const cut: Entry = { at: '50s', inject: 'node.power', on: NODE, for: '10s' };
    const dead = play({ until: '3m', timeline: [dies('20s'), dies('25s', PARTNER), cut] });
    expect(dead.node(NODE).at(-1)!.state).toBe('running');
    expect(dead.syslog().map(({ text }) => text)).toEqual([
      "zfs: cannot import 'zones': insufficient replicas",
    ]);
    expect(dead.vms()).toMatchObject({ db: 'stopped', app: 'stopped' });
    const late: Entry[] = [
      { at: '130s', revert: 'disk.fail', on: DISK },
      { at: '130s', revert: 'disk.fail', on: PARTNER },
      { at: '131s', repair: 'zpool.clear', on: POOL },
      { at: '140s', repair: 'node.reset', on: NODE },
    ];
    const back = play({ until: '6m', timeline: [dies('20s'), dies('25s', PARTNER), cut, ...late] });
    expect(back.vms()).toMatchObject({ db: 'running', app: 'running' });
    expect(back.clients('visitors', 200, 300).requests).toBeGreaterThan(0);
  });
});

describe('during a resilver', () => {
  test('the spare fails: a second case, no spare is left, the new disk is filled and the spare free again', () => {
    const run = play({
      until: '5m',
      timeline: [dies('20s'), dies('45s', SPARE), replace('90s'), replace('90s', SPARE)],
    });
    expect(run.cases().map(({ resource }) => resource)).toEqual([DISK, SPARE]);
    expect(resilvered(run)).toEqual(['c0t1d0']);
    expect(run.seen('spareActivated')).toHaveLength(1);
    expect(run.wrong()).toEqual([]);
    const again = play({
      until: '6m',
      timeline: [
        dies('20s'),
        dies('45s', SPARE),
        replace('90s'),
        replace('90s', SPARE),
        dies('200s', PARTNER),
      ],
    });
    expect(again.seen('spareActivated')).toHaveLength(2);
  });

  test('the source fails: suspended, and the resilver ends when it is back', () => {
    const timeline = [
      dies('20s'),
      dies('50s', PARTNER, { for: '30s' }),
      { at: '90s', repair: 'zpool.clear', on: POOL },
    ];
    const run = play({ until: '5m', timeline });
    expect(poolStates(run)).toEqual(['DEGRADED', 'SUSPENDED', 'DEGRADED']);
    expect(resilvered(run)).toEqual(['c0t4d0']);
    expect(run.seen('dataLost')).toEqual([]);
    expect(run.clients('visitors', 200, 300).errors).toBe(0);
  });

  test('the new disk fails too: a case of its own, and another one does', () => {
    const run = play({ until: '6m', timeline: [dies('20s'), replace('60s'), dies('70s'), replace('120s')] });
    expect(poolStates(run)).toEqual(['DEGRADED', 'ONLINE']);
    expect(run.wrong()).toEqual([]);
  });

  test('a power cut: it begins again after the import', () => {
    const cut: Entry = { at: '50s', inject: 'node.power', on: NODE, for: '10s' };
    const run = play({ until: '6m', timeline: [dies('20s'), cut, replace('140s')] });
    expect(run.seen('resilverStarted').map(({ payload }) => payload.vdev)).toEqual([
      'c0t4d0',
      'c0t4d0',
      'c0t1d0',
    ]);
    expect(resilvered(run)).toEqual(['c0t4d0', 'c0t1d0']);
    expect(poolStates(run)).toEqual(['DEGRADED', 'ONLINE']);
    expect(run.cases().map(({ code }) => code)).toEqual(['ZFS-8000-FD']);
    expect(run.wrong()).toEqual([]);
  });

  test('a spare in use is replaced: it is filled anew', () => {
    const run = play({ until: '4m', timeline: [dies('20s'), replace('60s', SPARE)] });
    expect(run.seen('resilverStarted').map(({ at, payload }) => [payload.vdev, at >= 60])).toEqual([
      ['c0t4d0', false],
      ['c0t4d0', true],
    ]);
    expect(run.seen('resilverFinished')[0].payload).toMatchObject({ vdev: 'c0t4d0', errors: 0 });
    expect(run.clients('visitors', 0, 230).errors).toBe(0);
  });

  test('a disk that hangs is pulled and another put in', () => {
    const hang: Entry = { at: '20s', inject: 'disk.fail', with: { mode: 'hang' }, on: DISK };
    const pull: Entry = { at: '30s', inject: 'disk.fail', with: { mode: 'pulled' }, on: DISK };
    const run = play({ until: '5m', timeline: [hang, pull, replace('100s')] });
    expect(run.vdev('c0t1d0')[0]).toEqual({ at: 30, state: 'REMOVED' });
    expect(run.cases()).toEqual([]);
    expect(run.clients('visitors', 35, 100).errors).toBe(0);
    expect(run.wrong()).toEqual([]);
  });
});

describe('a node that is already in trouble', () => {
  test('power is cut while it dumps: the ereport is lost with the dump, so there is no case', () => {
    const strike: Entry = { at: '20s', inject: 'memory.uncorrectable', on: 'cn-0001/dimm/0' };
    const run = play({
      until: '3m',
      timeline: [strike, { at: '22s', inject: 'node.power', on: NODE, for: '10s' }],
    });
    expect(
      run
        .node(NODE)
        .map(({ state }) => state)
        .slice(0, 4),
    ).toEqual(['panicked', 'dumping', 'off', 'post']);
    expect(run.cases()).toEqual([]);
    expect(run.wrong()).toEqual([]);
  });

  test('a second panic during the dump, a hang during POST and an NMI to a node without power change nothing', () => {
    const timeline: Entry[] = [
      { at: '20s', repair: 'node.nmi', on: NODE },
      { at: '22s', inject: 'memory.uncorrectable', on: 'cn-0001/dimm/1', for: '1s' },
      { at: '22s', repair: 'node.nmi', on: NODE },
      { at: '30s', inject: 'node.hang', on: NODE },
      { at: '120s', repair: 'node.power-off', on: NODE },
      { at: '121s', repair: 'node.nmi', on: NODE },
      { at: '122s', repair: 'node.reset', on: NODE },
      { at: '123s', repair: 'node.power-on', on: NODE },
      // The one panic's case waits for somebody who has read its dump.
      { at: '220s', repair: 'fmadm.acquit', on: NODE },
    ];
    const run = play({ until: '4m', timeline });
    expect(run.seen('nodePanicked')).toHaveLength(1);
    expect(run.node(NODE).filter(({ state }) => state === 'hung')).toEqual([]);
    expect(run.node(NODE).find(({ at }) => at >= 120)).toEqual({ at: 120, state: 'off' });
    expect(run.wrong()).toEqual([]);
  });

  test('its link is down while it boots: it asks for its platform until somebody answers', () => {
    const timeline: Entry[] = [
      { at: '20s', repair: 'node.reset', on: NODE },
      { at: '22s', inject: 'link.down', on: 'cn-0001/nic/ixgbe0', for: '60s' },
    ];
    const run = play({ until: '4m', timeline });
    const booting = run.node(NODE).find(({ state }) => state === 'booting')!;
    within(booting.at, 82, 95);
    expect(run.wrong()).toEqual([]);
    asBefore(run, 170, 240);
  });

  test('a disk dies while the node is off: UNAVAIL after the import, and back by zpool.clear', () => {
    const timeline: Entry[] = [
      { at: '20s', inject: 'node.power', on: NODE, for: '20s' },
      dies('25s', DISK, { for: '95s' }),
      { at: '130s', repair: 'zpool.clear', on: DISK },
    ];
    const run = play({ until: '3m', timeline });
    expect(run.vdev('c0t1d0').map(({ state }) => state)).toEqual(['UNAVAIL', 'ONLINE']);
    expect(poolStates(run)).toEqual(['DEGRADED', 'ONLINE']);
    expect(run.wrong()).toEqual([]);
  });

  test('a disk slower than its driver waits is left out of the import, and taken in by zpool.clear when it is well', () => {
    const slow: Entry = { at: '20s', inject: 'disk.slow', with: { factor: 5000 }, on: DISK, for: '100s' };
    const timeline: Entry[] = [
      { ...slow, id: 'a' },
      { ...slow, id: 'b' },
      { at: '22s', repair: 'node.reset', on: NODE },
      { at: '130s', repair: 'zpool.clear', on: POOL },
    ];
    const run = play({ until: '4m', timeline });
    expect(run.vdev('c0t1d0').map(({ state }) => state)).toEqual(['UNAVAIL', 'ONLINE']);
    within(run.seen('poolWasImported', POOL)[0].payload.tookNs / 1e9, 20, 25);
    expect(run.cases()).toEqual([]);
    expect(run.wrong()).toEqual([]);
  });

  test('a fault ends while it is off: the pool is whole after the import and says so, but fmd goes on where it stopped', () => {
    const timeline: Entry[] = [
      dies('20s', DISK, { for: '20s' }),
      { at: '25s', inject: 'node.power', on: NODE, for: '30s' },
      { at: '120s', repair: 'fmadm.acquit', on: DISK },
    ];
    const run = play({ until: '4m', timeline });
    expect(poolStates(run)).toEqual(['DEGRADED', 'ONLINE', 'DEGRADED', 'ONLINE']);
    const running = run.node(NODE).find(({ state }) => state === 'running')!;
    expect(run.pool()[1].at).toBeLessThan(running.at);
    // A checkpointed wait for a removal begins anew, in full.
    within(run.cases()[0].at - running.at, 15, 15.2);
    expect(run.wrong()).toEqual([]);
  });
});

const PART: Record<string, string> = {
  disk: DISK,
  pool: POOL,
  node: NODE,
  dimm: 'cn-0001/dimm/0',
  cpu: 'cn-0001/cpu/1',
  psu: 'cn-0001/psu/0',
  nic: 'cn-0001/nic/ixgbe0',
  uplink: 'uplink/tor-1',
  switch: 'switch/tor-1',
};

/** Every mode of a fault that has modes, else its defaults. */
function variants(fault: (typeof catalogue.faults)[number]): Record<string, string>[] {
  const [mode] = fault.params.filter(({ allowed }) => allowed.length > 0);
  return mode === undefined ? [{}] : mode.allowed.map((value) => ({ [mode.name]: value }));
}

describe('every fault', () => {
  for (const fault of catalogue.faults) {
    for (const given of variants(fault)) {
      const name = [fault.kind, 'on', fault.target, ...Object.values(given)].join(' ');
      test(`${name}: twice on one part, reverted one after the other, then once more`, () => {
        const inject: Entry = { at: '10s', inject: fault.kind, with: given, on: PART[fault.target] };
        const run = play({
          until: '100s',
          rate: '5/s',
          timeline: [
            { ...inject, id: 'a', for: '20s' },
            { ...inject, at: '12s', id: 'b', for: '30s' },
            { ...inject, at: '60s', id: 'c', for: '10s' },
          ],
        });
        expect(run.seen('faultInjected')).toHaveLength(3);
        expect(run.seen('faultReverted')).toHaveLength(3);
        for (const address of [DISK, 'cn-0001/nic/ixgbe0', 'uplink/tor-1', 'switch/tor-1', NODE]) {
          expect(run.state<{ faults: unknown[] }>(address).faults).toEqual([]);
        }
      });
    }
  }

  test('reverted that was never injected, at every part, is only noted', () => {
    const undisturbed = play({ until: '40s', timeline: [], rate: '5/s' });
    const asked = (simulation: Simulation): void => {
      for (const { kind, target } of catalogue.faults) {
        const [address, part] = actorOf(simulation, PART[target]);
        const revert = { faultId: 'never', kind, part, askedBy: 'test' };
        simulation.host.post(address, 'revertFault', revert, 10e9);
      }
    };
    const run = play({ until: '40s', timeline: [], rate: '5/s', before: asked });
    const rest = run.facts.filter(({ kind }) => kind !== 'faultReverted');
    expect(run.facts.length - rest.length).toBe(catalogue.faults.length);
    const plain = (facts: typeof rest): unknown[] =>
      facts.map(({ time, address, kind, payload }) => [time, address, kind, payload]);
    expect(plain(rest)).toEqual(plain(undisturbed.facts));
  });
});

function actorOf(simulation: Simulation, target: string): [string, string] {
  for (let end = target.length; end > 0; end = target.lastIndexOf('/', end - 1)) {
    if (simulation.host.cells.at(target.slice(0, end)) !== undefined)
      return [target.slice(0, end), target.slice(end + 1)];
  }
  throw new RangeError(target);
}

/** Parameters that a repair cannot do without. */
function given(repair: (typeof catalogue.repairs)[number]): Record<string, string | number> {
  const needed = repair.params.filter((param) => param.default === '');
  return Object.fromEntries(needed.map((param) => [param.name, param.allowed[0] ?? param.least ?? 0]));
}

describe('every repair', () => {
  for (const repair of catalogue.repairs) {
    for (const target of repair.targets) {
      test(`${repair.kind} of a healthy ${target}, twice, and with the node off`, () => {
        const entry: Entry = { at: '10s', repair: repair.kind, with: given(repair), on: PART[target] };
        const timeline: Entry[] = [
          entry,
          { ...entry, at: '12s' },
          { at: '100s', inject: 'node.power', on: NODE, for: '10s' },
          { ...entry, at: '105s' },
        ];
        const run = play({ until: '260s', rate: '5/s', timeline });
        // A panic that a person made is still one to look into.
        const codes = repair.kind === 'node.nmi' ? ['SUNOS-8000-KL'] : [];
        expect(run.cases().map(({ code }) => code)).toEqual(codes);
        expect(run.wrong()).toEqual(
          repair.kind === 'node.power-off'
            ? ['cn-0001 off', 'cn-0001 shown unknown']
            : codes.map((code) => `${NODE} ${code}`),
        );
      });
    }
  }
});
