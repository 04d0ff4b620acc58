/** What stops a node, and what starts it again: power, hangs, power supplies, and the buttons. */
import { describe, expect, test } from 'vitest';
import { NODE, play, POOL, type Entry } from './small-datacenter.ts';
import { asBefore, within } from './within.ts';

const PSU = 'cn-0001/psu/0';
const BOOT = ['post', 'netboot', 'booting', 'running'];
const states = (run: ReturnType<typeof play>): string[] => run.node(NODE).map(({ state }) => state);

describe('node.power', () => {
  test('off at once without a word; shown unknown 6 to 16 s after the last beat; boots when power returns', () => {
    const run = play({ until: '4m', timeline: [{ at: '20s', inject: 'node.power', on: NODE, for: '40s' }] });
    expect(states(run)).toEqual(['off', ...BOOT]);
    const [off, post] = run.node(NODE);
    expect([off.at, post.at]).toEqual([20, 60]);
    expect(run.ereports()).toEqual([]);
    expect(run.syslog()).toEqual([]);
    const [unknown, back] = run.status();
    const { lastHeartbeat } = run.seen('serverStatusChanged')[0].payload;
    within(unknown.at - lastHeartbeat / 1e9, 6, 16);
    within(back.at - run.node(NODE).at(-1)!.at, 0, 6);
    // A dead node is silent: its clients wait out their patience.
    expect(run.clients('visitors', 23, 58)).toMatchObject({ requests: 0, refused: 0 });
    // A timeout of 2 s, known to within its bucket.
    within(run.clients('visitors', 23, 58).p50, 1_979, 2100);
    expect(run.clients('strangers', 20, 60).errors).toBe(0);
    expect(run.seen('poolWasImported', POOL)).toHaveLength(1);
    expect(run.cases()).toEqual([]);
    expect(run.wrong()).toEqual([]);
    asBefore(run, 160, 240);
  });

  test('node.power-on plugs it in again; node.power-off keeps it off though power returns', () => {
    const cut: Entry = { at: '20s', inject: 'node.power', on: NODE, for: '60s' };
    const on = play({ until: '2m', timeline: [cut, { at: '40s', repair: 'node.power-on', on: NODE }] });
    expect(on.node(NODE)[1]).toEqual({ at: 40, state: 'post' });
    expect(states(on)).toEqual(['off', ...BOOT]);
    const off = play({ until: '2m', timeline: [cut, { at: '40s', repair: 'node.power-off', on: NODE }] });
    expect(states(off)).toEqual(['off']);
    expect(off.wrong()).toEqual(['cn-0001 off', 'cn-0001 shown unknown']);
  });
});

/** Somebody has looked at the dump of a panic. */
const acquitted: Entry = { at: '170s', repair: 'fmadm.acquit', on: NODE };

describe('node.hang', () => {
  const hang: Entry = { at: '20s', inject: 'node.hang', on: NODE, for: '40s' };

  test('silent, and stays so though reverted; node.nmi panics it, it dumps and boots', () => {
    const run = play({
      until: '4m',
      timeline: [hang, { at: '100s', repair: 'node.nmi', on: NODE }, acquitted],
    });
    expect(states(run)).toEqual(['hung', 'panicked', 'dumping', ...BOOT]);
    expect(
      run
        .node(NODE)
        .slice(0, 2)
        .map(({ at }) => at),
    ).toEqual([20, 100]);
    const [unknown] = run.status();
    within(unknown.at - run.seen('serverStatusChanged')[0].payload.lastHeartbeat / 1e9, 6, 16);
    expect(run.clients('visitors', 23, 100)).toMatchObject({ requests: 0, refused: 0 });
    // Nothing spoke of a fault; that the kernel panicked is a defect, and known after the boot.
    const running = run.node(NODE).at(-1)!.at;
    expect(run.ereports()).toMatchObject([
      { class: 'ireport.os.sunos.panic.dump_available', detector: NODE },
    ]);
    const [only, ...others] = run.cases();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ code: 'SUNOS-8000-KL', resource: NODE });
    within(only.at - running, 0, 0.2);
    expect(run.seen('fmdStateChanged', `fm/${NODE}`)[0]).toMatchObject({ payload: { running: false } });
    expect(run.wrong()).toEqual([]);
    asBefore(run, 180, 240);
  });

  test('node.reset: POST and boot, nothing dumped', () => {
    const run = play({ until: '3m', timeline: [hang, { at: '60s', repair: 'node.reset', on: NODE }] });
    expect(states(run)).toEqual(['hung', ...BOOT]);
    expect(run.seen('nodePanicked')).toEqual([]);
    expect(run.wrong()).toEqual([]);
  });

  test('node.power-off and node.power-on: off, and a boot', () => {
    const buttons: Entry[] = [
      { at: '60s', repair: 'node.power-off', on: NODE },
      { at: '70s', repair: 'node.power-on', on: NODE },
    ];
    const run = play({ until: '3m', timeline: [hang, ...buttons] });
    expect(states(run)).toEqual(['hung', 'off', ...BOOT]);
    expect(run.wrong()).toEqual([]);
  });
});

