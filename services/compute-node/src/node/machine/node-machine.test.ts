import { MachineStepper, stateWord } from '@orrery/actor';
import { describe, expect, test } from 'vitest';
import { nodeMachine, type NodeEventType } from './node-machine.ts';

const stepper = new MachineStepper(nodeMachine);

const BOOT: NodeEventType[] = [
  'POWER_ON',
  'POST_DONE',
  'PLATFORM_FOUND',
  'PLATFORM_LOADED',
  'POOLS_IMPORTED',
  'MULTI_USER',
];

/** Every state of the chart, by the events that lead to it from off. */
const WAYS: Record<string, NodeEventType[]> = {
  off: [],
  post: BOOT.slice(0, 1),
  'netboot.asking': BOOT.slice(0, 2),
  'netboot.loading': BOOT.slice(0, 3),
  'booting.importing': BOOT.slice(0, 4),
  'booting.starting': BOOT.slice(0, 5),
  running: BOOT,
  hung: [...BOOT, 'HANG'],
  panicked: [...BOOT, 'PANIC'],
  dumping: [...BOOT, 'PANIC', 'QUIESCED'],
};

function after(events: readonly NodeEventType[]): { state: string; effects: string[] } {
  let step = stepper.start({ running: false });
  for (const type of events) step = stepper.step(step.snapshot, { type });
  return { state: stateWord(step.snapshot.value), effects: step.effects.map(({ type }) => type) };
}

const states = Object.keys(WAYS);
const on = (state: string, event: NodeEventType) => after([...(WAYS[state] ?? []), event]);

describe('the node', () => {
  test.each(states)('reaches %s', (state) => {
    expect(after(WAYS[state] ?? []).state).toBe(state);
  });

  test.each(states)('in %s: loss of power is off, reset is POST where there is power', (state) => {
    expect(on(state, 'POWER_LOST').state).toBe('off');
    expect(on(state, 'RESET').state).toBe(state === 'off' ? 'off' : 'post');
  });

  test.each(states)('in %s: only a kernel panics or hangs', (state) => {
    const kernel = state.startsWith('booting') || state === 'running';
    expect(on(state, 'PANIC').state).toBe(kernel ? 'panicked' : state);
    expect(on(state, 'NMI').state).toBe(kernel || state === 'hung' ? 'panicked' : state);
    expect(on(state, 'HANG').state).toBe(kernel ? 'hung' : state);
  });

  test('keeps the dump only when it ended', () => {
    expect(on('dumping', 'DUMPED')).toMatchObject({ state: 'post' });
    expect(on('dumping', 'DUMPED').effects).toContain('keepDump');
    expect(on('dumping', 'RESET').effects).not.toContain('keepDump');
    expect(on('dumping', 'POWER_LOST').effects).not.toContain('keepDump');
  });

  test('reports a panic before the phase, and tells the rest after it', () => {
    expect(on('running', 'PANIC').effects).toEqual(['reportPanic', 'became', 'loseKernel', 'startTimer']);
  });
});
