/** From the datacenter file to the actors of the data plane: plans, targets, who talks to whom. */
import type { Placement } from '@orrery/actor';
import type { Datacenter, Program, Step, Vm, Workload } from '@orrery/spec';
import type { ClientConfig } from '../client/state.ts';
import { spread, type CallPlan, type ProgramPlan, type StepPlan, type Target } from './model/plan.ts';
import type { LoadSource, OsConfig, ZoneTraits } from './state.ts';

/** Everything outside, as an endpoint of the fabric. */
export const BORDER = 'border';

/**
 * What a datacenter file, or an operator, may set of the kernel's models. 0 turns off: the I/O throttle's delay, the zones'
 * priorities in its fair shares (all are alike then), the zone scheduler of the disks' queues.
 */
export const tunables: readonly string[] = [
  'zfs_zone_delay_enable',
  'zfs_zone_priority_enable',
  'zfs_zone_schedule_enable',
];

interface Directory {
  datacenter: Datacenter;
  vms: Map<string, Vm>;
  programs: Map<string, Program>;
}

/** Placements of every os and of every group of clients outside. */
export function placeDataPlane(datacenter: Datacenter): Placement[] {
  const directory: Directory = {
    datacenter,
    vms: new Map(datacenter.vms.map((vm) => [vm.uuid, vm])),
    programs: new Map(datacenter.programs.map((program) => [program.name, program])),
  };
  const asked = programsAsked(directory);
  const callers = callersOf(directory, asked);
  const placements: Placement[] = [];
  const vmsOf = new Map<string, Vm[]>();
  for (const vm of datacenter.vms) vmsOf.set(vm.node, [...(vmsOf.get(vm.node) ?? []), vm]);
  for (const node of datacenter.nodes) {
    const vms = [...(vmsOf.get(node.address) ?? []), ...(vmsOf.get('') ?? [])];
    placements.push({
      address: `${node.address}/os`,
      kind: 'os',
      locality: `compute:${node.address}`,
      init: osConfig(directory, node.address, vms, asked, callers),
    });
  }
  for (const workload of datacenter.workloads) {
    if (workload.from.kind !== 'outside') continue;
    placements.push({
      address: `client/${workload.name}`,
      kind: 'client',
      locality: `client:${workload.name}`,
      init: clientConfig(directory, workload),
    });
  }
  return placements;
}

/** The programs that each VM may be asked to run, by uuid. */
function programsAsked({ datacenter, programs }: Directory): Map<string, Set<string>> {
  const asked = new Map<string, Set<string>>();
  const ask = (uuid: string, name: string): void => {
    let names = asked.get(uuid);
    if (names === undefined) asked.set(uuid, (names = new Set()));
    if (names.has(name)) return;
    names.add(name);
    for (const step of programs.get(name)?.steps ?? [])
      if (step.op === 'call') for (const to of step.to) ask(to, step.program);
  };
  for (const workload of datacenter.workloads) for (const uuid of workload.to) ask(uuid, workload.program);
  return asked;
}

/** Who calls each VM: uuids, and BORDER. */
function callersOf(
  { datacenter, programs }: Directory,
  asked: Map<string, Set<string>>,
): Map<string, Set<string>> {
  const callers = new Map<string, Set<string>>();
  const add = (to: string, from: string): void => {
    const known = callers.get(to);
    if (known === undefined) callers.set(to, new Set([from]));
    else known.add(from);
  };
  for (const { from, to } of datacenter.workloads)
    for (const uuid of to)
      if (from.kind === 'outside') add(uuid, BORDER);
      else for (const source of from.uuids) add(uuid, source);
  for (const [uuid, names] of asked)
    for (const name of names)
      for (const step of programs.get(name)?.steps ?? [])
        if (step.op === 'call') for (const to of step.to) add(to, uuid);
  return callers;
}

function osConfig(
  directory: Directory,
  node: string,
  vms: readonly Vm[],
  asked: Map<string, Set<string>>,
  callers: Map<string, Set<string>>,
): OsConfig {
  const programs: Record<string, ProgramPlan> = {};
  const traits: Record<string, ZoneTraits> = {};
  const loads: LoadSource[] = [];
  const peers = new Map<string, Set<string>>();
  const watch = (network: string, peer: string): void => {
    if (peer === node || peer === '') return;
    const known = peers.get(network);
    if (known === undefined) peers.set(network, new Set([peer]));
    else known.add(peer);
  };
  for (const vm of vms) {
    traits[vm.uuid] = traitsOf(vm);
    for (const name of asked.get(vm.uuid) ?? []) {
      const program = directory.programs.get(name);
      if (program !== undefined) programs[name] ??= programPlan(directory, program, vm);
    }
    for (const caller of callers.get(vm.uuid) ?? []) {
      const from = directory.vms.get(caller);
      watch(sharedNetwork(from, vm), from === undefined ? BORDER : from.node);
    }
    loads.push(...loadsOf(directory, vm));
  }
  for (const { steps } of [...Object.values(programs), ...loads.map(({ call }) => ({ steps: [call] }))])
    for (const step of steps)
      if (step.op === 'call') for (const target of step.targets) watch(target.network, target.node);
  return {
    node,
    pool: `${node}/pool/zones`,
    programs,
    traits,
    loads,
    peers: [...peers].map(([network, set]) => ({ network, peers: [...set].sort() })),
    switches: {
      delay: (directory.datacenter.tunables['zfs_zone_delay_enable'] ?? 1) !== 0,
      priority: (directory.datacenter.tunables['zfs_zone_priority_enable'] ?? 1) !== 0,
    },
  };
}

