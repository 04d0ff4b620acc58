/** Sweeps as processes: on this machine, or by workers over NATS. */
export { idOf } from './post.ts';
export { headOf, openResultFolder, type ResultFolder } from './result-folder.ts';
export { sweepHere, type SweepHere } from './sweep-here.ts';
export { sweepOver, type SweepOver } from './sweep-over.ts';
export { workSweeps, type WorkerOptions } from './sweep-worker.ts';
