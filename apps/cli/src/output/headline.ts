/** What is run, in one line, and what its lookahead rounds up. */
import { formatNs } from '@orrery/spec';
import type { Datacenter, Disk, Node, Scenario } from '@orrery/spec';

const some = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

export function headline(scenario: Scenario, seed: number): string {
  const { datacenter } = scenario;
  const { racks, nodes, vms, lookaheadNs } = datacenter;
  const parts = [some(racks.length, 'rack'), some(nodes.length, 'node'), some(vms.length, 'VM')];
  const start = datacenter.start === 'off' ? 'starts off' : `starts running, ${datacenter.caches}`;
  const rounded = `lookahead ${formatNs(lookaheadNs)} (rounds up: ${roundedUp(datacenter).join(', ')})`;
  return `${scenario.name}: ${parts.join(', ')} · seed ${seed} · ${start} · ${rounded}`;
}

/**
 * What takes longer here than it would: an I/O at least twice the lookahead, a message between nodes at least the lookahead,
 * which a path within a datacenter never needs by itself.
 */
export function roundedUp(datacenter: Datacenter): string[] {
  const least = 2 * datacenter.lookaheadNs;
  const names = new Set<string>();
  for (const node of datacenter.nodes) {
    for (const disk of node.disks) {
      if (disk.kind !== 'hdd' && Math.min(disk.readLatencyNs, disk.writeLatencyNs) < least) {
        names.add(roleOf(node, disk));
      }
    }
  }
  return [...[...names].sort(), 'short network paths'];
}

/** `SLOG c1t0d0`, `SSDs`: disks of the vdevs are many, logs and caches are few. */
function roleOf(node: Node, disk: Disk): string {
  for (const pool of node.pools) {
    if (pool.logs.some((vdev) => vdev.disks.includes(disk.name))) return `SLOG ${disk.name}`;
    if (pool.caches.includes(disk.name)) return `cache ${disk.name}`;
  }
  return disk.kind === 'nvme' ? 'NVMe disks' : 'SSDs';
}
