/** Jobs over NATS JetStream, taken by whoever has time. */
export { openJobBoard, type JobBoard, type JobName } from './job-board.ts';
export { takeJobs, type Job, type TakeOptions, type Verdict } from './take-jobs.ts';
