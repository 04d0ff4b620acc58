/** A datacenter, from the value of its file to the expanded one. Every section is checked, whatever is wrong in others. */
import { complain, refuseDuplicates, warn, type Context } from './context.ts';
import { datacenterFrame, type DatacenterFrame } from './datacenter-schema.ts';
import {
  networkSchema,
  poolSchema,
  profileSchema,
  rackSchema,
  switchSchema,
  type PoolEntry,
  type ProfileEntry,
  type RackEntry,
  type SwitchEntry,
} from './hardware-schema.ts';
import { expandImages, expandPackages } from './images.ts';
import { idleLimits } from './limits.ts';
import type { Datacenter, Node } from './model.ts';
import { byCodeUnit, suggest } from './near.ts';
import { assignAddresses, expandNetworks } from './networks.ts';
import { expandFabric, expandNodes } from './nodes.ts';
import { warnOfIdle, type IdleProperties } from './payload.ts';
import type { Path } from './problem.ts';
import { expandProfile } from './profile.ts';
import { parseItem, parseList, parseMap, type Section } from './shape.ts';
import type { Stock } from './vm.ts';
import { imageSchema, packageSchema, vmSchema, type VmEntry } from './vm-schema.ts';
import { checkRoom, expandVms } from './vms.ts';
import { expandPrograms, expandWorkloads, type VmIndex } from './workloads.ts';
import { programSchema, workloadSchema } from './workload-schema.ts';

/** An expanded datacenter, with what a scenario that refers to it must know of what is missing. */
export interface Expanded {
  readonly datacenter: Datacenter;
  readonly stock: Stock;
  readonly index: VmIndex;
  readonly brokenNodes: boolean;
}

/** Undefined when the file is no map of a datacenter at all. */
export function expandDatacenter(
  context: Context,
  value: unknown,
  fallbackName: string,
  tunables: readonly string[] | undefined,
): Expanded | undefined {
  const frame = parseItem(datacenterFrame, value, context.source, [], context.report);
  if (frame === undefined) return undefined;
  const name = frame.value.name ?? fallbackName;
  checkTimes(context, frame.value);
  checkTunables(context, frame.value.tunables ?? {}, tunables);
  const hardware = expandHardware(context, name, frame.value);
  const stock = expandStock(context, name, frame.value);
  const idle: IdleProperties = { names: new Set(), first: undefined };
  const vmSection = parseList(vmSchema, frame.value.vms, context.source, 'vms', context.report);
  const macs = new Set(hardware.nodes.flatMap((node) => node.nics.map((nic) => nic.mac)));
  const scope = {
    context,
    datacenter: name,
    nodes: hardware.nodes,
    stock,
    idle,
    macs,
    complained: new Set<string>(),
  };
  const { placed, broken } = expandVms(scope, vmSection);
  warnOfIdle(idle);
  warnOfIdleLimits(context, vmSection.items);
  const vms = assignAddresses(context, stock.networks, placed)
    .map((one) => one.vm)
    .sort((a, b) => byCodeUnit(a.alias, b.alias));
  // What does not fit, or has no node, may be a consequence of what is wrong already.
  const sound = context.report.problems.length === 0;
  if (sound) checkRoom(context, hardware.nodes, vms);
  const index: VmIndex = { vms, broken: broken || frame.partial, placed: sound };
  const programs = parseMap(programSchema, frame.value.programs, context.source, 'programs', context.report);
  const workloads = parseList(
    workloadSchema,
    frame.value.workloads,
    context.source,
    'workloads',
    context.report,
  );
  const datacenter: Datacenter = {
    name,
    lookaheadNs: frame.value.lookahead,
    controlWindowNs: frame.value.control_window,
    start: frame.value.start,
    caches: frame.value.caches,
    racks: hardware.fabric.racks,
    nodes: hardware.nodes,
    switches: hardware.fabric.switches,
    uplinks: hardware.fabric.uplinks,
    networks: stock.networks,
    packages: stock.packages.map((offer) => offer.package),
    images: stock.images,
    vms,
    workloads: expandWorkloads(context, workloads, programs, index),
    programs: expandPrograms(context, programs, index),
    tunables: sorted(frame.value.tunables ?? {}),
  };
  return { datacenter, stock, index, brokenNodes: hardware.broken };
}

