/** Faults and repairs drawn from the catalogue, on parts that the datacenter has. */
import type { Catalogue, CatalogueParam, Datacenter, Node, TargetKind } from '@orrery/spec';
import type { Draws } from '../proof/draws.ts';

type Parts = Partial<Record<TargetKind, readonly string[]>>;

function partsOf(datacenter: Datacenter): Parts {
  const each = (kind: string, names: (node: Node) => readonly string[]) =>
    datacenter.nodes.flatMap((node) => names(node).map((name) => `${node.address}/${kind}/${name}`));
  return {
    node: datacenter.nodes.map((node) => node.address),
    disk: each('disk', (node) => node.disks.map((disk) => disk.name)),
    dimm: each('dimm', (node) => node.dimms.map((dimm) => dimm.name)),
    cpu: each('cpu', (node) => Array.from({ length: node.cpus }, (_, i) => String(i))),
    psu: each('psu', (node) => node.psus.map((psu) => psu.name)),
    nic: each('nic', (node) => node.nics.map((nic) => nic.name)),
    pool: each('pool', (node) => node.pools.map((pool) => pool.name)),
    switch: datacenter.switches.map((one) => one.address),
    uplink: datacenter.uplinks.map((one) => one.address),
  };
}

/** A value for a parameter: one of those allowed, its default, or one near it. */
function valueOf(draws: Draws, param: CatalogueParam): string {
  if (param.allowed.length > 0) return draws.of(param.allowed);
  if (param.unit === 'share') return draws.of([param.default, '0.5%', '3%', '20%']);
  if (param.unit === 'number') {
    const drawn = draws.between(Math.ceil(param.least ?? 0), Math.min(param.most ?? 40, 40));
    return draws.of([param.default === '' ? String(drawn) : param.default, String(drawn)]);
  }
  return param.default;
}

function withOf(draws: Draws, params: readonly CatalogueParam[]): string {
  if (params.length === 0) return '';
  return ` with: { ${params.map((param) => `${param.name}: ${valueOf(draws, param)}`).join(', ')} },`;
}

/** Entries of a scenario's time line. @param seconds length of the run */
export function timelineText(
  draws: Draws,
  datacenter: Datacenter,
  catalogue: Catalogue,
  seconds: number,
): string[] {
  const parts = partsOf(datacenter);
  const at = () => `${draws.between(1, seconds - 1)}s`;
  const entries: string[] = [];
  for (let left = draws.between(1, 5); left > 0; left--) {
    const fault = draws.of(catalogue.faults);
    const targets = parts[fault.target] ?? [];
    if (targets.length === 0) continue;
    const target = draws.of(targets);
    const over = draws.chance(0.4) ? `, for: ${draws.between(1, seconds)}s` : '';
    entries.push(
      `  - { at: ${at()}, inject: ${fault.kind},${withOf(draws, fault.params)} on: ${target}${over} }`,
    );
  }
  for (let left = draws.between(0, 3); left > 0; left--) {
    const repair = draws.of(catalogue.repairs);
    const targets = repair.targets.flatMap((kind) => parts[kind] ?? []);
    if (targets.length === 0) continue;
    entries.push(
      `  - { at: ${at()}, repair: ${repair.kind},${withOf(draws, repair.params)} on: ${draws.of(targets)} }`,
    );
  }
  if (datacenter.start === 'off') {
    for (const node of datacenter.nodes) {
      entries.push(`  - { at: ${draws.between(0, 3)}s, repair: node.power-on, on: ${node.address} }`);
    }
  }
  return entries;
}
