/** What breaks in memory and CPUs: errors that are corrected, retired quietly, or end in a panic and are told after the boot. */
import { describe, expect, test } from 'vitest';
import { NODE, play, type Entry } from './small-datacenter.ts';
import { asBefore, within } from './within.ts';

const DIMM = 'cn-0001/dimm/0';
const CPU = 'cn-0001/cpu/1';

describe('memory.correctable', () => {
  const correctable = (pages: number, rate: string): Entry => ({
    at: '20s',
    inject: 'memory.correctable',
    with: { rate, pages },
    on: DIMM,
  });

  test('ereports, no slowdown, each weak page retired on its 3rd error without a word; errors end with the last', () => {
    const run = play({ until: '4m', timeline: [correctable(3, '30/min')] });
    const errors = run.ereports();
    expect(new Set(errors.map((ereport) => `${ereport.class} ${ereport.detector}`))).toEqual(
      new Set([`cpu.intel.nb.mem_ce ${DIMM}`]),
    );
    const pages = run.seen('pageRetired');
    expect(pages).toHaveLength(3);
    for (const { at, payload } of pages) {
      const own = errors.filter((_, index) => {
        const [seen] = run
          .seen('ereportPosted', NODE)
          [index].payload.payload.filter(({ name }) => name === 'page');
        return seen.number === payload.page;
      });
      expect(own).toHaveLength(3);
      within(at - own[2].at, 0, 0.2);
    }
    const listed = run.seen('suspectListed');
    expect(listed.map(({ payload }) => [payload.code, payload.message])).toEqual(
      Array.from({ length: 3 }, () => ['INTEL-8001-7H', false]),
    );
    expect(run.cases()).toEqual([]);
    expect(run.node(NODE)).toEqual([]);
    asBefore(run, 20, 60);
    asBefore(run, 180, 240);
    expect(run.wrong()).toEqual([]);
  });

  test('a DIMM case only past its pages and its N in T; dimm.replace ends it and its pages are new', () => {
    const small = {
      profile: {
        dimms: [
          { name: '0', size: '1GiB' },
          { name: '1', size: '1GiB' },
        ],
      },
    };
    const flood = correctable(2000, '10000/min');
    const repair: Entry = { at: '140s', repair: 'dimm.replace', on: DIMM };
    const run = play({ until: '3m', ...small, timeline: [flood, repair], rate: '5/s' });
    const [only, ...more] = run.cases();
    expect(more).toEqual([]);
    expect(only).toMatchObject({ code: 'INTEL-8001-94', resource: DIMM });
    // A GiB may lose 500 pages before its errors count, and then more than 4 of them.
    const retired = run.seen('pageRetired').filter(({ at }) => at < only.at);
    within(retired.length, 490, 520);
    within(only.closedAt, 140, 140.2);
    expect(run.ereports().filter(({ at }) => at > 140)).toEqual([]);
    expect(run.state<{ dimms: { retired: number[] }[] }>(NODE).dimms[0].retired).toEqual([]);
    expect(run.wrong()).toEqual([]);
  });

  test('a revert ends the errors; retired pages stay unused until the next boot; fmadm.repaired on dimm forgets them', () => {
    const revert: Entry = { at: '60s', revert: 'memory.correctable', on: DIMM };
    const run = play({ until: '3m', timeline: [correctable(4, '12/min'), revert] });
    const retired = run.state<{ dimms: { retired: number[] }[] }>(NODE).dimms[0].retired;
    within(retired.length, 1, 4);
    expect(run.ereports().filter(({ at }) => at > 60)).toEqual([]);
    const repair: Entry = { at: '80s', repair: 'fmadm.repaired', on: DIMM };
    const mended = play({ until: '3m', timeline: [correctable(4, '12/min'), revert, repair] });
    const open = mended.seen('caseStateChanged').filter(({ payload }) => payload.state === 'RESOLVED');
    expect(open).toHaveLength(retired.length);
    expect(mended.seen('partRepaired')).toHaveLength(1);
  });
});

