/** The job actor: drives the job's statechart and reports each step; the head node does the work. */
import { defineActor, type ActorId, type Context } from '@orrery/actor';
import type { FactRef } from '@orrery/proto';
import { jobMachine, type JobKind } from './machine/job.ts';

export interface JobInit {
  uuid: string;
  kind: JobKind;
  vm: string;
  headnode: ActorId;
}

interface Job extends JobInit {
  execution: string;
  /** When the step in hand began, ns. */
  stepStartedAt: number;
  began: FactRef;
}

function ask(name: string): (ctx: Context, job: Job) => void {
  return (ctx, job) => {
    job.stepStartedAt = ctx.now;
    ctx.send(job.headnode, 'jobStep', { name, text: '' });
  };
}

function setExecution(ctx: Context, job: Job, execution: string, error: string): void {
  ctx.emit('jobStateChanged', {
    job: job.uuid,
    kind: job.kind,
    vm: job.vm,
    executionBefore: job.execution,
    execution,
    error,
  });
  job.execution = execution;
}

function finishStep(ctx: Context, job: Job, step: string, detail: string): void {
  const tookNs = ctx.now - job.stepStartedAt;
  job.stepStartedAt = ctx.now;
  ctx.emit('jobStepFinished', { job: job.uuid, vm: job.vm, step, tookNs, detail });
}

function failJob(ctx: Context, job: Job, error: string): void {
  setExecution(ctx, job, 'failed', error);
  ctx.send(job.headnode, 'jobStep', { name: 'fail', text: error });
}

/** The step that an answer of the head node ends, by the answer's name. */
const stepEnded: Readonly<Record<string, string>> = {
  ticket: 'ticket',
  chosen: 'choose_server',
  reserved: 'reserve_address',
  image: 'ensure_image',
};

export const jobKind = defineActor<Job, JobInit>({
  name: 'job',
  service: 'headnode',
  machine: jobMachine,
  machineInput: (job) => ({ kind: job.kind }),
  init: (ctx, init) => {
    const job: Job = { ...init, execution: 'queued', stepStartedAt: ctx.now, began: { actor: 0, n: 0 } };
    setExecution(ctx, job, 'running', '');
    job.began = ctx.cause;
    return job;
  },
  effects: {
    askAllocationTicket: ask('askAllocationTicket'),
    askVmTicket: ask('askVmTicket'),
    choose: (ctx, job) => ctx.send((job as Job).headnode, 'jobStep', { name: 'choose', text: '' }),
    releaseTicket: (ctx, job) =>
      ctx.send((job as Job).headnode, 'jobStep', { name: 'releaseTicket', text: '' }),
    reserve: (ctx, job) => ctx.send((job as Job).headnode, 'jobStep', { name: 'reserve', text: '' }),
    ensureImage: ask('ensureImage'),
    sendTask: ask('sendTask'),
    succeed: (ctx, job) => {
      setExecution(ctx, job as Job, 'succeeded', '');
      ctx.send((job as Job).headnode, 'jobStep', { name: 'succeed', text: '' });
    },
    fail: (ctx, job, params: { error: string }) => failJob(ctx, job as Job, params.error),
    timeOut: (ctx, job) => failJob(ctx, job as Job, 'the workflow took longer than its limit'),
  },
  on: {
    jobStep: (ctx, job, { name, text }) => {
      if (ctx.cause.n === 0) ctx.cause = job.began;
      const step = stepEnded[name];
      if (step !== undefined) {
        const ticket = job.kind === 'provision' ? 'allocation_ticket' : 'vm_ticket';
        finishStep(ctx, job, step === 'ticket' ? ticket : step, text);
      }
      ctx.dispatch(name === 'failed' ? ({ type: name, error: text } as { type: string }) : { type: name });
    },
    vmTaskStep: (ctx, job, { step, tookNs }) => {
      ctx.emit('jobStepFinished', { job: job.uuid, vm: job.vm, step, tookNs, detail: '' });
    },
  },
});
