/**
 * A job takes one VM through a workflow, a step at a time; it does not do the steps' work, it waits for them.
 *
 * Why.       A person sees "provisioning" for half a minute; which step it was in tells what to look at.
 * Rules.     1. Provision: allocation ticket, choose server, reserve address, ensure image, then the node's own clone, configure, boot.
 *            2. The allocation ticket is held while a server is chosen and let go after: one placement at a time.
 *            3. Any other action waits for the VM's ticket, then is the node's own task.
 *            4. A step that fails, or a task that is not answered in its time, fails the job and lets go what it holds.
 * Law.       Work of the control plane itself takes `chooseNs`, `reserveNs`, `dispatchNs`; time limits are those of sdc-vmapi's workflows.
 * State.     Made for a command; ends in `succeeded` or `failed` and is kept for its facts.
 */
import { setup } from 'xstate';
import { MS, SECOND } from '@orrery/kernel';

export type JobKind = 'provision' | 'start' | 'stop' | 'reboot' | 'destroy';

export interface JobInput {
  kind: JobKind;
}

export type JobEvent =
  | { type: 'ticket' }
  | { type: 'chosen' }
  | { type: 'reserved' }
  | { type: 'image' }
  | { type: 'done' }
  | { type: 'failed'; error: string };

/** Control-plane work, ns: estimates for a datacenter of a few hundred servers. Too small hides the ticket's queue, too large invents one. */
export const jobWork = { chooseNs: 600 * MS, reserveNs: 250 * MS, dispatchNs: 500 * MS } as const;

/** Time limits in ns, from sdc-vmapi lib/workflows. */
export const jobLimits = {
  provision: 3810 * SECOND,
  start: 410 * SECOND,
  stop: 530 * SECOND,
  reboot: 590 * SECOND,
  destroy: 180 * SECOND,
} as const;

export const jobMachine = setup({
  types: {} as { context: JobInput; events: JobEvent; input: JobInput },
  delays: {
    choose: jobWork.chooseNs,
    reserve: jobWork.reserveNs,
    dispatch: jobWork.dispatchNs,
    limit: ({ context }) => jobLimits[context.kind],
  },
  guards: { provisions: ({ context }) => context.kind === 'provision' },
  actions: {
    askAllocationTicket: () => undefined,
    askVmTicket: () => undefined,
    choose: () => undefined,
    releaseTicket: () => undefined,
    reserve: () => undefined,
    ensureImage: () => undefined,
    sendTask: () => undefined,
    succeed: () => undefined,
    fail: () => undefined,
    timeOut: () => undefined,
  },
}).createMachine({
  id: 'job',
  context: ({ input }) => ({ kind: input.kind }),
  initial: 'running',
  states: {
    running: {
      initial: 'begin',
      on: {
        failed: {
          target: 'failed',
          actions: {
            type: 'fail',
            params: ({ event }: { event: { error: string } }) => ({ error: event.error }),
          },
        },
      },
      after: { limit: { target: 'failed', actions: 'timeOut' } },
      states: {
        begin: { always: [{ guard: 'provisions', target: 'allocationTicket' }, { target: 'vmTicket' }] },
        allocationTicket: { entry: 'askAllocationTicket', on: { ticket: 'chooseServer' } },
        chooseServer: {
          after: { choose: { actions: 'choose' } },
          on: { chosen: 'reserveAddress' },
          exit: 'releaseTicket',
        },
        reserveAddress: { after: { reserve: { actions: 'reserve' } }, on: { reserved: 'ensureImage' } },
        ensureImage: { entry: 'ensureImage', on: { image: 'dispatch' } },
        vmTicket: { entry: 'askVmTicket', on: { ticket: 'dispatch' } },
        dispatch: { after: { dispatch: 'task' } },
        task: { entry: 'sendTask', on: { done: '#job.succeeded' } },
      },
    },
    succeeded: { entry: 'succeed' },
    failed: {},
  },
});
