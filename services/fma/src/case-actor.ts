/** One case: `fm/cn-0001/case/1`. Its statechart says when; this says what becomes a fact. */
import { defineActor, type ActorId, type Context } from '@orrery/actor';
import type { FactRef } from '@orrery/proto';
import { caseMachine, type CaseState } from './machine/case.ts';
import { messageId } from './model/message-ids.ts';

export interface CaseInit {
  key: string;
  manager: ActorId;
  uuid: string;
  engine: string;
  resource: string;
  fru: string;
  asru: string;
  firstEreportAt: number;
  removeTimeoutNs: number;
}

interface Case extends CaseInit {
  state: CaseState;
  /** What it is, or will be, solved with. */
  fault: string;
  message: boolean;
  /** Fact of the ereport that decided it. */
  cause: FactRef;
}

function entered(context: Context, state: Case, params: { state: CaseState }): void {
  const before = state.state;
  state.state = params.state;
  const { code, severity } = messageId(state.fault);
  if (params.state === 'SOLVED') {
    context.cause = state.cause;
    context.emit('suspectListed', {
      uuid: state.uuid,
      code,
      severity,
      engine: state.engine,
      suspects: [
        { class: state.fault, certainty: 100, resource: state.resource, fru: state.fru, asru: state.asru },
      ],
      firstEreportAt: state.firstEreportAt,
      message: state.message,
    });
  }
  if (state.fault !== '') {
    context.emit('caseStateChanged', { uuid: state.uuid, code, stateBefore: before, state: params.state });
  }
  context.send(state.manager, 'caseReport', { key: state.key, state: params.state });
}

export const caseKind = defineActor<Case, CaseInit>({
  name: 'case',
  service: 'fma',
  init: (context, init) => ({ ...init, state: 'UNSOLVED', fault: '', message: true, cause: context.cause }),
  machine: caseMachine,
  machineInput: (state) => ({ removeTimeoutNs: state.removeTimeoutNs }),
  effects: { entered },
  on: {
    caseOrder: (context, state, order) => {
      const begins = order.event === 'WAIT' && context.machineState() === 'UNSOLVED.collecting';
      if (begins || (order.event === 'SOLVE' && state.state === 'UNSOLVED')) {
        state.fault = order.faultClass;
        state.message = order.message;
        state.cause = context.cause;
      }
      context.dispatch({ type: order.event });
    },
    repair: (context, state, repair) => {
      context.send(state.manager, 'repair', { ...repair, part: state.uuid });
    },
  },
});
