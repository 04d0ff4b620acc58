/** What breaks between nodes: dladm and syslog show it, fmd says nothing, and the head node lists the VMs as it last heard. */
import { describe, expect, test } from 'vitest';
import { play, type Entry } from './small-datacenter.ts';
import { asBefore, within } from './within.ts';

const NIC = 'cn-0001/nic/ixgbe0';
const UPLINK = 'uplink/tor-1';
const SWITCH = 'switch/tor-1';
const DOWN = 'mac: [ID 486395 kern.info] NOTICE: ixgbe0 link down';
const UP = 'mac: [ID 435574 kern.info] NOTICE: ixgbe0 link up';

/** What a node that is cut off looks like from 20 s to 60 s, whatever cut it. */
function cutOff(run: ReturnType<typeof play>): void {
  expect(run.clients('visitors', 23, 58)).toMatchObject({ requests: 0, refused: 0 });
  // A timeout of 2 s, known to within its bucket.
  within(run.clients('visitors', 23, 58).p50, 1_979, 2100);
  // The zones of one node talk on without it, and other nodes do not notice.
  expect(run.zone('db', 23, 58)).toMatchObject({ errors: 0 });
  within(run.zone('db', 23, 58).requests / 35, 4, 6);
  expect(run.zone('app', 20, 60).timeouts).toBe(0);
  expect(run.clients('strangers', 20, 60).errors).toBe(0);
  const [unknown, back] = run.status();
  within(unknown.at - run.seen('serverStatusChanged')[0].payload.lastHeartbeat / 1e9, 6, 16);
  within(back.at, 60, 66);
  expect(run.seen('vmStateReported')).toEqual([]);
  expect([...run.ereports(), ...run.cases(), ...run.node('cn-0001')]).toEqual([]);
}

describe('link.down', () => {
  test('on nic: dladm and syslog say so, no case; VMs are still listed running; up again when reverted', () => {
    const run = play({ until: '2m', timeline: [{ at: '20s', inject: 'link.down', on: NIC, for: '40s' }] });
    expect(run.seen('linkStateChanged').map(({ at, payload }) => [at, payload.link, payload.up])).toEqual([
      [20, NIC, false],
      [60, NIC, true],
    ]);
    expect(run.syslog().map(({ text }) => text)).toEqual([DOWN, UP]);
    within(run.syslog()[0].at - 20, 0, 0.001);
    cutOff(run);
    expect(run.wrong()).toEqual([]);
    asBefore(run, 70, 120);
  });

  test('while it lasts the head node lists the VMs of an unknown server as running', () => {
    const run = play({ until: '1m', timeline: [{ at: '20s', inject: 'link.down', on: NIC }] });
    expect(run.vms()).toEqual({ db: 'running', app: 'running', far: 'running' });
    expect(run.wrong()).toEqual(['cn-0001 shown unknown', `${NIC} down`]);
  });

  test('on uplink: the nodes behind it are cut off, their own links stay up', () => {
    const run = play({ until: '2m', timeline: [{ at: '20s', inject: 'link.down', on: UPLINK, for: '40s' }] });
    expect(run.seen('linkStateChanged').map(({ payload }) => payload.link)).toEqual([UPLINK, UPLINK]);
    expect(run.syslog()).toEqual([]);
    cutOff(run);
    expect(run.wrong()).toEqual([]);
  });
});

