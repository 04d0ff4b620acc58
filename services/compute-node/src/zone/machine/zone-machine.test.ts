import { MachineStepper, stateWord } from '@orrery/actor';
import { describe, expect, test } from 'vitest';
import { zoneMachine, type ZoneEventType, type ZoneStart } from './zone-machine.ts';

const stepper = new MachineStepper(zoneMachine);

/** Given events, the state after each. */
function after(start: ZoneStart, hvm: boolean, ...events: ZoneEventType[]): string[] {
  let { snapshot } = stepper.start({ start, hvm });
  const states = [stateWord(snapshot.value)];
  for (const type of events) {
    snapshot = stepper.step(snapshot, { type }).snapshot;
    states.push(stateWord(snapshot.value));
  }
  return states;
}

const last = (...args: Parameters<typeof after>) => after(...args).at(-1);

describe('zoneadm’s states', () => {
  test('install, boot, stop, uninstall', () => {
    expect(
      after('configured', false, 'INSTALL', 'CLONED', 'CONFIGURED', 'BOOT', 'READIED', 'MULTI_USER'),
    ).toEqual([
      'configured',
      'incomplete.cloning',
      'incomplete.configuring',
      'installed',
      'ready.booting',
      'running.booting',
      'running.multiUser',
    ]);
    expect(
      after('running', false, 'SHUTDOWN', 'HALT', 'EMPTY', 'TORN_DOWN', 'UNINSTALL', 'DESTROYED'),
    ).toEqual([
      'running.multiUser',
      'running.stopping',
      'shutting_down',
      'down',
      'installed',
      'incomplete.destroying',
      'configured',
    ]);
  });

  test('a guest has a firmware before it boots', () => {
    expect(after('installed', true, 'BOOT', 'READIED', 'FIRMWARE_DONE')).toEqual([
      'installed',
      'ready.booting',
      'running.firmware',
      'running.booting',
    ]);
  });

  test('ready without a boot, booted or halted later', () => {
    expect(after('installed', false, 'READY', 'BOOT')).toEqual(['installed', 'ready.idle', 'ready.booting']);
    expect(last('installed', false, 'READY', 'HALT', 'TORN_DOWN')).toBe('installed');
  });

  test('incomplete is left by uninstall alone', () => {
    const interrupted = ['INSTALL', 'FAILED'] as const;
    for (const event of ['BOOT', 'INSTALL', 'READY', 'HALT', 'CRASH', 'CLONED', 'CONFIGURED'] as const) {
      expect(last('configured', false, ...interrupted, event)).toBe('incomplete.interrupted');
    }
    expect(last('configured', false, ...interrupted, 'UNINSTALL', 'DESTROYED')).toBe('configured');
  });

  test('reboot comes up again from down', () => {
    expect(last('running', false, 'SHUTDOWN', 'HALT', 'EMPTY', 'TORN_DOWN_FOR_REBOOT')).toBe('ready.booting');
  });

  test('a crash ends what is active in installed and interrupts an install', () => {
    expect(last('running', false, 'CRASH')).toBe('installed');
    expect(last('running', false, 'SHUTDOWN', 'CRASH')).toBe('installed');
    expect(last('running', false, 'HALT', 'CRASH')).toBe('installed');
    expect(last('running', false, 'HALT', 'EMPTY', 'CRASH')).toBe('installed');
    expect(last('installed', false, 'BOOT', 'CRASH')).toBe('installed');
    expect(last('configured', false, 'INSTALL', 'CLONED', 'CRASH')).toBe('incomplete.interrupted');
    expect(last('configured', false, 'CRASH')).toBe('configured');
  });

  test('never backwards: what does not fit a state changes nothing', () => {
    for (const event of ['BOOT', 'READIED', 'INSTALL', 'UNINSTALL', 'TORN_DOWN', 'EMPTY'] as const) {
      expect(last('running', false, event)).toBe('running.multiUser');
      expect(last('running', false, 'HALT', event)).toBe(event === 'EMPTY' ? 'down' : 'shutting_down');
    }
  });
});
