/** Racks, their switches and their nodes. */
import { complain, warn, type Context } from './context.ts';
import { macOf, serialOf, uuidOf } from './hash.ts';
import type { NamedNodeEntry, RackEntry, SwitchEntry } from './hardware-schema.ts';
import type { Node, Rack, Switch, Uplink } from './model.ts';
import { byCodeUnit, suggest } from './near.ts';
import type { Path } from './problem.ts';
import type { Profile } from './profile.ts';
import type { Item, Section } from './shape.ts';

export interface Fabric {
  readonly racks: readonly Rack[];
  readonly switches: readonly Switch[];
  readonly uplinks: readonly Uplink[];
}

const microsecond = 1_000;

/** Switches and uplinks; without any in the file, each rack has one of its own that leads to the border. */
export function expandFabric(
  context: Context,
  racks: Section<RackEntry>,
  written: Section<SwitchEntry>,
  feeds: readonly string[],
): Fabric {
  const implied = written.items.length === 0 && !written.broken;
  const entries: Section<SwitchEntry> = implied
    ? {
        items: racks.items.map((rack) => ({ ...rack, value: { rack: rack.name }, name: `tor-${rack.name}` })),
        broken: false,
      }
    : written;
  const names = entries.items.map((item) => item.name);
  const switches = entries.items.map((item) => expandSwitch(context, item, racks, feeds));
  const uplinks = entries.items.flatMap((item) => expandUplinks(context, item, names, entries.broken));
  return {
    racks: racks.items
      .map((rack) => expandRack(context, rack, entries, feeds))
      .sort((a, b) => byCodeUnit(a.name, b.name)),
    switches: switches.sort((a, b) => byCodeUnit(a.address, b.address)),
    uplinks: uplinks.sort((a, b) => byCodeUnit(a.address, b.address)),
  };
}

function checkName(context: Context, path: Path, name: string, names: readonly string[], what: string): void {
  if (names.includes(name)) return;
  complain(context, path, `expected the name of ${what}, found "${name}": ${suggest(name, names)}`);
}

function expandSwitch(
  context: Context,
  item: Item<SwitchEntry> & { readonly name: string },
  racks: Section<RackEntry>,
  feeds: readonly string[],
): Switch {
  const rack = item.value.rack;
  const names = racks.items.map((one) => one.name);
  if (rack !== undefined && !racks.broken) checkName(context, [...item.path, 'rack'], rack, names, 'a rack');
  for (const [i, feed] of (item.value.feeds ?? []).entries()) {
    checkName(context, [...item.path, 'feeds', i], feed, feeds, 'a power feed');
  }
  return {
    address: `switch/${item.name}`,
    name: item.name,
    rack: rack ?? '',
    feeds: item.value.feeds ?? feeds,
    latencyNs: item.value.latency ?? microsecond,
  };
}

function expandUplinks(
  context: Context,
  item: Item<SwitchEntry> & { readonly name: string },
  names: readonly string[],
  broken: boolean,
): Uplink[] {
  return (item.value.uplinks ?? [{ to: 'border' }]).map((uplink, i) => {
    const others = names.filter((name) => name !== item.name);
    if (uplink.to !== 'border' && !broken) {
      checkName(
        context,
        [...item.path, 'uplinks', i, 'to'],
        uplink.to,
        ['border', ...others],
        'another switch',
      );
    }
    const name = uplink.name ?? (i === 0 ? item.name : `${item.name}-${i + 1}`);
    return {
      address: `uplink/${name}`,
      name,
      from: `switch/${item.name}`,
      to: uplink.to === 'border' ? 'border' : `switch/${uplink.to}`,
      rateBps: uplink.rate ?? 40_000_000_000,
      latencyNs: uplink.latency ?? 50 * microsecond,
    };
  });
}

function expandRack(
  context: Context,
  rack: Item<RackEntry> & { readonly name: string },
  switches: Section<SwitchEntry>,
  feeds: readonly string[],
): Rack {
  const names = switches.items.map((item) => item.name);
  for (const [i, feed] of (rack.value.feeds ?? []).entries()) {
    checkName(context, [...rack.path, 'feeds', i], feed, feeds, 'a power feed');
  }
  for (const [i, name] of (rack.value.switches ?? []).entries()) {
    if (!switches.broken) checkName(context, [...rack.path, 'switches', i], name, names, 'a switch');
  }
  const own = switches.items.filter((item) => item.value.rack === rack.name).map((item) => item.name);
  const reached = rack.value.switches ?? own;
  if (reached.length === 0 && names.length > 0)
    warn(context, rack.path, 'has no switch: its nodes reach nobody, but by NICs that name one');
  return {
    name: rack.name,
    feeds: rack.value.feeds ?? feeds,
    switches: reached.map((name) => `switch/${name}`),
  };
}

interface Seat {
  readonly rack: Rack;
  readonly profile: Profile;
  readonly given: NamedNodeEntry | undefined;
  readonly path: Path;
}