describe('link.flap', () => {
  const flap = (on: string): Entry => ({
    at: '20s',
    inject: 'link.flap',
    with: { period: '10s' },
    on,
    for: '40s',
  });

  test('on nic: down and up, half a period each, a line in syslog for each; up for good when reverted', () => {
    const run = play({ until: '2m', timeline: [flap(NIC)] });
    expect(run.seen('linkStateChanged').map(({ at, payload }) => [at, payload.up])).toEqual(
      [20, 25, 30, 35, 40, 45, 50, 55].map((at, index) => [at, index % 2 === 1]),
    );
    expect(run.syslog().map(({ text }) => text)).toEqual([DOWN, UP, DOWN, UP, DOWN, UP, DOWN, UP]);
    expect(run.clients('visitors', 20, 60).timeouts).toBeGreaterThan(100);
    expect(run.clients('visitors', 20, 60).requests).toBeGreaterThan(100);
    expect([...run.ereports(), ...run.cases()]).toEqual([]);
    expect(run.wrong()).toEqual([]);
    asBefore(run, 70, 120);
  });

  test('on uplink: the same for all behind it', () => {
    const run = play({ until: '2m', timeline: [flap(UPLINK)] });
    expect(run.seen('linkStateChanged')).toHaveLength(8);
    expect(run.syslog()).toEqual([]);
    expect(run.clients('visitors', 20, 60).timeouts).toBeGreaterThan(100);
    expect(run.wrong()).toEqual([]);
  });
});

describe('link.loss', () => {
  for (const [name, on] of [
    ['on nic', NIC],
    ['on uplink', UPLINK],
  ]) {
    test(`${name}: the link stays up, what is lost is sent again and takes longer; no case`, () => {
      const run = play({
        until: '2m',
        timeline: [{ at: '20s', inject: 'link.loss', with: { share: '10%' }, on, for: '40s' }],
      });
      expect(run.seen('linkLossChanged').map(({ at, payload }) => [at, payload.lossPerMillion])).toEqual([
        [20, 100_000],
        [60, 0],
      ]);
      const before = run.clients('visitors', 0, 20);
      const during = run.clients('visitors', 20, 60);
      expect(during.p99).toBeGreaterThan(2 * before.p99);
      within(during.p50 / before.p50, 0.9, 1.3);
      expect(run.zone('db', 20, 60).p99).toBeLessThan(1.3 * run.zone('db', 0, 20).p99);
      expect([...run.seen('linkStateChanged'), ...run.syslog(), ...run.status()]).toEqual([]);
      expect([...run.ereports(), ...run.cases()]).toEqual([]);
      asBefore(run, 62, 120);
    });
  }
});

describe('switch.fail', () => {
  test('every cable in it is down; its nodes are cut off and shown unknown; back when reverted', () => {
    const run = play({
      until: '2m',
      timeline: [{ at: '20s', inject: 'switch.fail', on: SWITCH, for: '40s' }],
    });
    expect(run.seen('switchStateChanged').map(({ at, payload }) => [at, payload.up])).toEqual([
      [20, false],
      [60, true],
    ]);
    const down = run.seen('linkStateChanged').filter(({ payload }) => !payload.up);
    expect(down.map(({ payload }) => payload.link).sort()).toEqual([NIC, UPLINK].sort());
    expect(run.syslog().map(({ text }) => text)).toEqual([DOWN, UP]);
    cutOff(run);
    expect(run.wrong()).toEqual([]);
    asBefore(run, 70, 120);
  });

  test('a cable that was cut stays cut when the switch is back', () => {
    const timeline: Entry[] = [
      { at: '20s', inject: 'switch.fail', on: SWITCH, for: '20s' },
      { at: '30s', inject: 'link.down', on: NIC },
    ];
    expect(play({ until: '1m', timeline }).wrong()).toEqual(['cn-0001 shown unknown', `${NIC} down`]);
  });
});

describe('repairs', () => {
  const mended = (kind: string, fault: Entry, on: string): void => {
    const run = play({ until: '90s', timeline: [fault, { at: '40s', repair: kind, on }] });
    expect(run.seen('partRepaired')).toMatchObject([{ at: 40, payload: { kind, target: on } }]);
    expect(run.wrong()).toEqual([]);
    asBefore(run, 50, 90);
  };

  test('link.replace on nic: another cable, whole', () =>
    mended('link.replace', { at: '20s', inject: 'link.down', on: NIC }, NIC));
  test('link.replace on uplink: another cable, whole', () =>
    mended('link.replace', { at: '20s', inject: 'link.loss', with: { share: '30%' }, on: UPLINK }, UPLINK));
  test('switch.replace: another switch', () =>
    mended('switch.replace', { at: '20s', inject: 'switch.fail', on: SWITCH }, SWITCH));
});
