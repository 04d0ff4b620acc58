/** Networks, and the addresses that VMs get from them. */
import { complain, type Context } from './context.ts';
import { uuidOf } from './hash.ts';
import type { NetworkEntry } from './hardware-schema.ts';
import { formatIpv4, isInside, parseIpv4, parseSubnet } from './ipv4.ts';
import type { Network, Vm } from './model.ts';
import { byCodeUnit } from './near.ts';
import { shown, type Path } from './problem.ts';
import type { Item, Section } from './shape.ts';

/** What a file without networks has. */
const standard: NetworkEntry = { tag: 'external', subnet: '10.0.0.0/16' };

export function expandNetworks(
  context: Context,
  datacenter: string,
  written: Section<NetworkEntry>,
): Network[] {
  const items =
    written.items.length === 0 && !written.broken
      ? [{ name: 'external', value: standard, path: [] as Path, partial: false }]
      : written.items;
  return items
    .flatMap((item) => expandNetwork(context, datacenter, item))
    .sort((a, b) => byCodeUnit(a.name, b.name));
}

function expandNetwork(
  context: Context,
  datacenter: string,
  item: Item<NetworkEntry> & { readonly name: string },
): Network[] {
  const { value, path, name } = item;
  const subnet = parseSubnet(value.subnet);
  if (subnet === undefined || subnet.prefix > 30) {
    complain(
      context,
      [...path, 'subnet'],
      `expected an IPv4 subnet (for instance 10.20.0.0/16), found ${shown(value.subnet)}`,
    );
    return [];
  }
  const address = (key: 'gateway' | 'provision_start' | 'provision_end', fallback: number): number => {
    const written = value[key];
    const parsed = written === undefined ? fallback : parseIpv4(written);
    if (parsed !== undefined && isInside(subnet, parsed)) return parsed;
    complain(context, [...path, key], `expected an address in ${value.subnet}, found ${shown(written)}`);
    return fallback;
  };
  const gateway = address('gateway', subnet.base + 1);
  const start = address('provision_start', Math.min(subnet.base + 10, subnet.base + subnet.count - 2));
  const end = address('provision_end', subnet.base + subnet.count - 2);
  if (end < start) {
    complain(
      context,
      [...path, 'provision_end'],
      `expected an address from ${formatIpv4(start)} on, found ${shown(value.provision_end)}`,
    );
  }
  return [
    {
      name,
      uuid: value.uuid ?? uuidOf(`${datacenter}/network/${name}`),
      tag: value.tag ?? name,
      vlan: value.vlan ?? 0,
      subnet: `${formatIpv4(subnet.base)}/${subnet.prefix}`,
      gateway: formatIpv4(gateway),
      mtu: value.mtu ?? 1500,
      provisionStart: formatIpv4(start),
      provisionEnd: formatIpv4(end),
      resolvers: value.resolvers ?? [],
    },
  ];
}

/** A VM and where its entry stands in the file. */
export interface Placed {
  readonly vm: Vm;
  readonly path: Path;
}

/** Gives every NIC without an address the next free one of its network; complains of what is used twice. */
export function assignAddresses(
  context: Context,
  networks: readonly Network[],
  placed: readonly Placed[],
): Placed[] {
  const takenOf = new Map<string, Set<number>>();
  const nextOf = new Map<string, number>();
  for (const network of networks) {
    takenOf.set(network.name, new Set([parseIpv4(network.gateway)!]));
    nextOf.set(network.name, parseIpv4(network.provisionStart)!);
  }
  for (const { vm, path } of placed) reserveGiven(context, vm, path, takenOf);
  const full = new Set<string>();
  return placed.map(({ vm, path }) => {
    const nics = vm.nics.map((nic) => {
      const network = networks.find((one) => one.name === nic.network);
      if (nic.ip !== '' || network === undefined) return nic;
      const taken = takenOf.get(network.name)!;
      const end = parseIpv4(network.provisionEnd)!;
      let next = nextOf.get(network.name)!;
      while (taken.has(next)) next++;
      nextOf.set(network.name, next + 1);
      if (next > end && !full.has(network.name)) {
        full.add(network.name);
        complain(
          context,
          path,
          `network ${network.name} has no address left (${network.provisionStart} to ${network.provisionEnd})`,
        );
      }
      return { ...nic, ip: formatIpv4(next) };
    });
    return { path, vm: { ...vm, nics } };
  });
}

function reserveGiven(context: Context, vm: Vm, path: Path, takenOf: ReadonlyMap<string, Set<number>>): void {
  for (const nic of vm.nics) {
    const address = parseIpv4(nic.ip);
    const taken = takenOf.get(nic.network);
    if (address === undefined || taken === undefined) continue;
    if (taken.has(address))
      complain(context, path, `address ${nic.ip} is used twice on network ${nic.network}`);
    taken.add(address);
  }
}
