/** The files that `orrery init` writes: the smallest datacenter worth breaking, and a way to break it. */

export interface StarterFile {
  readonly path: string;
  readonly text: string;
}

const datacenter = `# A datacenter of one rack and two nodes. Every unit is written out; what is left out has a default.
# \`orrery validate datacenter.yaml\` checks it, \`orrery run datacenter.yaml\` starts it.
name: starter
start: running # off: every node has to be powered on first
caches: warm # cold: reads go to disk until the ARC has filled

racks:
  r1:
    nodes: { count: 2, profile: small } # cn-0001 and cn-0002

profiles:
  small:
    cpus: 8 # hardware threads
    memory: 32GiB
    disks:
      - { name: c0t0d0, count: 5, kind: hdd, size: 500GB } # c0t0d0 to c0t4d0
    pools:
      zones:
        vdevs:
          - mirror: [c0t0d0, c0t1d0]
          - mirror: [c0t2d0, c0t3d0]
        spares: c0t4d0
        used: 20GiB

packages:
  small: { memory: 1GiB, quota: 10GiB, cpu_cap: 200 } # 200 % of one CPU
  large: { memory: 8GiB, quota: 50GiB, cpu_cap: 400 }

vms:
  - { name: web, count: 4, package: small, image: base-64, workers: 16 } # web-0 to web-3
  - name: db
    count: 1
    package: large
    image: base-64
    node: cn-0001
    workers: 32
    working_set: 2GiB
    record_size: 16KiB

programs:
  page: # what a web server does for one request
    steps:
      - cpu: 2ms
      - call: { to: db-0, program: query, timeout: 5s }
    reply: 16KiB
  query: # what the database does
    steps:
      - cpu: 300us
      - read: { bytes: 16KiB, count: 4, pattern: zipf }
      - sync-write: 4KiB
    reply: 2KiB

workloads:
  - { name: visitors, from: outside, to: web-*, rate: 40/s, program: page, timeout: 10s }
`;

const scenario = `# A disk dies under the database, a spare takes its place, and a person puts in a new disk.
# \`orrery run scenario.yaml\` tells the story; the same seed gives the same one, to the last digit.
title: a disk of a mirror dies
datacenter: datacenter.yaml
seed: 7
duration: 20m

timeline:
  - { at: 2m, inject: disk.fail, with: { mode: errors }, on: cn-0001/disk/c0t2d0 }
  - { at: 12m, repair: disk.replace, on: cn-0001/disk/c0t2d0 }

phases: # the tables compare these
  before: { from: 0s, to: 2m }
  during: { from: 2m, to: 12m }
  after: { from: 12m, to: 20m }

checks: # exit code 1 when one of them does not hold
  - { case: ZFS-8000-FD, node: cn-0001, before: 5m }
  - { pool: cn-0001/pool/zones, state: DEGRADED, at: 11m }
  - { errors: db-0, most: 0 }
  - { conservation: true }
`;

export const starterFiles: readonly StarterFile[] = [
  { path: 'datacenter.yaml', text: datacenter },
  { path: 'scenario.yaml', text: scenario },
];
