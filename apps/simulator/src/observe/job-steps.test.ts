import { expect, test } from 'vitest';
import type { HostFact } from '@orrery/actor';
import { JobSteps } from './job-steps.ts';

const step = (name: string, tookNs: number) =>
  ({ kind: 'jobStepFinished', time: 0, payload: { step: name, tookNs } }) as unknown as HostFact;
const job = (time: number, execution: string) =>
  ({
    kind: 'jobStateChanged',
    time,
    payload: { job: 'j', kind: 'provision', execution },
  }) as unknown as HostFact;

test('steps in the order of a job, with their median and longest', () => {
  const steps = new JobSteps();
  const facts = [
    job(0, 'running'),
    step('boot', 9),
    ...[5, 1, 2].map((took) => step('clone', took)),
    job(20, 'succeeded'),
  ];
  for (const fact of facts) steps.observe(fact);
  expect(steps.rows()).toEqual([
    { step: 'clone', count: 3, medianNs: 2, maxNs: 5 },
    { step: 'boot', count: 1, medianNs: 9, maxNs: 9 },
    { step: 'provision as a whole', count: 1, medianNs: 20, maxNs: 20 },
  ]);
});
