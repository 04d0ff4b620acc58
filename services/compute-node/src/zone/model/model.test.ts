import { describe, expect, test } from 'vitest';
import { GIB, SECOND } from '@orrery/kernel';
import { zoneConfigOf } from '../../rig.case.ts';
import { installPlan, uninstallPlan } from './dataset-plan.ts';
import { vmState } from './vm-state.ts';
import { provisionPatience } from './zone-timing.ts';

const MARKS = { failed: false, provisioning: false, stopping: false };

describe('vmadm’s state', () => {
  test('is the zone’s, but for installed', () => {
    expect(vmState('installed', MARKS, false)).toBe('stopped');
    for (const state of ['configured', 'incomplete', 'ready', 'running', 'shutting_down', 'down'] as const) {
      expect(vmState(state, MARKS, true)).toBe(state);
    }
  });

  test('failed wins over provisioning, provisioning over the zone; only guests are stopping', () => {
    expect(vmState('running', { ...MARKS, failed: true, provisioning: true }, false)).toBe('failed');
    expect(vmState('installed', { ...MARKS, provisioning: true }, false)).toBe('provisioning');
    expect(vmState('running', { ...MARKS, stopping: true }, true)).toBe('stopping');
    expect(vmState('running', { ...MARKS, stopping: true }, false)).toBe('running');
  });
});

test('a provision has 300 s, a guest as many times more as it has 4 GiB', () => {
  expect(provisionPatience(zoneConfigOf('a'))).toBe(300 * SECOND);
  expect(provisionPatience(zoneConfigOf('a', 'kvm', { ramBytes: 3 * GIB }))).toBe(300 * SECOND);
  expect(provisionPatience(zoneConfigOf('a', 'kvm', { ramBytes: 17 * GIB }))).toBe(1200 * SECOND);
});

test('datasets go the way they came, the other way round', () => {
  const config = zoneConfigOf('a', 'kvm', { delegated: true });
  expect(installPlan(config).map(({ op, dataset }) => `${op} ${dataset}`)).toEqual([
    'create zones/a',
    'create zones/a/data',
    'clone zones/a-disk0',
  ]);
  expect(uninstallPlan(config).map(({ op, dataset }) => `${op} ${dataset}`)).toEqual([
    'destroy zones/a-disk0',
    'destroy zones/a/data',
    'destroy zones/a',
  ]);
});
