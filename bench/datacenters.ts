/** Datacenters made for measuring, from the text that a user would write. */
import { catalogue } from '@orrery/simulator';
import { loadScenario, type Scenario } from '@orrery/spec';

const profile = (disks: number) => `
profiles:
  bare:
    cpus: 16
    memory: 64GiB
    disks: [{ name: c0t0d0, count: ${disks}, kind: hdd, size: 1TB }]
    pools:
      zones:
        vdevs: [{ mirror: [c0t0d0, c0t1d0] }]
        used: 20GiB
packages:
  small: { memory: 256MiB, quota: 10GiB, cpu_cap: 100 }
`;

/** `nodes` nodes in racks of 40 with `zones` idle zones on each; node \`cn-0001\` loses its power after a minute. */
export function fleetScenario(nodes: number, zones: number, durationSeconds: number): Scenario {
  const racks: string[] = [];
  for (let left = nodes; left > 0; left -= 40) {
    racks.push(`  r${racks.length + 1}: { nodes: { count: ${Math.min(40, left)}, profile: bare } }`);
  }
  const vms: string[] = [];
  for (let node = 1; node <= nodes; node++) {
    const address = `cn-${String(node).padStart(4, '0')}`;
    vms.push(`  - { name: idle-${node}, count: ${zones}, package: small, image: base-64, node: ${address} }`);
  }
  const zoned = zones === 0 ? '' : `vms:\n${vms.join('\n')}\n`;
  const datacenter = `name: fleet\nstart: running\nracks:\n${racks.join('\n')}\n${profile(2)}\n${zoned}`;
  const scenario = `title: a fleet at rest
datacenter: datacenter.yaml
seed: 1
duration: ${durationSeconds}s
timeline:
  - { at: 60s, inject: node.power, on: cn-0001 }
`;
  return load({ 'datacenter.yaml': datacenter, 'scenario.yaml': scenario });
}

/** One node with one mirror of two hard disks. */
export function oneNode(): Scenario {
  const datacenter = `name: one\nstart: running\nracks: { r1: { nodes: { count: 1, profile: bare } } }\n${profile(2)}`;
  const scenario = 'title: one node\ndatacenter: datacenter.yaml\nseed: 1\nduration: 60s\n';
  return load({ 'datacenter.yaml': datacenter, 'scenario.yaml': scenario });
}

function load(texts: Readonly<Record<string, string>>): Scenario {
  const loaded = loadScenario({ read: (path) => texts[path] }, 'scenario.yaml', catalogue);
  if (loaded.ok) return loaded.value;
  throw new Error(loaded.problems.map(({ file, line, message }) => `${file}:${line} ${message}`).join('\n'));
}
