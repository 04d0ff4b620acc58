/** VM commands of a timeline: created as clients create them, by payload; started, stopped, rebooted, destroyed by name. */
import { complain, warn, type Context } from './context.ts';
import type { Expanded } from './datacenter.ts';
import { payloadOfDraft } from './draft-payload.ts';
import { payloadFields, readPayload, type IdleProperties } from './payload.ts';
import { shown, type Path } from './problem.ts';
import type { Catalogue, Command } from './scenario-model.ts';
import type { TimelineItem } from './scenario-schema.ts';
import type { Item } from './shape.ts';
import { resolveTarget } from './targets.ts';
import { finishVm, vmUuid, type Fields } from './vm.ts';
import { draftOfEntry, type VmDraft } from './vm-draft.ts';
import { selectVms } from './workloads.ts';

export interface TimelineScope {
  readonly context: Context;
  readonly expanded: Expanded;
  readonly catalogue: Catalogue;
  readonly durationNs: number;
  readonly idle: IdleProperties;
}

/** An item of the timeline, and where it stands. */
export type Entry = Item<TimelineItem> & { readonly name: string };

export function vmCommands(scope: TimelineScope, item: Entry): Command[] {
  const { value, path } = item;
  const action = value.vm!;
  if (action === 'create') return createVms(scope, item);
  for (const key of ['payload', 'entry', 'server', 'count'] as const) {
    if (value[key] !== undefined)
      complain(scope.context, [...path, key], `does not go with vm: ${action}`, 'key');
  }
  if (value.on === undefined) {
    complain(scope.context, path, 'expected "on", the VMs, found nothing');
    return [];
  }
  const uuids = selectVms(scope.context, [...path, 'on'], [value.on], scope.expanded.index);
  return uuids.map((uuid) => ({ kind: 'vm', action, uuid, payloadJson: '', server: '', count: 1 }));
}

function createVms(scope: TimelineScope, item: Entry): Command[] {
  const { value, path } = item;
  const { context } = scope;
  if ((value.payload === undefined) === (value.entry === undefined)) {
    complain(
      context,
      path,
      `expected either a payload or an entry, found ${value.entry ? 'both' : 'neither'}`,
    );
    return [];
  }
  const server = value.server === undefined ? '' : serverOf(scope, [...path, 'server'], value.server);
  const payload = value.entry === undefined ? givenPayload(scope, item) : writtenPayload(scope, item);
  if (payload === undefined || server === undefined) return [];
  const count = value.count ?? 1;
  return [{ kind: 'vm', action: 'create', uuid: '', payloadJson: JSON.stringify(payload), server, count }];
}

function serverOf(scope: TimelineScope, path: Path, text: string): string | undefined {
  const found = resolveTarget(scope.expanded.datacenter, text, ['node']);
  if (found.ok) return found.address;
  if (!scope.expanded.brokenNodes) complain(scope.context, path, `${shown(text)}: ${found.reason}`);
  return undefined;
}

function givenPayload(scope: TimelineScope, item: Entry): Readonly<Record<string, unknown>> | undefined {
  const payload = readPayload(scope.context, [...item.path, 'payload'], item.value.payload!, {}, scope.idle);
  if (payload === undefined) return undefined;
  return tryOut(scope, payload.context, payload.draft, payloadFields(payload.path))
    ? payload.value
    : undefined;
}

/** An entry as in `vms`, made into the payload that a client would send. */
function writtenPayload(scope: TimelineScope, item: Entry): Readonly<Record<string, unknown>> | undefined {
  const { stock } = scope.expanded;
  const entry = item.value.entry!;
  const path = [...item.path, 'entry'];
  for (const key of ['node', 'rack', 'count', 'payload'] as const) {
    if (entry[key] !== undefined)
      complain(scope.context, [...path, key], 'does not go with vm: create', 'key');
  }
  if (entry.name === undefined) {
    complain(scope.context, path, 'expected a name, found nothing');
    return undefined;
  }
  const draft = draftOfEntry(
    entry,
    stock.networks.map((network) => network.name),
  );
  const fields = {
    image: [...path, 'image'],
    package: [...path, 'package'],
    nic: (i: number) => (entry.nics === undefined ? [...path, 'networks'] : [...path, 'nics', i]),
    disk: (i: number) => (entry.disks === undefined ? [...path, 'image'] : [...path, 'disks', i]),
    behaviour: (name: string) => [...path, name],
  };
  if (!tryOut(scope, scope.context, draft, fields)) return undefined;
  const offer = stock.packages.find((one) => one.package.name === draft.packageName);
  const packaged: VmDraft = { ...draft, limits: { ...offer?.given, ...draft.limits } };
  return payloadOfDraft(packaged, stock.images, stock.networks);
}

/** Whether the VM could be made: its image, networks and sizes are right. */
function tryOut(scope: TimelineScope, context: Context, draft: VmDraft, fields: Fields): boolean {
  const before = context.report.problems.length;
  const { datacenter, stock } = scope.expanded;
  const identity = {
    uuid: vmUuid(datacenter.name, draft.alias),
    alias: draft.alias,
    group: draft.alias,
    node: '',
    seed: '',
  };
  finishVm(draft, identity, {
    stock,
    fields,
    macs: new Set(),
    refuse: (at, message) => complain(context, at, message),
    warn: (at, message) => warn(context, at, message),
  });
  return context.report.problems.length === before;
}
