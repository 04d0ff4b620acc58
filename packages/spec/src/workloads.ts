/** Workloads and programs: names to UUIDs, shorthand to steps, and no program that ends up calling itself. */
import { complain, refuseDuplicates, type Context } from './context.ts';
import type { Vm } from './model.ts';
import { byCodeUnit, isGlob, matchesGlob, suggest } from './near.ts';
import { shown, type Path } from './problem.ts';
import type { Item, Section } from './shape.ts';
import type {
  Distribution,
  Program,
  Step,
  Workload,
  WorkloadLoop,
  WorkloadSource,
} from './workload-model.ts';
import type { DistributionEntry, ProgramEntry, StepEntry, WorkloadEntry } from './workload-schema.ts';

/** VMs as files select them. */
export interface VmIndex {
  readonly vms: readonly Vm[];
  /** Whether some VMs of the file are too wrong to be here. */
  readonly broken: boolean;
  /** Whether a VM without a node asked for none: where something is wrong, others are left without. */
  readonly placed: boolean;
}

/** UUIDs of the VMs with these names, groups, UUIDs or globs, sorted by alias; complains of what selects none. */
export function selectVms(
  context: Context,
  path: Path,
  written: readonly string[],
  index: VmIndex,
): string[] {
  const chosen = new Set<Vm>();
  for (const [i, name] of written.entries()) {
    const found = index.vms.filter(
      (vm) =>
        vm.alias === name ||
        vm.group === name ||
        vm.uuid === name ||
        (isGlob(name) && matchesGlob(name, vm.alias)),
    );
    for (const vm of found) chosen.add(vm);
    if (found.length > 0 || index.broken) continue;
    const names = [...new Set(index.vms.flatMap((vm) => [vm.group, vm.alias]))];
    const hint = isGlob(name) ? 'no VM matches' : suggest(name, names.slice(0, 10_000));
    const at = written.length === 1 ? path : [...path, i];
    complain(context, at, `expected a VM, a group or a glob, found ${shown(name)}: ${hint}`);
  }
  return [...chosen].sort((a, b) => byCodeUnit(a.alias, b.alias)).map((vm) => vm.uuid);
}

/** VMs that are called: their address must be known when the run begins. */
function selectTargets(
  context: Context,
  path: Path,
  written: readonly string[],
  index: VmIndex,
): readonly string[] {
  const uuids = selectVms(context, path, written, index);
  if (!index.placed) return uuids;
  const homeless = index.vms.filter((vm) => vm.node === '' && uuids.includes(vm.uuid));
  if (homeless.length > 0) {
    const [{ alias }] = homeless as [Vm];
    const others = homeless.length === 1 ? '' : ` and ${homeless.length - 1} more`;
    const rule =
      'only VMs whose node is known before the run can be called; name a node, or leave `node` out';
    complain(context, path, `expected VMs with a node, found ${alias}${others} with \`node: any\`: ${rule}`);
  }
  return uuids;
}

function distributionOf(
  entry: DistributionEntry | undefined,
  usual: Distribution['kind'] & ('constant' | 'exponential'),
): Distribution {
  if (entry === undefined) return { kind: usual };
  if (typeof entry === 'string') return { kind: entry };
  return 'lognormal' in entry
    ? { kind: 'lognormal', variation: entry.lognormal }
    : { kind: 'pareto', shape: entry.pareto };
}

const second = 1_000_000_000;

export function expandPrograms(context: Context, section: Section<ProgramEntry>, index: VmIndex): Program[] {
  const names = section.items.map((item) => item.name);
  const replies = new Map(section.items.map((item) => [item.name, item.value.reply ?? 1024]));
  const programs = section.items.map((item) => ({
    name: item.name,
    replyBytes: item.value.reply ?? 1024,
    steps: item.value.steps.map((step, i) => {
      const path = [...item.path, 'steps', i];
      return stepOf(context, path, step, index, { names, replies, broken: section.broken });
    }),
  }));
  refuseCycles(context, section, programs);
  return programs.sort((a, b) => byCodeUnit(a.name, b.name));
}

interface Known {
  readonly names: readonly string[];
  readonly replies: ReadonlyMap<string, number>;
  readonly broken: boolean;
}

function stepOf(context: Context, path: Path, step: StepEntry, index: VmIndex, known: Known): Step {
  if (step.cpu !== undefined) {
    return { op: 'cpu', ns: step.cpu.time, distribution: distributionOf(step.cpu.distribution, 'constant') };
  }
  if (step.memory !== undefined) return { op: 'memory', bytes: step.memory };
  if (step.read !== undefined) {
    const { parallel = 1 } = step.read;
    return { op: 'read', ...access(step.read), parallel: Math.min(parallel, step.read.count ?? 1) };
  }
  if (step.write !== undefined) return { op: 'write', ...access(step.write) };
  if (step['sync-write'] !== undefined) return { op: 'sync-write', ...access(step['sync-write']) };
  const call = step.call!;
  checkProgram(context, [...path, 'call', 'program'], call.program, known.names, known.broken);
  return {
    op: 'call',
    to: selectTargets(context, [...path, 'call', 'to'], call.to, index),
    program: call.program,
    timeoutNs: call.timeout ?? 10 * second,
    retries: call.retries ?? 0,
    requestBytes: call.request ?? 512,
    replyBytes: known.replies.get(call.program) ?? 1024,
  };
}

