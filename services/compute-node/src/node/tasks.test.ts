import { describe, expect, test } from 'vitest';
import type { Vm } from '@orrery/spec';
import { GIB, SECOND } from '@orrery/kernel';
import { adminPath, NODE, Rig, zoneConfigOf } from '../rig.case.ts';

function vmJson(uuid: string, more: Partial<Vm> = {}): string {
  const vm: Partial<Vm> = {
    uuid,
    alias: uuid,
    brand: 'joyent',
    pool: 'zones',
    autoboot: true,
    imageUuid: 'image',
    disks: [],
    nics: [],
    limits: { memoryBytes: GIB, ramBytes: 0, quotaBytes: 10 * GIB } as Vm['limits'],
    bootWork: { cpuNs: SECOND, readBytes: 0, readSizeBytes: 0 },
    shutdownNs: 5 * SECOND,
    ...more,
  };
  return JSON.stringify(vm);
}

const done = (rig: Rig) =>
  rig.heard('headnode', 'vmTaskDone').map(({ task, error, state }) => ({ task, error, state }));

describe('create', () => {
  test('clones, configures and boots, reports each step, and hides the way there', () => {
    const rig = new Rig().run(1).task(1, 'create', 'new', vmJson('new')).run(30);
    expect(rig.heard('headnode', 'vmTaskStep').map(({ step }) => step)).toEqual([
      'clone',
      'configure',
      'boot',
    ]);
    expect(done(rig)).toEqual([{ task: 1, error: '', state: 'running' }]);
    const [clone] = rig.heard(`${NODE}/os`, 'zfsAsk');
    expect(clone).toMatchObject({ op: 'clone', dataset: 'zones/new', origin: 'zones/image@final' });
    expect(rig.zoneStates('new')).toEqual([
      'configured/provisioning',
      'incomplete/provisioning',
      'installed/provisioning',
      'ready/provisioning',
      'running/provisioning',
      'running',
    ]);
    const [step] = rig.heard('headnode', 'vmTaskStep');
    expect(step?.tookNs).toBeGreaterThanOrEqual(0.8 * SECOND);
    expect(rig.heard('headnode', 'heartbeat').at(-1)?.vms).toEqual([]);
  });

  test('without autoboot ends installed', () => {
    const rig = new Rig().task(1, 'create', 'new', vmJson('new', { autoboot: false })).run(30);
    expect(done(rig)).toEqual([{ task: 1, error: '', state: 'stopped' }]);
    expect(rig.zoneStates('new').at(-1)).toBe('installed/stopped');
  });

  test('or start on a pool that the node booted without is refused', () => {
    const rig = new Rig({ running: false, behaviour: { importError: 'insufficient replicas' } });
    rig.repair('node.power-on').runToPhase('running');
    rig.run(1).task(1, 'start', 'web').task(2, 'create', 'new', vmJson('new')).run(1);
    const error = "cannot open 'zones': no such pool";
    expect(done(rig).map((one) => one.error)).toEqual([error, error]);
  });

  test('of a VM that is there is refused', () => {
    const rig = new Rig().task(1, 'create', 'web', vmJson('web')).run(1);
    expect(done(rig)).toEqual([{ task: 1, error: 'VM web already exists', state: 'running' }]);
  });

  test('whose clone is refused ends failed and incomplete, until it is deleted', () => {
    const rig = new Rig({ behaviour: { zfsError: 'ENOSPC' } }).task(1, 'create', 'new', vmJson('new')).run(5);
    expect(done(rig)).toEqual([{ task: 1, error: 'clone failed: ENOSPC', state: 'failed' }]);
    expect(rig.zone('new')).toMatchObject({ zoneState: 'incomplete', state: 'failed' });
    rig.behaviour.zfsError = 'ENOENT';
    rig.task(2, 'destroy', 'new').run(5);
    expect(done(rig)[1]).toEqual({ task: 2, error: '', state: 'destroyed' });
  });

  test('that does not come up within 300 s of its boot has failed', () => {
    const rig = new Rig({ behaviour: { workNs: -1 } }).task(1, 'create', 'new', vmJson('new')).run(299);
    expect(done(rig)).toEqual([]);
    rig.run(10);
    expect(done(rig)[0]?.error).toBe('timed out waiting for provisioning after 300 s');
    expect(rig.zone('new').state).toBe('failed');
  });

  test('of a KVM guest makes its disk and is done when the firmware is', () => {
    const disk = { name: 'disk0', pool: '', sizeBytes: GIB, blockSizeBytes: 8192, refreservationBytes: GIB };
    const disks = [{ ...disk, imageUuid: 'hvm', boot: true }];
    const rig = new Rig({ behaviour: { workNs: 40 * SECOND } });
    rig.task(1, 'create', 'new', vmJson('new', { brand: 'kvm', disks })).run(20);
    expect(rig.heard(`${NODE}/os`, 'zfsAsk')).toMatchObject([
      { op: 'create', dataset: 'zones/new', volume: false },
      { op: 'clone', dataset: 'zones/new-disk0', origin: 'zones/hvm@final', volume: true },
    ]);
    expect(done(rig)).toEqual([{ task: 1, error: '', state: 'running' }]);
    expect(rig.heard(`${NODE}/os`, 'zoneServes').filter(({ serving }) => serving)).toHaveLength(1);
    rig.run(40);
    expect(rig.heard(`${NODE}/os`, 'zoneServes').filter(({ serving }) => serving)).toHaveLength(2);
  });

  test('cut off by a crash is failed after the boot, and its task is never answered', () => {
    const rig = new Rig().task(1, 'create', 'new', vmJson('new')).run(0.5).repair('node.reset').run(1);
    rig.runToPhase('running');
    rig.run(30);
    expect(done(rig)).toEqual([]);
    expect(rig.zone('new')).toMatchObject({ zoneState: 'incomplete', state: 'failed' });
    expect(rig.zone('web').state).toBe('running');
  });
});

