/** The commands that drive a live datacenter. */
import { parseDuration } from '@orrery/spec';
import { addNatsOptions } from '@orrery/simulator/head';
import { Refusal } from '../../exit.ts';
import { parseReplicas } from '../../run/over-nats.ts';
import { answerCommand } from './ask.ts';
import { completeCommand, completionCommand } from './completion.ts';
import { eventsCommand, type EventFlags } from './events.ts';
import { faultListCommand, injectCommand, repairCommand, revertCommand, type InjectFlags } from './fault.ts';
import { group, live, type LiveFlags, type Registry } from './flags.ts';
import { nodeGetCommand, nodeListCommand, nodeRepairCommand, powerKind } from './node.ts';
import { paceCommand, snapshotCommand, statusCommand } from './status.ts';
import { topCommand } from './top.ts';
import { downCommand, upCommand, type UpFlags } from './up.ts';
import { vmActionCommand, vmCreateCommand, vmGetCommand, vmListCommand } from './vm.ts';

export { askCommand, type AskFlags } from './ask.ts';
export { exportCommand } from './export.ts';
export type { LiveFlags } from './flags.ts';

const collect = (text: string, before: string[]) => [...before, text];

function wholeNumber(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw new Refusal(`expected a whole number from 0 on, found "${text}"`);
  return Number(text);
}

function duration(text: string): number {
  const ns = parseDuration(text);
  if (ns === undefined || ns <= 0)
    throw new Refusal(`--for: expected a duration (for instance 10m), found "${text}"`);
  return ns;
}

/** Registers them all. @param speed reads `--speed` */
export function addLive(registry: Registry, speed: (text: string) => number): void {
  addUp(registry, speed);
  addRun(registry);
  addNodes(registry);
  addVms(registry);
  addFaults(registry);
  addEvents(registry);
  addShell(registry);
}

function addUp({ program, terminal, done }: Registry, speed: (text: string) => number): void {
  addNatsOptions(program.command('up'))
    .argument('[file]', 'a datacenter or scenario; default: the one in this folder, or a small one')
    .description('run a datacenter live: one process that is driven from outside until it is told to stop')
    .option('--speed <n|max>', 'simulated seconds a second', speed, 1)
    .option('--listen <host:port>', 'where the control API answers', '127.0.0.1:7447')
    .option('--log <dir>', 'new folder for commands, facts and snapshots; default: one below runs/')
    .option('--resume <dir>', 'go on with a datacenter that was stopped or killed')
    .option('--seed <n>', 'seed of chance', wholeNumber)
    .option('--set <path=value>', 'change a setting of the file (repeat for more)', collect, [])
    .option('--otlp <url>', 'send spans to http://host:4318 or grpc://host:4317')
    .option('--token-file <file>', 'bearer token that callers must bring; made when it is not there')
    .option('--tls-cert <file>', 'certificate, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--paused', 'wait for "orrery resume" or "orrery step"')
    .option('--quiet', 'tell no story')
    .option('--nats <url>', 'run each service as processes of its own, over this NATS server')
    .option('--replicas <counts>', 'with --nats: for instance compute-node=3,storage=2', parseReplicas, {})
    .option('--no-services', 'with --nats: the services are started elsewhere (orrery-service NAME)')
    .option('--traced', 'with --no-services: a tracer is among them')
    .option('--http <host:port>', 'with --nats: serve /healthz, /readyz and /metrics')
    .option('--runs <dir>', 'with --nats: go on with the newest log in there, or begin one')
    .option('--json', 'print one object when it answers and one when it ends')
    .addHelpText(
      'after',
      `
Examples:
  orrery up datacenter.yaml
  orrery up scenarios/first-light --speed 10 --otlp http://127.0.0.1:4318
  orrery up --resume runs/live-1
  orrery up datacenter.yaml --nats 127.0.0.1:4222 --replicas compute-node=2
  orrery up --listen 0.0.0.0:7447 --token-file ~/.orrery-token`,
    )
    .action(async (file: string | undefined, flags: UpFlags) => done(await upCommand(terminal, file, flags)));
  live(program.command('down').description('end the live datacenter and say its digest'), [
    'down',
    'down --suspend',
  ])
    .option('--suspend', 'leave its log open, to be gone on with by up --resume')
    .action(async (flags: LiveFlags & { suspend?: boolean }) => done(await downCommand(terminal, flags)));
}