type Access = NonNullable<StepEntry['write']>;

function access(entry: Access) {
  const pattern = entry.pattern ?? 'uniform';
  return {
    bytes: entry.bytes,
    count: entry.count ?? 1,
    pattern,
    skew: pattern === 'zipf' ? (entry.skew ?? 1) : 0,
  };
}

function checkProgram(
  context: Context,
  path: Path,
  name: string,
  names: readonly string[],
  broken: boolean,
): void {
  if (names.includes(name) || broken) return;
  complain(context, path, `expected the name of a program, found ${shown(name)}: ${suggest(name, names)}`);
}

/** A program that calls itself, through others or not, would never end. */
function refuseCycles(context: Context, section: Section<ProgramEntry>, programs: readonly Program[]): void {
  const callsOf = new Map(
    programs.map((program) => [
      program.name,
      program.steps.flatMap((step) => (step.op === 'call' ? [step.program] : [])),
    ]),
  );
  const state = new Map<string, 'open' | 'done'>();
  const visit = (name: string, trail: readonly string[]): void => {
    if (state.get(name) === 'open') {
      const cycle = [...trail.slice(trail.indexOf(name)), name];
      const item = section.items.find((one) => one.name === name)!;
      complain(context, item.path, `calls itself: ${cycle.join(' → ')}`, 'key');
    }
    if (state.has(name)) return;
    state.set(name, 'open');
    for (const next of callsOf.get(name) ?? []) visit(next, [...trail, name]);
    state.set(name, 'done');
  };
  for (const item of section.items) visit(item.name, []);
}

export function expandWorkloads(
  context: Context,
  section: Section<WorkloadEntry>,
  programs: Section<ProgramEntry>,
  index: VmIndex,
): Workload[] {
  refuseDuplicates(context, section.items, 'workload', (item) => ({ name: item.name, field: ['name'] }));
  return section.items
    .map((item) => expandWorkload(context, item, programs, index))
    .sort((a, b) => byCodeUnit(a.name, b.name));
}

function expandWorkload(
  context: Context,
  item: Item<WorkloadEntry>,
  programs: Section<ProgramEntry>,
  index: VmIndex,
): Workload {
  const { value, path } = item;
  const names = programs.items.map((program) => program.name);
  checkProgram(context, [...path, 'program'], value.program, names, programs.broken);
  const stopAtNs = value.stop ?? Number.MAX_SAFE_INTEGER;
  const startAtNs = value.start ?? 0;
  if (stopAtNs <= startAtNs) complain(context, [...path, 'stop'], 'expected a time after the start');
  return {
    name: value.name,
    from: sourceOf(context, [...path, 'from'], value.from, index),
    to: selectTargets(context, [...path, 'to'], value.to, index),
    loop: loopOf(context, item),
    program: value.program,
    requestBytes: value.request ?? 512,
    timeoutNs: value.timeout ?? 30 * second,
    retries: value.retries ?? 0,
    startAtNs,
    stopAtNs,
  };
}

function sourceOf(
  context: Context,
  path: Path,
  from: readonly string[] | undefined,
  index: VmIndex,
): WorkloadSource {
  if (from === undefined || (from.length === 1 && from[0] === 'outside')) return { kind: 'outside' };
  return { kind: 'vms', uuids: selectVms(context, path, from, index) };
}

function loopOf(context: Context, item: Item<WorkloadEntry>): WorkloadLoop {
  const { value, path } = item;
  const { rate } = value;
  const open = rate !== undefined;
  if (open === (value.clients !== undefined) && !item.partial) {
    complain(
      context,
      path,
      `expected either a rate (open loop) or clients (closed loop), found ${open ? 'both' : 'neither'}`,
    );
  }
  const strangers = open ? (['think', 'think_distribution'] as const) : (['arrival'] as const);
  for (const key of strangers) {
    if (value[key] === undefined) continue;
    complain(context, [...path, key], `does not go with ${open ? 'a rate' : 'clients'}`, 'key');
  }
  if (open) {
    return { kind: 'open', ratePerSecond: rate, arrival: distributionOf(value.arrival, 'exponential') };
  }
  const think = distributionOf(value.think_distribution, 'exponential');
  return { kind: 'closed', clients: value.clients ?? 1, thinkNs: value.think ?? 0, think };
}