describe('start, stop, reboot', () => {
  test('do what vmadm does, and refuse what it refuses', () => {
    const rig = new Rig().run(1).task(1, 'start', 'web').run(1).task(2, 'stop', 'web').run(8);
    rig.task(3, 'stop', 'web').task(4, 'reboot', 'web').run(1).task(5, 'start', 'nobody').run(1);
    rig.task(6, 'start', 'web').run(10).task(7, 'reboot', 'web').run(20);
    expect(done(rig)).toEqual([
      { task: 1, error: 'EALREADYRUNNING', state: 'running' },
      { task: 2, error: '', state: 'stopped' },
      { task: 3, error: 'ENOTRUNNING', state: 'stopped' },
      { task: 4, error: 'ENOTRUNNING', state: 'stopped' },
      { task: 5, error: 'No such zone: nobody', state: '' },
      { task: 6, error: '', state: 'running' },
      { task: 7, error: '', state: 'running' },
    ]);
  });

  test('one at a time', () => {
    const rig = new Rig().task(1, 'stop', 'web').run(1).task(2, 'reboot', 'web').run(10);
    expect(done(rig)[0]).toEqual({ task: 2, error: 'EBUSY: shutdown is under way', state: 'running' });
  });

  test('stop clears autoboot, start sets it: the next boot of the node shows', () => {
    const rig = new Rig().run(1).task(1, 'stop', 'web').run(10).repair('node.reset').run(1);
    rig.runToPhase('running');
    rig.run(20);
    expect(rig.zone('web').state).toBe('stopped');
    rig.task(2, 'start', 'web').run(20).repair('node.reset').run(1).runToPhase('running');
    rig.run(20);
    expect(rig.zone('web').state).toBe('running');
  });
});

describe('destroy', () => {
  test('halts the zone, destroys its datasets and ends the actor; the name is free again', () => {
    const rig = new Rig().run(1).task(1, 'destroy', 'web').run(5);
    expect(done(rig)).toEqual([{ task: 1, error: '', state: 'destroyed' }]);
    expect(rig.zoneStates('web')).toEqual([
      'shutting_down',
      'down',
      'installed/stopped',
      'incomplete',
      'configured',
    ]);
    expect(rig.heard(`${NODE}/os`, 'zoneGone')).toHaveLength(1);
    expect(rig.heard(`${NODE}/os`, 'zfsAsk')).toMatchObject([{ op: 'destroy', dataset: 'zones/web' }]);
    expect(rig.host.cells.at(`${NODE}/zone/web`)?.alive).toBe(false);
    rig.run(10);
    expect(rig.heard('headnode', 'heartbeat').at(-1)?.vms).toEqual([]);
    rig.task(2, 'create', 'web', vmJson('web')).run(30);
    expect(done(rig)[1]).toEqual({ task: 2, error: '', state: 'running' });
  });

  test('of a VM that is being created cancels that', () => {
    const rig = new Rig().task(1, 'create', 'new', vmJson('new')).run(0.5).task(2, 'destroy', 'new').run(10);
    expect(done(rig)).toEqual([
      { task: 1, error: 'ECANCELED: the VM is deleted', state: 'provisioning' },
      { task: 2, error: '', state: 'destroyed' },
    ]);
  });
});

describe('ensure_image', () => {
  test('fetches a missing image over the admin network, receives it once, and answers all who wait', () => {
    const image = (uuid: string, imageUuid: string) => vmJson(uuid, { imageUuid });
    const rig = new Rig().run(1).task(1, 'ensure_image', 'a', image('a', 'image'));
    rig
      .task(2, 'ensure_image', 'b', image('b', 'new-image'))
      .task(3, 'ensure_image', 'c', image('c', 'new-image'));
    rig.run(5);
    expect(done(rig).map(({ task }) => task)).toEqual([1, 2, 3]);
    const asks = rig.heard(`${NODE}/os`, 'zfsAsk');
    expect(asks).toMatchObject([{ op: 'receive', dataset: 'zones/new-image', usedBytes: GIB }]);
    // 125 MB at 10 Gb/s.
    expect(asks[0]?.at).toBeCloseTo(1.1, 9);
  });
});

describe('the admin network', () => {
  test('holds answers back while it is down', () => {
    const rig = new Rig().run(1).task(1, 'stop', 'web').run(0.1);
    rig.host.post(NODE, 'pathsAnnounced', { endpoint: NODE, paths: [adminPath(false)] });
    rig.run(60);
    expect(done(rig)).toEqual([]);
    rig.host.post(NODE, 'pathsAnnounced', { endpoint: NODE, paths: [adminPath(true)] });
    rig.run(1);
    expect(done(rig)).toEqual([{ task: 1, error: '', state: 'stopped' }]);
  });

  test('a node that is not in multi-user does not answer at all', () => {
    const rig = new Rig({ running: false, zones: [zoneConfigOf('web')] }).task(1, 'start', 'web').run(10);
    expect(done(rig)).toEqual([]);
  });
});
