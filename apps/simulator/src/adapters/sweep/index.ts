/** Sweeps as processes: on this machine, or by workers over NATS. */
export { performRun } from './runner.ts';
export { headOf, openResultFolder, type ResultFolder } from './result-folder.ts';
export { sweepHere, type SweepHere } from './sweep-here.ts';
