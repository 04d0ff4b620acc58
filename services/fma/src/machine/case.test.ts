import { MachineStepper, stateWord } from '@orrery/actor';
import { describe, expect, it } from 'vitest';
import { caseMachine, type CaseEvent } from './case.ts';

/** Given a new case, when these events come, then this is its state and what it passed through. */
function after(...events: CaseEvent['type'][]): { state: string; entered: string[]; armed: number } {
  const stepper = new MachineStepper(caseMachine);
  let { snapshot, effects } = stepper.start({ removeTimeoutNs: 15 });
  const all = [...effects];
  for (const type of events) {
    ({ snapshot, effects } = stepper.step(snapshot, { type }));
    all.push(...effects);
  }
  return {
    state: stateWord(snapshot.value),
    entered: all
      .filter(({ type }) => type === 'entered')
      .map(({ params }) => (params as { state: string }).state),
    armed:
      all.filter(({ type }) => type === 'xstate.raise').length -
      all.filter(({ type }) => type === 'xstate.cancel').length,
  };
}

describe('the case statechart', () => {
  it.each<[CaseEvent['type'][], string, string[], number]>([
    [[], 'UNSOLVED.collecting', [], 0],
    [['WAIT'], 'UNSOLVED.waiting', [], 1],
    [['WAIT', 'WAIT'], 'UNSOLVED.waiting', [], 1],
    [['WAIT', 'REMOVED'], 'UNSOLVED.collecting', [], 0],
    [['WAIT', 'STOP'], 'UNSOLVED.frozen', [], 0],
    [['WAIT', 'STOP', 'START'], 'UNSOLVED.waiting', [], 1],
    [['WAIT', 'SOLVE'], 'SOLVED', ['SOLVED'], 0],
    [['REPAIR', 'RESOLVE'], 'UNSOLVED.collecting', [], 0],
    [['CLOSE'], 'DISCARDED', ['CLOSE_WAIT', 'DISCARDED'], 0],
    [['SOLVE', 'CLOSE'], 'CLOSED', ['SOLVED', 'CLOSE_WAIT', 'CLOSED'], 0],
    [['SOLVE', 'REPAIR', 'RESOLVE'], 'RESOLVED', ['SOLVED', 'REPAIRED', 'RESOLVED'], 0],
    [['SOLVE', 'REMOVED', 'WAIT', 'SOLVE'], 'SOLVED', ['SOLVED'], 0],
  ])('%j leads to %s', (events, state, entered, armed) => {
    expect(after(...events)).toEqual({ state, entered, armed });
  });
});
