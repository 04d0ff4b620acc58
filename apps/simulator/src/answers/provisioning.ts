/** Why a VM that was asked for is not there yet, or took so long: its job's steps, longest first. */
import { formatNs } from '@orrery/spec';
import type { WhyAnswer } from './answer.ts';
import { causesOf, stepOf } from './causes.ts';
import { refOf, type Fact } from './fact.ts';
import type { FactIndex } from './fact-index.ts';
import { counted } from './part-name.ts';
import { stepWords } from './words.ts';
import type { Subject } from './subject.ts';

/** A VM whose provisioning is under way, failed, or is all that ever happened to it; the head node, all of them. */
export function explainProvisioning(index: FactIndex, subject: Subject): WhyAnswer | undefined {
  const jobs = index.ofKind('jobStateChanged').filter((fact) => fact.payload.kind === 'provision');
  const mine =
    subject.kind === 'headnode' ? jobs : jobs.filter((fact) => fact.payload.vm === subject.vm?.uuid);
  const last = mine.at(-1);
  if (last === undefined) return undefined;
  const { execution, error, vm } = last.payload;
  const state = index.of(subject.address, 'zoneStateChanged').at(-1)?.payload.state;
  if (subject.kind === 'vm' && execution === 'succeeded' && state !== 'running' && state !== 'provisioning')
    return undefined;
  if (subject.kind === 'vm' && execution === 'succeeded' && served(index, subject)) return undefined;
  const steps = index
    .ofKind('jobStepFinished')
    .filter((fact) => subject.kind === 'headnode' || fact.payload.vm === vm);
  const longest = longestStep(steps);
  const begun = mine.find((fact) => fact.payload.job === last.payload.job) ?? last;
  const took = formatNs((execution === 'succeeded' ? last.time : index.until) - begun.time);
  const verb =
    execution === 'failed'
      ? `failed: ${error}`
      : execution === 'succeeded'
        ? `took ${took}`
        : `has been under way for ${took}`;
  const asked = causesOf(index, begun).filter((fact) => fact.kind === 'commandAccepted');
  const shown = longest === undefined ? [last] : [longest, ...asked];
  return {
    question: 'why',
    subject,
    at: index.until,
    verdict: (subject.kind === 'headnode' ? openJobs(index) === 0 : execution === 'succeeded')
      ? 'up'
      : 'provisioning',
    headline: subject.kind === 'headnode' ? summary(mine) : `${subject.name}: provisioning ${verb}.`,
    steps: shown.map((fact, depth) =>
      fact === longest ? { ...stepOf(fact, depth), text: stepWords(longest.payload) } : stepOf(fact, depth),
    ),
    root:
      longest === undefined
        ? undefined
        : {
            kind: 'queue',
            part: longest.payload.step,
            text: stepWords(longest.payload),
            fact: refOf(longest),
          },
    injection: undefined,
    now: [queueNow(index)],
  };
}

function served(index: FactIndex, subject: Subject): boolean {
  return index.of(subject.address, 'zoneServed').some((fact) => fact.payload.requests > 0);
}

function longestStep(steps: readonly Fact<'jobStepFinished'>[]): Fact<'jobStepFinished'> | undefined {
  let longest: Fact<'jobStepFinished'> | undefined;
  for (const step of steps)
    if (longest === undefined || step.payload.tookNs > longest.payload.tookNs) longest = step;
  return longest;
}

function summary(jobs: readonly Fact<'jobStateChanged'>[]): string {
  const states = new Map<string, string>();
  for (const fact of jobs) states.set(fact.payload.job, fact.payload.execution);
  const done = [...states.values()].filter((state) => state === 'succeeded').length;
  return `The head node has provisioned ${done} of ${counted(states.size, 'VM')} asked for.`;
}

function queueNow(index: FactIndex): string {
  return `${counted(openJobs(index), 'job')} under way`;
}

function openJobs(index: FactIndex): number {
  const states = new Map<string, string>();
  for (const { payload } of index.ofKind('jobStateChanged')) states.set(payload.job, payload.execution);
  return [...states.values()].filter((state) => !['succeeded', 'failed', 'canceled'].includes(state)).length;
}