/** Nodes of all racks, numbered in the file's order and sorted by address. */
export function expandNodes(
  context: Context,
  datacenter: string,
  racks: Section<RackEntry>,
  fabric: Fabric,
  profiles: { readonly known: ReadonlyMap<string, Profile>; readonly broken: boolean },
): Node[] {
  const seats = racks.items.flatMap((rack) => seatsOf(context, rack, fabric, profiles));
  const addresses = numbered(context, seats);
  const macs = new Set<string>();
  const users = new Map<Profile, number>();
  for (const seat of seats) users.set(seat.profile, (users.get(seat.profile) ?? 0) + 1);
  const nodes = seats.map((seat, i) => {
    const alone = users.get(seat.profile) === 1;
    return expandNode(context, { datacenter, address: addresses[i]!, seat, fabric, macs, alone });
  });
  return nodes.sort((a, b) => byCodeUnit(a.address, b.address));
}

function seatsOf(
  context: Context,
  rack: Item<RackEntry> & { readonly name: string },
  fabric: Fabric,
  profiles: { readonly known: ReadonlyMap<string, Profile>; readonly broken: boolean },
): Seat[] {
  const home = fabric.racks.find((one) => one.name === rack.name)!;
  const profileOf = (name: string, path: Path): Profile | undefined => {
    const found = profiles.known.get(name);
    if (found === undefined && !profiles.broken) {
      checkName(context, path, name, [...profiles.known.keys()], 'a node profile');
    }
    return found;
  };
  const { nodes } = rack.value;
  const path = [...rack.path, 'nodes'];
  if (!Array.isArray(nodes)) {
    const profile = profileOf(nodes.profile, [...path, 'profile']);
    if (profile === undefined) return [];
    return Array.from({ length: nodes.count }, () => ({ rack: home, profile, given: undefined, path }));
  }
  return nodes.flatMap((given, i) => {
    const profile = profileOf(given.profile, [...path, i, 'profile']);
    return profile === undefined ? [] : [{ rack: home, profile, given, path: [...path, i] }];
  });
}

/** An address for each seat: the name given, else the next free number. */
function numbered(context: Context, seats: readonly Seat[]): string[] {
  const given = new Set<string>();
  for (const seat of seats) {
    const name = seat.given?.name;
    if (name === undefined) continue;
    if (given.has(name)) complain(context, [...seat.path, 'name'], `node ${name} is there twice`);
    given.add(name);
  }
  let number = 0;
  return seats.map((seat) => {
    if (seat.given?.name !== undefined) return seat.given.name;
    let address: string;
    do address = `cn-${String(++number).padStart(4, '0')}`;
    while (given.has(address));
    return address;
  });
}

interface Making {
  readonly datacenter: string;
  readonly address: string;
  readonly seat: Seat;
  readonly fabric: Fabric;
  readonly macs: Set<string>;
  readonly alone: boolean;
}

function expandNode(context: Context, making: Making): Node {
  const { address, seat, datacenter } = making;
  const { profile, rack, given } = seat;
  const seed = `${datacenter}/${address}`;
  const machine = making.alone ? profile.machine : undefined;
  return {
    address,
    uuid: given?.uuid ?? machine?.uuid ?? uuidOf(seed),
    hostname: given?.hostname ?? machine?.hostname ?? address,
    rack: rack.name,
    profile: profile.name,
    cpus: profile.cpus,
    cores: profile.cores,
    sockets: profile.sockets,
    memoryBytes: profile.memoryBytes,
    timings: profile.timings,
    psus: profile.psus.map((psu, i) => {
      if (psu.feed !== '')
        checkName(context, [...profile.path, 'psus', i, 'feed'], psu.feed, rack.feeds, 'a power feed');
      return { name: psu.name, feed: psu.feed === '' ? (rack.feeds[i % rack.feeds.length] ?? '') : psu.feed };
    }),
    dimms: profile.dimms,
    nics: profile.nics.map((nic, i) => ({
      name: nic.name,
      mac: making.alone && nic.mac !== '' ? nic.mac : freeMac(`${seed}/nic/${nic.name}`, making.macs),
      switch: cableOf(context, making, i),
      rateBps: nic.rateBps,
      tags: nic.tags,
    })),
    disks: profile.disks.map((disk) =>
      disk.serial === '' ? { ...disk, serial: serialOf(`${seed}/disk/${disk.name}`) } : disk,
    ),
    pools: profile.pools,
  };
}

/** The switch that a NIC's cable ends in: the one named, else the rack's in turn. */
function cableOf(context: Context, making: Making, i: number): string {
  const { profile, rack } = making.seat;
  const name = profile.nics[i]!.switch;
  if (name === '') return rack.switches[i % rack.switches.length] ?? '';
  const names = making.fabric.switches.map((one) => one.name);
  checkName(context, [...profile.path, 'nics', i, 'switch'], name, names, 'a switch');
  return `switch/${name}`;
}

/** The MAC of a name, or of the name and a number when another name has the same. */
export function freeMac(name: string, taken: Set<string>): string {
  let mac = macOf(name);
  for (let i = 1; taken.has(mac); i++) mac = macOf(`${name}#${i}`);
  taken.add(mac);
  return mac;
}
