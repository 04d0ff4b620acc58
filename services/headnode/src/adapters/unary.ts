/** What each method with one answer does with the run. */
import type { CommandResponse, PacingResponse } from '@orrery/proto';
import type { Pace, Patience, QuestionName, RunControl } from '../control/index.ts';
import { invalid } from '../control/index.ts';
import {
  createCommand,
  injectCommand,
  repairCommand,
  revertCommand,
  vmCommand,
  type Checked,
} from '../control/requests.ts';
import { caseRows, faultRows, nodeRows, poolRows, vmRows } from '../control/view/rows.ts';
import type { MethodName, RequestOf, ResponseOf } from './definition.ts';

export interface Call {
  run: RunControl;
  /** Who asks, as the log will tell. */
  askedBy: string;
  /** A fresh name for a request that has none. */
  freshId: () => string;
  patience: Patience;
}

export type UnaryName = Exclude<MethodName, 'followFacts' | 'exportLog'>;

type Unary<M extends UnaryName> = (
  call: Call,
  request: RequestOf<M>,
) => ResponseOf<M> | Promise<ResponseOf<M>>;

const STEPS_MAX = 1_000_000;

export const unary: { readonly [M in UnaryName]: Unary<M> } = {
  describeDatacenter: ({ run }, { withSpec }) => ({
    status: run.status(),
    datacenterJson: withSpec ? JSON.stringify(run.datacenter) : '',
    catalogueJson: withSpec ? JSON.stringify(run.catalogue) : '',
  }),
  listNodes: ({ run }, { match }) => ({ nodes: nodeRows(run.view, match, run.now) }),
  listVms: ({ run }, { match, node }) => ({ vms: vmRows(run.view, match, node, run.now) }),
  listPools: ({ run }, { match }) => ({ pools: poolRows(run.view, match) }),
  listFaults: ({ run }, { activeOnly }) => ({
    faults: faultRows(run.view, activeOnly, (id) => run.revertAt(id)),
    cases: caseRows(run.view, activeOnly),
  }),
  createVm: (call, request) =>
    submit(call, request.requestId, (id) =>
      createCommand(call.run.view, request, `${call.run.status().runId}/${id}`),
    ),
  startVm: (call, request) =>
    submit(call, request.requestId, () => vmCommand(call.run.view, 'start', request)),
  stopVm: (call, request) => submit(call, request.requestId, () => vmCommand(call.run.view, 'stop', request)),
  rebootVm: (call, request) =>
    submit(call, request.requestId, () => vmCommand(call.run.view, 'reboot', request)),
  destroyVm: (call, request) =>
    submit(call, request.requestId, () => vmCommand(call.run.view, 'destroy', request)),
  injectFault: (call, request) => submit(call, request.requestId, () => injectCommand(call.run, request)),
  revertFault: (call, request) =>
    submit(call, request.requestId, () => revertCommand(call.run.view, request)),
  repair: (call, request) =>
    submit(call, request.requestId, () => repairCommand(call.run.view, call.run.catalogue, request)),
  why: (call, request) => ask(call, 'why', request),
  when: (call, request) => ask(call, 'when', request),
  slow: (call, request) => ask(call, 'slow', request),
  setSpeed: ({ run }, { speed }) => {
    if (!(speed >= 0) || speed === Infinity)
      throw invalid([
        { field: 'speed', description: `expected a number above 0, or 0 for max, found ${speed}` },
      ]);
    return paced(run.setSpeed(speed === 0 ? Infinity : speed));
  },
  pause: ({ run }) => paced(run.pause()),
  resume: ({ run }) => paced(run.resume()),
  step: async ({ run }, { boundaries }) => {
    if (boundaries > STEPS_MAX)
      throw invalid([{ field: 'boundaries', description: `expected at most ${STEPS_MAX}` }]);
    return paced(await run.step(Math.max(1, boundaries)));
  },
  snapshot: async ({ run }) => ({ time: await run.snapshot() }),
  endRun: ({ run }, { suspend }) => run.end(suspend),
};

/** Commands that a run gives to itself have request ids that begin so. */
const RESERVED = 'orrery:';

async function submit(
  { run, askedBy, freshId }: Call,
  given: string,
  checked: (requestId: string) => Checked,
): Promise<CommandResponse> {
  if (given.length > 128)
    throw invalid([{ field: 'request_id', description: 'expected at most 128 characters' }]);
  if (given.startsWith(RESERVED))
    throw invalid([
      { field: 'request_id', description: `expected one that does not begin with ${RESERVED}` },
    ]);
  const requestId = given === '' ? freshId() : given;
  const before = run.accepted(requestId);
  if (before !== undefined) return response(requestId, before, []);
  const { command, text, warnings } = checked(requestId);
  const accepted = await run.submit({ command, text, askedBy, requestId });
  return response(requestId, accepted, warnings);
}

function response(
  requestId: string,
  { number, time, text, again, faultId, uuid }: Awaited<ReturnType<RunControl['submit']>>,
  warnings: readonly string[],
): CommandResponse {
  return { requestId, number, time, text, repeatedRequest: again, faultId, uuid, warnings: [...warnings] };
}

async function ask(
  { run, patience }: Call,
  name: QuestionName,
  { subject, at, seeds }: RequestOf<'why'>,
): Promise<ResponseOf<'why'>> {
  if (subject === '') throw invalid([{ field: 'subject', description: 'expected an address or a name' }]);
  if (subject.length > 256)
    throw invalid([{ field: 'subject', description: 'expected at most 256 characters' }]);
  if (at !== undefined && at > run.now)
    throw invalid([{ field: 'at', description: `${at} ns lies ahead: the run is at ${run.now} ns` }]);
  if (seeds > 1000) throw invalid([{ field: 'seeds', description: 'expected at most 1000' }]);
  return run.ask({ name, subject, at, seeds }, patience);
}

function paced({ time, speed, paused }: Pace): PacingResponse {
  return { time, speed: speed === Infinity ? 0 : speed, paused };
}