function traitsOf(vm: Vm): ZoneTraits {
  return {
    alias: vm.alias,
    recordBytes: vm.recordSizeBytes,
    workingSetBytes: vm.workingSetBytes,
    dataBytes: vm.dataBytes,
    residentBytes: vm.residentBytes,
    workers: vm.workers,
    backlog: vm.backlog,
    network: primaryNetwork(vm),
  };
}

function primaryNetwork(vm: Vm): string {
  return (vm.nics.find((nic) => nic.primary) ?? vm.nics[0])?.network ?? '';
}

/** The network that a call between two VMs takes; from outside it is the callee's primary one. */
function sharedNetwork(from: Vm | undefined, to: Vm): string {
  const shared = to.nics.find((nic) => from?.nics.some((other) => other.network === nic.network));
  return shared?.network ?? primaryNetwork(to);
}

function targetsOf(directory: Directory, from: Vm | undefined, uuids: readonly string[]): Target[] {
  const targets: Target[] = [];
  for (const uuid of uuids) {
    const vm = directory.vms.get(uuid);
    if (vm === undefined) continue;
    targets.push({
      uuid,
      alias: vm.alias,
      node: vm.node,
      os: `${vm.node}/os`,
      network: sharedNetwork(from, vm),
    });
  }
  return targets;
}

function programPlan(directory: Directory, program: Program, vm: Vm): ProgramPlan {
  return {
    name: program.name,
    steps: program.steps.map((step) => stepPlan(directory, step, vm)),
    replyBytes: program.replyBytes,
  };
}

function stepPlan(directory: Directory, step: Step, vm: Vm): StepPlan {
  switch (step.op) {
    case 'cpu':
      return { op: 'cpu', time: spread(step.distribution, step.ns) };
    case 'memory':
      return { op: 'memory', bytes: step.bytes };
    case 'call':
      return {
        op: 'call',
        targets: targetsOf(directory, vm, step.to),
        program: step.program,
        timeoutNs: step.timeoutNs,
        retries: step.retries,
        requestBytes: step.requestBytes,
        turn: 0,
      };
    default: {
      const { op, bytes, count, pattern, skew } = step;
      return { op, bytes, count, parallel: step.op === 'read' ? step.parallel : 1, pattern, skew };
    }
  }
}

function callOf(directory: Directory, from: Vm | undefined, workload: Workload): CallPlan {
  return {
    op: 'call',
    targets: targetsOf(directory, from, workload.to),
    program: workload.program,
    timeoutNs: workload.timeoutNs,
    retries: workload.retries,
    requestBytes: workload.requestBytes,
    turn: 0,
  };
}

/** Workloads that a VM runs: each of the VMs has an equal part of an open rate, and of the clients in turn. */
function loadsOf(directory: Directory, vm: Vm): LoadSource[] {
  const loads: LoadSource[] = [];
  for (const workload of directory.datacenter.workloads) {
    if (workload.from.kind !== 'vms') continue;
    const { uuids } = workload.from;
    const index = uuids.indexOf(vm.uuid);
    if (index < 0) continue;
    const { loop } = workload;
    const parts = uuids.length;
    const clients = loop.kind === 'open' ? 0 : Math.floor((loop.clients + parts - 1 - index) / parts);
    if (loop.kind === 'closed' && clients === 0) continue;
    loads.push({
      uuid: vm.uuid,
      call: callOf(directory, vm, workload),
      wait: { op: 'cpu', time: waitOf(workload, parts) },
      clients,
      startAt: workload.startAtNs,
      stopAt: workload.stopAtNs,
    });
  }
  return loads;
}

function waitOf({ loop }: Workload, parts: number): ReturnType<typeof spread> {
  return loop.kind === 'open'
    ? spread(loop.arrival, (1_000_000_000 * parts) / loop.ratePerSecond)
    : spread(loop.think, loop.thinkNs);
}

function clientConfig(directory: Directory, workload: Workload): ClientConfig {
  return {
    call: callOf(directory, undefined, workload),
    wait: waitOf(workload, 1),
    clients: workload.loop.kind === 'open' ? 0 : workload.loop.clients,
    startAt: workload.startAtNs,
    stopAt: workload.stopAtNs,
  };
}