describe('buttons of a sound node', () => {
  test('node.nmi panics it; node.reset reboots it; node.power-on does nothing', () => {
    const timeline: Entry[] = [
      { at: '20s', repair: 'node.power-on', on: NODE },
      { at: '30s', repair: 'node.nmi', on: NODE },
      { at: '100s', repair: 'node.reset', on: NODE },
      acquitted,
    ];
    const run = play({ until: '180s', timeline });
    expect(states(run)).toEqual(['panicked', 'dumping', ...BOOT, ...BOOT]);
    expect(run.seen('nodePanicked')[0].payload.message).toBe('NMI received');
    expect(run.wrong()).toEqual([]);
  });

  test('fmadm.repaired, fmadm.acquit and fmadm.replaced on node: nothing to mend, nothing happens', () => {
    const timeline = ['fmadm.repaired', 'fmadm.acquit', 'fmadm.replaced'].map((repair) => ({
      at: '20s',
      repair,
      on: NODE,
    }));
    const run = play({ until: '1m', timeline });
    expect([...run.cases(), ...run.node(NODE), ...run.seen('partRepaired')]).toEqual([]);
    expect(run.wrong()).toEqual([]);
  });
});

test('tunable.set: a variable of the running kernel changes, and is as it was after the next boot', () => {
  const set: Entry = {
    at: '20s',
    repair: 'tunable.set',
    with: { name: 'zfs_zone_delay_enable', value: 0 },
    on: NODE,
  };
  const enabled = (timeline: Entry[]): boolean =>
    play({ until: '2m', timeline }).state<{ switches: { delay: boolean } }>('cn-0001/os').switches.delay;
  expect(enabled([])).toBe(true);
  expect(enabled([set])).toBe(false);
  expect(enabled([set, { at: '40s', repair: 'node.reset', on: NODE }])).toBe(true);
});

describe('psu.fail', () => {
  const dies: Entry = { at: '20s', inject: 'psu.fail', on: PSU };

  test('two feeds survive one: nothing for the load, a case in 1 to 2 minutes; open until psu.replace', () => {
    const timeline: Entry[] = [
      dies,
      { at: '160s', revert: 'psu.fail', on: PSU },
      { at: '200s', repair: 'psu.replace', on: PSU },
    ];
    const run = play({ until: '4m', timeline });
    expect(run.seen('psuStateChanged').map(({ at, payload }) => [at, payload.ok, payload.working])).toEqual([
      [20, false, 1],
      [160, true, 2],
    ]);
    expect(run.ereports()).toMatchObject([{ class: 'sensor.failure', detector: PSU }]);
    const [only] = run.cases();
    expect(only).toMatchObject({ code: 'SENSOR-8000-3T', resource: PSU });
    within(only.at - 20, 60, 121);
    within(only.closedAt, 200, 200.2);
    expect(run.node(NODE)).toEqual([]);
    expect(run.wrong()).toEqual([]);
    asBefore(run, 20, 240);
  });

  test('a glitch shorter than two readings is forgiven', () => {
    const run = play({ until: '4m', timeline: [{ ...dies, for: '30s' }] });
    expect([...run.ereports(), ...run.cases()]).toEqual([]);
    expect(run.wrong()).toEqual([]);
  });

  test('with the last supply the node is off at once, and boots when one works again', () => {
    const other: Entry = { at: '25s', inject: 'psu.fail', on: 'cn-0001/psu/1', for: '60s' };
    const run = play({ until: '3m', timeline: [{ ...dies, for: '30s' }, other] });
    expect(run.node(NODE)[0]).toEqual({ at: 25, state: 'off' });
    expect(run.node(NODE)[1]).toEqual({ at: 50, state: 'post' });
    expect(run.wrong()).toEqual([]);
  });

  for (const kind of ['fmadm.repaired', 'fmadm.acquit', 'fmadm.replaced']) {
    test(`${kind} on psu: ends the case`, () => {
      const timeline: Entry[] = [
        { ...dies, for: '140s' },
        { at: '170s', repair: kind, on: PSU },
      ];
      const run = play({ until: '180s', timeline });
      within(run.cases()[0].closedAt, 170, 170.2);
      expect(run.wrong()).toEqual([]);
    });
  }
});