function addRun({ program, terminal, done }: Registry): void {
  live(program.command('status').description('time, speed and state of the live datacenter'), [
    'status',
    'status --connect 127.0.0.1:7447 --json',
  ]).action(async (flags: LiveFlags) => done(await statusCommand(terminal, flags)));
  live(program.command('top').description('nodes, VMs, pools and faults at a glance, every second'), [
    'top',
    'top --once',
  ])
    .option('--once', 'print it once')
    .action(async (flags: LiveFlags & { once?: boolean }) => done(await topCommand(terminal, flags)));
  live(program.command('speed').argument('<n|max>').description('simulated seconds a second, from now on'), [
    'speed 10',
    'speed max',
  ]).action(async (text: string, flags: LiveFlags) =>
    done(await paceCommand(terminal, { kind: 'speed', text }, flags)),
  );
  for (const kind of ['pause', 'resume'] as const) {
    const text = kind === 'pause' ? 'hold the live datacenter where it is' : 'let it go on';
    live(program.command(kind).description(text), [kind]).action(async (flags: LiveFlags) =>
      done(await paceCommand(terminal, { kind }, flags)),
    );
  }
  live(
    program
      .command('step')
      .argument('[boundaries]', 'control windows', wholeNumber, 1)
      .description('run so many control windows, then pause'),
    ['step', 'step 20'],
  ).action(async (boundaries: number, flags: LiveFlags) =>
    done(await paceCommand(terminal, { kind: 'step', boundaries }, flags)),
  );
  live(program.command('snapshot').description('put a snapshot into the log now'), ['snapshot']).action(
    async (flags: LiveFlags) => done(await snapshotCommand(terminal, flags)),
  );
}

function addNodes({ program, terminal, done }: Registry): void {
  const node = group(program, 'node', 'compute nodes of the live datacenter');
  live(node.command('list').argument('[match]', 'a glob over addresses', '').description('every node'), [
    'node list',
    "node list 'cn-000*' --json",
  ]).action(async (match: string, flags: LiveFlags) => done(await nodeListCommand(terminal, match, flags)));
  live(node.command('get').argument('<node>').description('one node, its pools and VMs'), [
    'node get cn-0001',
  ]).action(async (address: string, flags: LiveFlags) =>
    done(await nodeGetCommand(terminal, address, flags)),
  );
  const press = async (kind: string, address: string, flags: LiveFlags) =>
    done(await nodeRepairCommand(terminal, kind, address, flags));
  live(node.command('reboot').argument('<node>').description('press its reset button'), [
    'node reboot cn-0001',
  ]).action((address: string, flags: LiveFlags) => press('node.reset', address, flags));
  live(node.command('nmi').argument('<node>').description('send it an NMI: a hung one panics'), [
    'node nmi cn-0001',
  ]).action((address: string, flags: LiveFlags) => press('node.nmi', address, flags));
  live(
    node.command('power').argument('<node>').argument('<state>', 'on or off').description('switch its power'),
    ['node power cn-0001 off'],
  ).action((address: string, word: string, flags: LiveFlags) => press(powerKind(word), address, flags));
}