function checkTimes(context: Context, frame: DatacenterFrame): void {
  if (frame.control_window < frame.lookahead) {
    complain(context, ['lookahead'], 'expected at most control_window, which is shorter');
  } else if (frame.control_window % 1_000_000 !== 0) {
    complain(context, ['control_window'], 'expected whole milliseconds');
  }
}

function checkTunables(
  context: Context,
  given: Readonly<Record<string, number>>,
  known: readonly string[] | undefined,
): void {
  if (known === undefined) return;
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    complain(context, ['tunables', name], `is not a known tunable; ${suggest(name, known)}`, 'key');
  }
}

function sorted(map: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => byCodeUnit(a, b)));
}

function expandHardware(context: Context, name: string, frame: DatacenterFrame) {
  const { source, report } = context;
  const racks = parseMap(rackSchema, frame.racks, source, 'racks', report);
  const switches = parseMap(switchSchema, frame.switches, source, 'switches', report);
  const profiles = parseMap(profileSchema, frame.profiles, source, 'profiles', report);
  const pools = poolsOfAll(parseMap(poolSchema, frame.pools, source, 'pools', report));
  const fabric = expandFabric(context, racks, switches, frame.feeds ?? feedsOf(racks, switches, profiles));
  const known = new Map(profiles.items.map((item) => [item.name, expandProfile(context, item, pools)]));
  const nodes: Node[] = expandNodes(context, name, racks, fabric, { known, broken: profiles.broken });
  if (Object.keys(frame.racks).length === 0) complain(context, ['racks'], 'expected at least one rack');
  refuseTwinNodes(context, nodes);
  return { fabric, nodes, broken: racks.broken || profiles.broken };
}

/** Power feeds of a file that does not list them: those it names, else A and B. */
function feedsOf(
  racks: Section<RackEntry>,
  switches: Section<SwitchEntry>,
  profiles: Section<ProfileEntry>,
): readonly string[] {
  const named = [...racks.items, ...switches.items].flatMap((item) => item.value.feeds ?? []);
  const supplied = profiles.items.flatMap(({ value }) =>
    Array.isArray(value.psus) ? value.psus.map((psu) => psu.feed) : [],
  );
  const feeds = [...new Set([...named, ...supplied])].sort(byCodeUnit);
  return feeds.length === 0 ? ['A', 'B'] : feeds;
}

function refuseTwinNodes(context: Context, nodes: readonly Node[]): void {
  const items = nodes.map((node) => ({ path: ['racks', node.rack, 'nodes'], node }));
  refuseDuplicates(context, items, 'host name', ({ node }) => ({ name: node.hostname, field: [] }));
  refuseDuplicates(context, items, 'node UUID', ({ node }) => ({ name: node.uuid, field: [] }));
}

function poolsOfAll(section: Section<PoolEntry>): Record<string, PoolEntry> | undefined {
  if (section.items.length === 0) return undefined;
  return Object.fromEntries(section.items.map((item) => [item.name, item.value]));
}

function expandStock(context: Context, name: string, frame: DatacenterFrame): Stock {
  const { source, report } = context;
  const networks = parseMap(networkSchema, frame.networks, source, 'networks', report);
  const packages = parseMap(packageSchema, frame.packages, source, 'packages', report);
  const images = parseMap(imageSchema, frame.images, source, 'images', report);
  return {
    networks: expandNetworks(context, name, networks),
    packages: expandPackages(name, packages),
    images: expandImages(name, images),
    broken: { networks: networks.broken, packages: packages.broken, images: images.broken },
  };
}

/** Says once which limits of VMs have no effect. */
function warnOfIdleLimits(
  context: Context,
  vms: readonly { readonly value: VmEntry; readonly path: Path }[],
): void {
  const names = new Set(vms.flatMap(({ value }) => idleLimits(value)));
  const first = vms.find(({ value }) => idleLimits(value).length > 0);
  if (first !== undefined)
    warn(context, first.path, `accepted, without effect: ${[...names].sort().join(', ')}`);
}
