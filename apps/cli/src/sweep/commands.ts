/** `sweep` and `worker`, their options and their help. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseDuration } from '@orrery/spec';
import { addNatsOptions } from '@orrery/simulator/over';
import type { Terminal } from '../terminal.ts';
import { sweepCommand, type SweepFlags } from '../commands/sweep.ts';
import { workerCommand, type WorkerFlags } from '../commands/worker.ts';

export function addSweep(program: Command, terminal: Terminal, done: (exitCode: number) => void): void {
  addNatsOptions(program.command('sweep'))
    .argument('<file>', 'a scenario, a datacenter, or the folder of one')
    .description('run a scenario with many seeds and settings, and compare')
    .requiredOption('--seeds <seeds>', 'for instance 1..500 or 1,2,7')
    .option('--vary <path=a,b,c>', 'a setting and its values (repeat for their product)', collect, [])
    .option('--set <path=value>', 'a setting that is the same in every run (repeat for more)', collect, [])
    .option('--for <duration>', 'how much simulated time to run, for instance 15m', durationNs)
    .option('--jobs <n>', 'processes on this machine; default: its cores', count)
    .option('--nats <url>', 'let workers do the runs, over this NATS server (see orrery worker)')
    .option('--id <name>', 'with --nats: what the sweep is found by again; default: a hash of what it is')
    .option('--out <dir>', 'keep each result in this folder; a second time, do what is missing there')
    .option('--csv <file>', 'write a line a run, with its settings, figures and checks')
    .option('--dry-run', 'say what would be run')
    .option('--json', 'print one object at the end instead of tables')
    .addHelpText(
      'after',
      `
Exit code 0: every run came to its end and every check held; 1 otherwise.

Examples:
  orrery sweep scenarios/disk-dies --seeds 1..20
  orrery sweep scenarios/limping-disk --seeds 1..50 --vary datacenter.caches=cold,warm --csv limping.csv
  orrery sweep scenarios/node-panics --seeds 1..500 --out runs/panics
  orrery sweep scenarios/node-panics --seeds 1..500 --nats 127.0.0.1:4222`,
    )
    .action(async (file: string, flags: SweepFlags) => done(await sweepCommand(terminal, file, flags)));
  addNatsOptions(program.command('worker'))
    .description('do runs of sweeps from a NATS server until told to stop')
    .addOption(
      new Option('--nats <url>', 'the server, for instance 127.0.0.1:4222')
        .env('ORRERY_NATS_URL')
        .makeOptionMandatory(),
    )
    .option('--jobs <n>', 'runs at once; default: the cores of this machine', count)
    .addHelpText(
      'after',
      `
SIGTERM or Ctrl-C: what ends within 8 s is finished, the rest goes to another worker; a second one: at once.

Examples:
  orrery worker --nats 127.0.0.1:4222
  orrery worker --nats nats://broker:4222 --jobs 2`,
    )
    .action(async (flags: WorkerFlags) => done(await workerCommand(terminal, flags)));
}

function collect(text: string, before: string[]): string[] {
  return [...before, text];
}

function count(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('Expected a number from 1 to 999.');
  return Number(text);
}

function durationNs(text: string): number {
  const ns = parseDuration(text);
  if (ns === undefined || ns <= 0) throw new InvalidArgumentError('Expected a duration, for instance 15m.');
  return ns;
}