function addVms({ program, terminal, done }: Registry): void {
  const vm = group(program, 'vm', 'VMs of the live datacenter');
  live(vm.command('list').argument('[match]', 'a glob over aliases', '').description('every VM'), [
    'vm list',
    "vm list 'db-*' --node cn-0001",
  ])
    .option('--node <node>', 'only those of a node')
    .action(async (match: string, flags: LiveFlags & { node?: string }) =>
      done(await vmListCommand(terminal, match, flags)),
    );
  live(vm.command('get').argument('<vm>', 'alias or UUID').description('one VM'), ['vm get db-0']).action(
    async (name: string, flags: LiveFlags) => done(await vmGetCommand(terminal, name, flags)),
  );
  live(vm.command('create').description('provision a VM from a vmadm create payload'), [
    'vm create -f payload.json',
    'vm create -f - --server cn-0001 --count 3 < payload.json',
  ])
    .requiredOption('-f, --file <file>', 'the payload, JSON; - for standard input')
    .option('--server <node>', 'where; default: placement chooses')
    .option('--count <n>', 'how many alike', wholeNumber)
    .option('--request-id <id>', 'the same id again is the same VM')
    .action(
      async (flags: LiveFlags & { file: string; server?: string; count?: number; requestId?: string }) =>
        done(await vmCreateCommand(terminal, flags)),
    );
  for (const action of ['start', 'stop', 'reboot', 'destroy'] as const) {
    live(vm.command(action).argument('<vm>', 'alias or UUID').description(`${action} a VM`), [
      `vm ${action} db-0`,
    ]).action(async (name: string, flags: LiveFlags) =>
      done(await vmActionCommand(terminal, action, name, flags)),
    );
  }
}

function addFaults({ program, terminal, done }: Registry): void {
  const fault = group(program, 'fault', 'what can be broken and mended');
  live(
    fault
      .command('inject')
      .argument('<kind>', 'as in fault catalog')
      .argument('<target>', 'address of the part')
      .description('break a part of the live datacenter'),
    [
      'fault inject disk.fail cn-0001/disk/c0t2d0 --set mode=hang',
      'fault inject link.down cn-0001/nic/ixgbe0 --for 2m',
    ],
  )
    .option('--set <name=value>', 'a parameter (repeat for more)', collect, [])
    .option('--for <duration>', 'mend it by itself after so long', duration)
    .option('--id <id>', 'its name; default: the next number')
    .action(async (kind: string, target: string, flags: InjectFlags) =>
      done(await injectCommand(terminal, kind, target, flags)),
    );
  live(fault.command('list').description('faults injected, and fmd’s cases'), ['fault list --active'])
    .option('--active', 'only those that are not over')
    .action(async (flags: LiveFlags & { active?: boolean }) => done(await faultListCommand(terminal, flags)));
  live(fault.command('revert').argument('<fault>', 'its id').description('take a fault back'), [
    'fault revert f1',
  ]).action(async (id: string, flags: LiveFlags) => done(await revertCommand(terminal, id, flags)));
  live(
    program
      .command('repair')
      .argument('<kind>', 'as in fault catalog')
      .argument('<target>', 'address of the part')
      .description('do what a person with a part or a shell does'),
    ['repair disk.replace cn-0001/disk/c0t2d0', 'repair zpool.clear cn-0001/pool/zones'],
  )
    .option('--set <name=value>', 'a parameter (repeat for more)', collect, [])
    .action(async (kind: string, target: string, flags: LiveFlags & { set: string[] }) =>
      done(await repairCommand(terminal, kind, target, flags)),
    );
}

function addEvents({ program, terminal, done }: Registry): void {
  live(program.command('events').description('what happened, a fact a line; with --follow as it happens'), [
    'events --follow',
    'events --since 5m --type poolStateChanged --type vdevStateChanged --json',
    'events --follow --actor cn-0001',
  ])
    .option('--follow', 'go on with what happens now')
    .option('--type <kind>', 'kind of fact, or a glob (repeat for more)', collect, [])
    .option('--actor <address>', 'who reports it and what is below, or a glob (repeat for more)', collect, [])
    .option('--since <time>', 'from a time of the run on, for instance 5m10s')
    .option('--after <cursor>', 'from a cursor on, as --json prints it')
    .option('--all', 'also what is reported every second')
    .action(async (flags: EventFlags) => done(await eventsCommand(terminal, flags)));
}

function addShell({ program, terminal, done }: Registry): void {
  program
    .command('completion')
    .argument('<shell>', 'bash')
    .description('print the shell’s tab completion')
    .addHelpText('after', '\nExample:\n  source <(orrery completion bash)')
    .action((shell: string) => done(completionCommand(terminal, shell)));
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => done(await completeCommand(terminal, program, words)));
  program
    .command('answer', { hidden: true })
    .argument('<dir>')
    .argument('<question>')
    .action((folder: string, question: string) => done(answerCommand(terminal, folder, question)));
}
