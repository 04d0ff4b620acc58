import { expect, test } from 'vitest';
import { HandMade } from './hand-made.case.ts';
import { why } from './why.ts';

function ask(made: HandMade, name: string, seconds: number) {
  const index = made.index({ until: seconds * 1e9 });
  return why(index, made.subject(name, index));
}

function stop(made: HandMade, seconds: number, cause: ReturnType<HandMade['say']>, reason: string) {
  const { uuid, alias } = made.subject('db').vm ?? { uuid: '', alias: '' };
  const change = {
    uuid,
    alias,
    zoneStateBefore: 'running',
    zoneState: 'installed',
    state: 'stopped',
    reason,
  };
  return made.say(seconds, made.zone('db'), 'zoneStateChanged', change, cause);
}

function asked(made: HandMade, seconds: number, text: string) {
  const command = { kind: 'vm', target: 'cn-0001', text, askedBy: 'scenario.yaml:9' };
  return made.say(seconds, 'outside', 'commandAccepted', command);
}

test('a hang is why a VM was down, not the NMI that ended it, and no other case is told', () => {
  const made = new HandMade();
  const psu = {
    uuid: 'c1',
    code: 'PSU-1',
    severity: 'Major',
    engine: 'eft',
    firstEreportAt: 0,
    message: true,
  };
  const suspect = { class: 'fault.psu', certainty: 100, resource: 'cn-0001/psu/PS0', fru: '', asru: '' };
  made.node(60, 'cn-0001', 'running', 'hung', undefined, 'hang');
  const panic = made.say(180, 'cn-0001', 'nodePanicked', { message: 'NMI' }, asked(made, 180, 'node.nmi'));
  const down = made.node(180, 'cn-0001', 'hung', 'panicked', panic);
  stop(made, 180, down, 'node: panic');
  const still = ask(made, 'db', 200);
  expect(still.headline).toContain('stopped for 20 s (since 00:03:00.000), and not running for 2m20s');
  made.boot(300, 'cn-0001', down);
  made.say(310, 'fm/cn-0001/case/1', 'suspectListed', { ...psu, suspects: [suspect] });
  const answer = ask(made, 'db', 400);
  expect(answer.root).toMatchObject({ kind: 'fault', part: 'cn-0001' });
  expect(answer.root?.text).toContain('hangs');
  expect(answer.headline).toContain('it was down for 4m05s (from 00:01:00.000)');
  expect(answer.now.join()).not.toContain('PSU');
});

test('of a VM that somebody stopped, nobody asks fmd', () => {
  const made = new HandMade();
  stop(made, 100, asked(made, 100, 'vmadm stop db'), 'vmadm stop');
  const answer = ask(made, 'db', 130);
  expect(answer.root?.kind).toBe('person');
  expect(answer.now.join()).not.toContain('fmd');
});

test('a spare that was pulled serves nobody', () => {
  const made = new HandMade();
  const pool = 'cn-0001/pool/zones';
  const vdev = (seconds: number, name: string, state: string) =>
    made.say(seconds, pool, 'vdevStateChanged', {
      pool: 'zones',
      vdev: name,
      stateBefore: 'ONLINE',
      state,
      aux: '',
    });
  const cause = vdev(60, 'c0t1d0', 'FAULTED');
  made.say(60, pool, 'poolStateChanged', { pool: 'zones', stateBefore: 'ONLINE', state: 'DEGRADED' }, cause);
  made.say(61, pool, 'spareActivated', { pool: 'zones', spare: 'c0t5d0', original: 'c0t1d0' });
  expect(ask(made, pool, 80).now.join()).toContain('c0t5d0 serves for c0t1d0');
  vdev(90, 'c0t5d0', 'REMOVED');
  const { now, root } = ask(made, pool, 100);
  expect(now).toContain('c0t5d0, which served for c0t1d0, is REMOVED itself');
  expect(now.join()).not.toContain('serves for');
  expect(root?.part).toBe('cn-0001/disk/c0t1d0');
});

test('of a node without power every supply is told, and what fmd said of the first', () => {
  const made = new HandMade();
  const failed = (seconds: number, psu: string, working: number) =>
    made.say(seconds, 'cn-0001', 'psuStateChanged', { psu, ok: false, working });
  const first = failed(60, '0', 1);
  const listed = {
    uuid: 'c1',
    code: 'SENSOR-8000-3T',
    severity: 'Major',
    engine: 'sensor-transport',
    firstEreportAt: 0,
    message: true,
    suspects: [{ class: 'fault.psu.failed', certainty: 100, resource: 'cn-0001/psu/0', fru: '', asru: '' }],
  };
  made.say(90, 'fm/cn-0001/case/1', 'suspectListed', listed, first);
  made.node(300, 'cn-0001', 'running', 'off', failed(300, '1', 0), 'power lost: no supply works');
  const { steps, now } = ask(made, 'cn-0001', 360);
  expect(steps.map(({ text }) => text)).toEqual([
    'power is gone (power lost: no supply works)',
    'PSU 1 failed, 0 working',
    'PSU 0 failed, 1 working',
  ]);
  expect(now.join()).toContain('SENSOR-8000-3T');
});
