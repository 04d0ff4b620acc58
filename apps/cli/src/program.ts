/** Commands, options and their help. */
import { Command, Option } from 'commander';
import { parseDuration } from '@orrery/spec';
import { catalogueCommand } from './commands/catalogue.ts';
import { demoCommand } from './commands/demo.ts';
import { initCommand } from './commands/init.ts';
import {
  logCatCommand,
  logDiffCommand,
  logExportCommand,
  logVerifyCommand,
  replayCommand,
} from './commands/log.ts';
import { checkRunRequest, runCommand } from './commands/run.ts';
import { slowCommand } from './commands/slow.ts';
import { validateCommand } from './commands/validate.ts';
import { whenCommand } from './commands/when.ts';
import { whyCommand } from './commands/why.ts';
import { addLive, askCommand, exportCommand, type LiveFlags } from './commands/live/index.ts';
import { addNatsOptions } from '@orrery/simulator/over';
import { Refusal } from './exit.ts';
import { addSweep } from './sweep/commands.ts';
import { runOptions, type RunFlags } from './run/options.ts';
import { parseReplicas } from './run/over-nats.ts';
import type { Terminal } from './terminal.ts';

type Done = (exitCode: number) => void;

export function buildProgram(terminal: Terminal, done: Done): Command {
  const program = new Command('orrery')
    .description('A SmartOS datacenter you can hold in your hand: run it, break it, ask why, when and slow.')
    .version('0.1.0')
    .option('--connect <host:port>', 'the live datacenter that a command is for')
    .hook('preAction', (root, command) => {
      const { connect } = root.opts<LiveFlags>();
      if (connect !== undefined) command.setOptionValue('connect', connect);
    })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    })
    .showHelpAfterError('(see --help)');
  addRun(program, terminal, done);
  addSweep(program, terminal, done);
  addDemo(program, terminal, done);
  addFiles(program, terminal, done);
  addQuestions(program, terminal, done);
  addLog(program, terminal, done);
  addLive({ program, terminal, done }, speed);
  return program;
}

function addRun(program: Command, terminal: Terminal, done: Done): void {
  addNatsOptions(program.command('run'))
    .argument('[file]', 'a scenario, a datacenter, or the folder of one')
    .description('run a scenario or a datacenter and print its story')
    .option('--seed <n>', 'seed of chance; default: the scenario’s', wholeNumber('--seed'))
    .option('--for <duration>', 'how much simulated time to run, for instance 15m', duration('--for'))
    .option('--speed <max|n>', 'simulated seconds a wall second, or max', speed, Infinity)
    .option('--log <dir>', 'keep commands, facts and snapshots in this new folder')
    .option('--resume <dir>', 'go on with a run that was stopped or killed')
    .option('--otlp <url>', 'send spans to http://host:4318 or grpc://host:4317')
    .option('--trace-file <file>', 'write spans as OTLP JSON lines')
    .option('--report <file>', 'write a page with charts, to open in a browser')
    .option('--set <path=value>', 'change a setting of the file (repeat for more)', collect, [])
    .option('--from <log@time>', 'start from a moment of another run, for instance runs/a@00:05:00')
    .option('--nats <url>', 'run each service as processes of its own, over this NATS server')
    .option('--replicas <counts>', 'with --nats: for instance compute-node=3,storage=2', parseReplicas, {})
    .option('--json', 'print one object at the end instead of the story')
    .addOption(new Option('--crash-at <point:n>').hideHelp())
    .addHelpText(
      'after',
      `
Examples:
  orrery run scenarios/disk-dies
  orrery run datacenter.yaml --for 10m --set caches=cold
  orrery run scenarios/node-panics --log runs/a --report a.html
  orrery run scenarios/node-panics --nats 127.0.0.1:4222 --replicas compute-node=2
  orrery run --resume runs/a`,
    )
    .action(async (file: string | undefined, flags: RunFlags) => {
      const options = runOptions(flags);
      checkRunRequest(file, flags.resume, options);
      const request = flags.resume === undefined ? { file: file ?? '' } : { resume: flags.resume };
      done(await runCommand(terminal, request, options));
    });
}

function addDemo(program: Command, terminal: Terminal, done: Done): void {
  program
    .command('demo')
    .description('run scenarios/first-light, then ask why, when and slow')
    .addHelpText('after', '\nExample:\n  npm run demo')
    .action(async () => {
      const run = async (args: readonly string[]) => {
        const state = { exitCode: 0 };
        const inner = buildProgram(terminal, (code) => {
          state.exitCode = code;
        });
        await inner.parseAsync(['node', 'orrery', ...args]);
        return state.exitCode;
      };
      done(await demoCommand(terminal, run));
    });
}

function addFiles(program: Command, terminal: Terminal, done: Done): void {
  program
    .command('validate')
    .argument('<files...>')
    .description('check scenario and datacenter files without running them')
    .option('--json')
    .addHelpText('after', '\nExample:\n  orrery validate datacenter.yaml scenario.yaml')
    .action((files: string[], flags: { json?: boolean }) =>
      done(validateCommand(terminal, files, flags.json === true)),
    );
  program
    .command('init')
    .argument('[dir]', 'where to write', '.')
    .description('write a starter datacenter and scenario')
    .addHelpText('after', '\nExample:\n  orrery init my-datacenter && orrery run my-datacenter')
    .action((folder: string) => done(initCommand(terminal, folder)));
  program
    .command('fault')
    .description('what can be broken and mended')
    .command('catalog')
    .argument('[name]', 'one fault or repair')
    .option('--json')
    .addHelpText('after', '\nExamples:\n  orrery fault catalog\n  orrery fault catalog disk.fail')
    .action((name: string | undefined, flags: { json?: boolean }) =>
      done(catalogueCommand(terminal, name, flags.json === true)),
    );
}

