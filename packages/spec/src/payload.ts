/** A VM from a real `vmadm create` payload: read, checked, drafted. */
import { complain, warn, type Context } from './context.ts';
import type { Datacenter, Vm } from './model.ts';
import { checkPayload, isFields, type Fields } from './payload-check.ts';
import { withNumbers } from './payload-numbers.ts';
import { formatProblem, newReport, shown, type Path } from './problem.ts';
import { parseItem } from './shape.ts';
import { readSource, siblingPath, valueOf, type Source } from './source.ts';
import { parseDocument, LineCounter } from 'yaml';
import { finishVm, vmUuid, type Fields as FieldPlaces } from './vm.ts';
import { draftOfPayload, type VmDraft } from './vm-draft.ts';
import { behaviourSchema, type Behaviour } from './vm-schema.ts';

/** Names of properties that are accepted without effect, and where the first of them was met. */
export interface IdleProperties {
  readonly names: Set<string>;
  first: { readonly context: Context; readonly path: Path } | undefined;
}

export interface Payload {
  /** Where the payload itself stands: its own file, or the entry. */
  readonly context: Context;
  readonly path: Path;
  readonly value: Fields;
  readonly draft: VmDraft;
}

/** The payload named or written at `path`; undefined after saying what is wrong with it. */
export function readPayload(
  context: Context,
  path: Path,
  written: string | Fields,
  behaviour: Behaviour,
  idle: IdleProperties,
): Payload | undefined {
  if (typeof written !== 'string') return checked(context, path, written, behaviour, idle);
  const file = siblingPath(context.source.file, written);
  if (context.files.read(file) === undefined) {
    complain(
      context,
      path,
      `expected a file with a vmadm create payload, found ${shown(written)}: no such file`,
    );
    return undefined;
  }
  const source = readSource(context.files, file, 'JSON', context.report);
  if (source === undefined) return undefined;
  const inside: Context = { ...context, source };
  const value = valueOf(source, context.report);
  if (isFields(value)) return checked(inside, [], value, behaviour, idle);
  complain(inside, [], `expected a vmadm create payload, a map, found ${shown(value)}`);
  return undefined;
}

function checked(
  context: Context,
  path: Path,
  written: Fields,
  behaviour: Behaviour,
  idle: IdleProperties,
): Payload | undefined {
  const value = withNumbers(written);
  const before = idle.names.size;
  const right = checkPayload(context, path, value, idle.names);
  if (idle.names.size > before) idle.first ??= { context, path };
  const hints = behaviourOf(context, path, value);
  if (!right || hints === undefined) return undefined;
  const given = Object.fromEntries(Object.entries(behaviour).filter(([, one]) => one !== undefined));
  return { context, path, value, draft: draftOfPayload(value, { ...hints, ...given }) };
}

const prefix = 'orrery:';

/** internal_metadata may say how the simulated VM behaves: `orrery:workers`, `orrery:working_set`, … */
function behaviourOf(context: Context, path: Path, value: Fields): Behaviour | undefined {
  const metadata = value['internal_metadata'];
  if (!isFields(metadata)) return {};
  const hints: Record<string, unknown> = {};
  for (const [key, hint] of Object.entries(metadata)) {
    if (key.startsWith(prefix)) hints[key.slice(prefix.length)] = hint;
  }
  const parsed = behaviourSchema.safeParse(hints);
  if (parsed.success) return parsed.data;
  const report = newReport();
  parseItem(behaviourSchema, hints, context.source, [], report);
  for (const problem of report.problems) {
    const at = [...path, 'internal_metadata', `${prefix}${problem.path.split('.').at(-1)!}`];
    complain(context, at, problem.message);
  }
  return undefined;
}

/** Says once what payloads hold that has no effect. */
export function warnOfIdle(idle: IdleProperties): void {
  if (idle.first === undefined) return;
  const names = [...idle.names].sort().join(', ');
  warn(idle.first.context, idle.first.path, `accepted in payloads, without effect: ${names}`);
}

export type PayloadResult =
  | { readonly ok: true; readonly vm: Vm; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * The VM that a payload makes in a running datacenter; addresses that it does not give stay ''. An alias and a number
 * name it; without a UUID in the payload, the one given is its own.
 */
export function vmOfPayload(
  payloadJson: string,
  datacenter: Datacenter,
  identity: { readonly uuid: string; readonly alias: string; readonly node: string },
): PayloadResult {
  const context = payloadContext(payloadJson);
  const value = context.report.problems.length > 0 ? undefined : valueOf(context.source, context.report);
  if (context.report.problems.length > 0)
    return { ok: false, problems: context.report.problems.map(formatProblem) };
  if (!isFields(value)) return { ok: false, problems: ['payload  expected a vmadm create payload, a map'] };
  const idle: IdleProperties = { names: new Set(), first: undefined };
  const payload = checked(context, [], value, {}, idle);
  if (payload === undefined) return { ok: false, problems: context.report.problems.map(formatProblem) };
  const alias = identity.alias === '' ? payload.draft.alias : identity.alias;
  const uuid = identity.uuid === '' ? payload.draft.uuid : identity.uuid;
  const named = {
    uuid: uuid === '' ? vmUuid(datacenter.name, alias) : uuid,
    alias: alias === '' ? uuid : alias,
    group: payload.draft.alias,
    node: identity.node,
    seed: `${datacenter.name}/vm/${uuid}/${alias}`,
  };
  const vm = finishVm(payload.draft, named, {
    stock: {
      packages: [],
      images: datacenter.images,
      networks: datacenter.networks,
      broken: { packages: false, images: false, networks: false },
    },
    fields: payloadFields([]),
    macs: new Set(),
    refuse: (path, message) => complain(context, path, message),
    warn: (path, message) => warn(context, path, message),
  });
  warnOfIdle(idle);
  const { problems, warnings } = context.report;
  if (problems.length > 0) return { ok: false, problems: problems.map(formatProblem) };
  return { ok: true, vm, warnings: warnings.map(formatProblem) };
}

function payloadContext(payloadJson: string): Context {
  const report = newReport();
  const lines = new LineCounter();
  const files = { read: (): string => payloadJson };
  const blank: Source = { file: 'payload', document: parseDocument('{}'), lines, base: [], sets: [] };
  return { files, report, source: readSource(files, 'payload', 'JSON', report) ?? blank };
}

/** Where things stand in a payload. */
export function payloadFields(path: Path): FieldPlaces {
  return {
    image: [...path, 'image_uuid'],
    package: [],
    nic: (i) => [...path, 'nics', i],
    disk: (i) => [...path, 'disks', i],
    behaviour: (name) => [...path, 'internal_metadata', `${prefix}${name}`],
  };
}
