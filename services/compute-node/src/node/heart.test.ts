import { describe, expect, test } from 'vitest';
import { SECOND } from '@orrery/kernel';
import { adminPath, NODE, Rig, zoneConfigOf } from '../rig.case.ts';
import { BEAT_PERIOD_NS, beatOffset, carriesStatus, nextBeat } from './model/heartbeat.ts';

describe('the grid of beats', () => {
  test('is five seconds wide, and each address has its own place in it', () => {
    const offsets = ['cn-0001', 'cn-0002', 'cn-0003'].map(beatOffset);
    expect(new Set(offsets).size).toBe(3);
    for (const offset of offsets) {
      expect(offset).toBeLessThan(BEAT_PERIOD_NS);
      expect(nextBeat(0, offset)).toBe(offset === 0 ? BEAT_PERIOD_NS : offset);
      expect(nextBeat(offset, offset)).toBe(offset + BEAT_PERIOD_NS);
    }
  });

  test('carries all VMs at first, after a change, and each minute', () => {
    expect(carriesStatus(5, false, -1)).toBe(true);
    expect(carriesStatus(5, true, 4)).toBe(true);
    expect(carriesStatus(60 * SECOND, false, 0)).toBe(true);
    expect(carriesStatus(59 * SECOND, false, 0)).toBe(false);
  });
});

describe('heartbeats', () => {
  test('come every 5 s, with VMs each minute and when one changed', () => {
    const rig = new Rig({ zones: [zoneConfigOf('a'), zoneConfigOf('b')] }).run(130);
    const beats = rig.heard('headnode', 'heartbeat');
    expect(beats).toHaveLength(26);
    expect(beats.filter(({ vms }) => vms.length === 2)).toHaveLength(3);
    expect(beats[0]?.vms[0]).toEqual({ uuid: 'a', state: 'running', zoneState: 'running' });
    rig.task(1, 'stop', 'a').run(15);
    const full = rig.heard('headnode', 'heartbeat').filter(({ vms }) => vms.length > 0);
    expect(full.at(-1)?.vms[0]).toEqual({ uuid: 'a', state: 'stopped', zoneState: 'installed' });
  });

  test('end with the way to the head node, and come back on the same grid', () => {
    const rig = new Rig().run(20);
    const [first] = rig.heard('headnode', 'heartbeat');
    rig.host.post(NODE, 'pathsAnnounced', { endpoint: NODE, paths: [adminPath(false)] });
    rig.run(60);
    const before = rig.heard('headnode', 'heartbeat').length;
    expect(before).toBe(4);
    rig.host.post(NODE, 'pathsAnnounced', { endpoint: NODE, paths: [adminPath(true)] });
    rig.run(60);
    const beats = rig.heard('headnode', 'heartbeat');
    expect(beats).toHaveLength(before + 12);
    for (const { sentAt } of beats) expect((sentAt - (first?.sentAt ?? 0)) % BEAT_PERIOD_NS).toBe(0);
  });
});