interface QuestionFlags extends LiveFlags {
  at?: string;
  log?: string;
  seeds?: number;
}

function addQuestions(program: Command, terminal: Terminal, done: Done): void {
  const question = (name: string, description: string, examples: readonly string[]) =>
    program
      .command(name)
      .argument('<address>', 'a node, VM (alias or UUID), pool, disk, switch, link or client')
      .description(description)
      .option('--log <dir>', 'the log of a run, kept with orrery run --log')
      .option('--connect <host:port>', 'a live datacenter; without it and --log: the one that is up here')
      .option('--token-file <file>', 'file with its bearer token')
      .option('--tls-ca <file>', 'root certificate of a server with TLS')
      .option('--at <time>', 'the moment asked about, 5m10s or 00:05:10.250; default: now, or the log’s end')
      .option('--json', 'print the answer as one object')
      .addHelpText('after', `\nExamples:\n${examples.map((example) => `  orrery ${example}`).join('\n')}`);
  /** From a log when one is named, else from the live datacenter. */
  const ask = async (
    name: 'why' | 'when' | 'slow',
    subject: string,
    flags: QuestionFlags,
    fromLog: (options: { at: string | undefined; log: string; json: boolean }) => number,
  ) => {
    const { at, log, json } = flags;
    if (log !== undefined && flags.connect !== undefined)
      throw new Refusal(`${name}: --log or --connect, not both`);
    done(
      log === undefined
        ? await askCommand(terminal, name, subject, flags)
        : fromLog({ at, log, json: json === true }),
    );
  };
  question('why', 'why something is down, unreachable or slow: its causes, back to the root', [
    'why cn-0002 --log runs/a --at 5m30s',
    'why db-0 --log runs/a --json',
  ]).action((name: string, flags: QuestionFlags) =>
    ask('why', name, flags, (options) => whyCommand(terminal, name, options)),
  );
  question('when', 'when something will be back: forks of the run, each with chance of its own', [
    'when cn-0002 --log runs/a --at 5m30s',
    'when cn-0001/pool/zones --log runs/a --at 4m --seeds 20',
  ])
    .option('--seeds <n>', 'how many forks; default: 40', wholeNumber('--seeds'))
    .action((name: string, flags: QuestionFlags) =>
      ask('when', name, flags, (options) => whenCommand(terminal, name, { ...options, seeds: flags.seeds })),
    );
  question('slow', 'what requests wait for now that they did not before, and why', [
    'slow db-0 --log runs/a --at 8m',
    'slow client/visitors --log runs/a',
  ]).action((name: string, flags: QuestionFlags) =>
    ask('slow', name, flags, (options) => slowCommand(terminal, name, options)),
  );
}

function addLog(program: Command, terminal: Terminal, done: Done): void {
  const log = program.command('log').description('read what a run kept');
  log
    .command('cat')
    .argument('<dir>')
    .description('every fact and command as JSON lines')
    .addHelpText('after', '\nExample:\n  orrery log cat runs/a | head')
    .action((folder: string) => done(logCatCommand(terminal, folder)));
  log
    .command('verify')
    .argument('<dirs...>')
    .description('check every batch and the digest')
    .option('--json')
    .addHelpText('after', '\nExample:\n  orrery log verify runs/a runs/b')
    .action((folders: string[], flags: { json?: boolean }) =>
      done(logVerifyCommand(terminal, folders, flags.json === true)),
    );
  log
    .command('diff')
    .argument('<a>')
    .argument('<b>')
    .description('the first fact in which two runs differ')
    .option('--json')
    .addHelpText('after', '\nExample:\n  orrery log diff runs/a runs/b')
    .action((a: string, b: string, flags: { json?: boolean }) =>
      done(logDiffCommand(terminal, a, b, flags.json === true)),
    );
  log
    .command('export')
    .argument('<dir-or-file>', 'the log; without it, that of the live datacenter')
    .argument('[file]', 'ends in .jsonl or .parquet')
    .description('write every fact and command to a file')
    .option('--connect <host:port>', 'a live datacenter')
    .option('--token-file <file>', 'file with its bearer token')
    .option('--tls-ca <file>', 'root certificate of a server with TLS')
    .addHelpText('after', '\nExamples:\n  orrery log export runs/a a.parquet\n  orrery log export now.jsonl')
    .action(async (first: string, file: string | undefined, flags: LiveFlags) =>
      done(
        file === undefined
          ? await exportCommand(terminal, first, flags)
          : logExportCommand(terminal, first, file),
      ),
    );
  program
    .command('replay')
    .argument('<dir>')
    .description('recompute a run from its seed and commands, and compare every fact')
    .option('--json')
    .addHelpText('after', '\nExample:\n  orrery replay runs/a')
    .action((folder: string, flags: { json?: boolean }) =>
      done(replayCommand(terminal, folder, flags.json === true)),
    );
}

function wholeNumber(name: string): (text: string) => number {
  return (text) => {
    if (!/^[0-9]{1,15}$/.test(text))
      throw new Refusal(`${name}: expected a whole number from 0 on, found "${text}"`);
    return Number(text);
  };
}

function duration(name: string): (text: string) => number {
  return (text) => {
    const ns = parseDuration(text);
    if (ns === undefined || ns <= 0)
      throw new Refusal(`${name}: expected a duration (for instance 15m), found "${text}"`);
    return ns;
  };
}

function speed(text: string): number {
  if (text === 'max') return Infinity;
  const value = Number(text);
  if (!(value > 0)) throw new Refusal(`--speed: expected max or a number above 0, found "${text}"`);
  return value;
}

function collect(text: string, before: string[]): string[] {
  return [...before, text];
}