describe('memory.uncorrectable', () => {
  const strike: Entry = { at: '20s', inject: 'memory.uncorrectable', on: DIMM };

  test('ereport, panic, dump, POST, boot, and only then the diagnosis; the VMs come back by themselves', () => {
    const run = play({ until: '4m', timeline: [strike, { at: '140s', repair: 'dimm.replace', on: DIMM }] });
    const [error] = run.ereports();
    expect(error).toMatchObject({ class: 'cpu.intel.nb.mem_ue', detector: DIMM });
    within(error.at, 20, 20.01);
    expect(run.seen('nodePanicked')[0].payload.message).toBe('uncorrectable memory error');
    const states = run.node(NODE);
    expect(states.map(({ state }) => state)).toEqual([
      'panicked',
      'dumping',
      'post',
      'netboot',
      'booting',
      'running',
    ]);
    const [panicked, dumping, post, netboot, booting, running] = states.map(({ at }) => at);
    within(panicked - error.at, 0, 0.01);
    within(post - dumping, 4.5, 5.5);
    within(netboot - post, 9, 11);
    within(booting - netboot, 4.5, 6);
    within(running - booting, 9, 20);
    const [only] = run.cases();
    expect(only).toMatchObject({ code: 'INTEL-8001-AQ', resource: DIMM });
    within(only.at - running, 0, 0.2);
    expect(run.seen('fmdStateChanged', `fm/${NODE}`).map(({ payload }) => payload)).toEqual([
      { running: false, replayed: 0 },
      { running: true, replayed: 1 },
    ]);
    expect(run.seen('pageRetired')).toHaveLength(1);
    const [unknown, back] = run.status();
    expect([unknown.state, back.state]).toEqual(['unknown', 'running']);
    within(unknown.at - 15, 6, 16);
    // First silence, then a node that refuses while its zones boot.
    expect(run.clients('visitors', 25, running - 3)).toMatchObject({ requests: 0, refused: 0 });
    expect(run.clients('visitors', running, running + 5).refused).toBeGreaterThan(0);
    within(only.closedAt, 140, 140.2);
    expect(run.wrong()).toEqual([]);
    asBefore(run, 180, 240);
  });

  test('strikes once: reverted or not, the next boot finds a page that is retired', () => {
    const again: Entry = { at: '100s', repair: 'node.reset', on: NODE };
    const run = play({ until: '3m', timeline: [strike, again] });
    expect(run.seen('nodePanicked')).toHaveLength(1);
    expect(run.node(NODE).at(-1)!.state).toBe('running');
    expect(run.seen('pageRetired')).toHaveLength(2);
    expect(run.wrong()).toEqual(['cn-0001 INTEL-8001-AQ']);
  });

  for (const kind of ['fmadm.acquit', 'fmadm.replaced']) {
    test(`${kind} on dimm: ends the case`, () => {
      const run = play({ until: '2m', timeline: [strike, { at: '80s', repair: kind, on: DIMM }] });
      within(run.cases()[0].closedAt, 80, 80.2);
      expect(run.wrong()).toEqual([]);
    });
  }
});

describe('cpu.cache-errors', () => {
  const errors: Entry = { at: '20s', inject: 'cpu.cache-errors', with: { rate: '20/min' }, on: CPU };
  const busy = {
    profile: { cpus: 2 },
    steps: [{ cpu: { time: '100ms', distribution: 'constant' } }],
    workloads: [{ name: 'visitors', to: 'db', program: 'query', clients: 4 }],
  };

  test('on the 4th error a case, and the CPU goes off line: half the work on two CPUs; cpu.replace brings it back', () => {
    const timeline: Entry[] = [errors, { at: '80s', revert: 'cpu.cache-errors', on: CPU }];
    const run = play({
      until: '3m',
      ...busy,
      timeline: [...timeline, { at: '120s', repair: 'cpu.replace', on: CPU }],
    });
    const classes = run.ereports();
    expect(classes).toHaveLength(4);
    expect(classes[3]).toMatchObject({ class: 'cpu.intel.l2cache', detector: CPU });
    const [only, ...more] = run.cases();
    expect(more).toEqual([]);
    expect(only).toMatchObject({ code: 'INTEL-8000-44', resource: CPU });
    within(only.at - classes[3].at, 0, 0.2);
    const [offline, online] = run.seen('cpuStateChanged');
    expect([offline.payload, online.payload]).toEqual([
      { cpu: 1, state: 'faulted' },
      { cpu: 1, state: 'on-line' },
    ]);
    within(offline.at - only.at, 0, 0.2);
    const rate = (from: number, to: number): number =>
      run.clients('visitors', from, to).requests / (to - from);
    within(rate(90, 120) / rate(5, 20), 0.48, 0.52);
    within(rate(140, 175) / rate(5, 20), 0.98, 1.02);
    expect(online.at).toBe(120);
    within(only.closedAt, 120, 120.2);
    expect(run.wrong()).toEqual([]);
  });

  for (const kind of ['fmadm.repaired', 'fmadm.acquit', 'fmadm.replaced']) {
    test(`${kind} on cpu: ends the case; the CPU is back after a boot`, () => {
      const timeline: Entry[] = [
        { ...errors, for: '40s' },
        { at: '70s', repair: kind, on: CPU },
        { at: '80s', repair: 'node.reset', on: NODE },
      ];
      const run = play({ until: '150s', ...busy, timeline });
      within(run.cases()[0].closedAt, 70, 70.2);
      expect(run.state<{ cpusOffline: number[] }>(NODE).cpusOffline).toEqual([]);
      expect(run.wrong()).toEqual([]);
    });
  }
});
