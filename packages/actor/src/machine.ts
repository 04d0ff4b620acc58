/**
 * The one seam to xstate: a statechart is stepped by its pure transition with one reused, never-started scope, and
 * what it wants done comes back as data.
 *
 * Why not `transition()`: it makes an actor and a system for every call; the reused scope has the same effects at a
 * third of the cost or less. Nothing here starts an actor, reads a clock or draws an id.
 */
import { createActor, type AnyMachineSnapshot, type AnyStateMachine, type Snapshot } from 'xstate';

/** One thing a transition wants done: `xstate.raise`, `xstate.cancel`, `xstate.emit`, `xstate.sendTo`, or a named action. */
export interface Effect {
  type: string;
  params: unknown;
}

interface Scope {
  actionExecutor: (action: { type: string; params: unknown; exec?: unknown }) => void;
}

/** Steps one statechart definition; hold one for each definition. */
export class MachineStepper {
  private readonly machine: AnyStateMachine;
  private readonly scope: Scope;
  private effects: Effect[] = [];

  constructor(machine: AnyStateMachine) {
    this.machine = machine;
    const actor = createActor(machine, { input: {} });
    const nothing = () => undefined;
    this.scope = Object.assign(
      { self: actor, system: actor.system, id: '', sessionId: '', logger: nothing },
      {
        defer: nothing,
        stopChild: nothing,
        emit: nothing,
        actionExecutor: (action: { type: string; params: unknown }) => {
          this.effects.push({ type: action.type, params: action.params });
        },
      },
    );
  }

  /** First snapshot for `input`, and the effects of entering it. */
  start(input: unknown): { snapshot: AnyMachineSnapshot; effects: Effect[] } {
    this.effects = [];
    const snapshot = this.machine.getInitialSnapshot(
      this.scope as never,
      input as never,
    ) as AnyMachineSnapshot;
    return this.finish(snapshot);
  }

  /** Next snapshot and the effects of one macrostep. */
  step(
    snapshot: AnyMachineSnapshot,
    event: { type: string },
  ): { snapshot: AnyMachineSnapshot; effects: Effect[] } {
    this.effects = [];
    return this.finish(
      this.machine.transition(snapshot as never, event, this.scope as never) as AnyMachineSnapshot,
    );
  }

  /** Plain data: status, value, historyValue, context. */
  persist(snapshot: AnyMachineSnapshot): Snapshot<unknown> {
    return this.machine.getPersistedSnapshot(snapshot as never);
  }

  restore(persisted: Snapshot<unknown>): AnyMachineSnapshot {
    return this.machine.restoreSnapshot(persisted as never, this.scope as never) as AnyMachineSnapshot;
  }

  private finish(snapshot: AnyMachineSnapshot): { snapshot: AnyMachineSnapshot; effects: Effect[] } {
    const { effects } = this;
    this.effects = [];
    if (snapshot.status === 'error') throw snapshot.error;
    return { snapshot, effects };
  }
}

/** State value as one word: `running.multiUser`; regions of a parallel state joined by `|` in code-unit order. */
export function stateWord(value: unknown): string {
  if (typeof value === 'string') return value;
  const regions = value as Record<string, unknown>;
  const words: string[] = [];
  for (const key of Object.keys(regions).sort()) {
    const inner = stateWord(regions[key]);
    words.push(inner === '' ? key : `${key}.${inner}`);
  }
  return words.join('|');
}
