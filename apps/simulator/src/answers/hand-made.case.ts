/** A small datacenter and facts made by hand, for tests of reasoning: no service has a say in them. */
import { ACTOR_SPAN } from '@orrery/kernel';
import {
  factNumbers,
  ledgerTotal,
  type FactKind,
  type FactRecord,
  type FactRef,
  type Facts,
  type LedgerEntry,
} from '@orrery/proto';
import { encodeFact } from '@orrery/proto/codec';
import { loadDatacenter, type Datacenter } from '@orrery/spec';
import { FactIndex, type IndexOptions } from './fact-index.ts';
import { findSubject, type Subject } from './subject.ts';

const yaml = `
name: hand-made
start: running
caches: warm
racks:
  r1: { nodes: { count: 2, profile: small } }
profiles:
  small:
    cpus: 8
    memory: 32GiB
    nics: [{ name: ixgbe0, rate: 10Gbps, tags: [admin, external] }]
    disks: [{ name: c0t0d0, count: 6, kind: hdd, size: 500GB }]
    pools:
      zones:
        vdevs: [{ raidz1: [c0t0d0, c0t1d0, c0t2d0, c0t3d0, c0t4d0] }]
        spares: c0t5d0
        used: 20GiB
packages:
  small: { memory: 1GiB, quota: 10GiB, cpu_cap: 200 }
vms:
  - { name: db, package: small, image: base-64, node: cn-0001, workers: 32, working_set: 4GiB, record_size: 128KiB }
  - { name: batch, package: small, image: base-64, node: cn-0001 }
  - { name: web, package: small, image: base-64, node: cn-0002 }
programs:
  page:
    steps:
      - cpu: 1ms
      - call: { to: db, program: query, timeout: 2s }
    reply: 8KiB
  query:
    steps:
      - read: { bytes: 8KiB, count: 2, pattern: uniform }
      - write: 8KiB
    reply: 1KiB
workloads:
  - { name: visitors, from: outside, to: web, rate: 50/s, program: page, timeout: 5s }
`;

export function handMadeDatacenter(): Datacenter {
  const loaded = loadDatacenter({ read: () => yaml }, 'hand-made.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.value;
}

const SECOND = 1_000_000_000;

/** What a zone serves in each second of a stretch. */
export interface Serving {
  from: number;
  to: number;
  rate: number;
  /** Of a request. */
  ledger: LedgerEntry[];
  errors?: number;
  failures?: Facts['zoneServed']['failures'];
  inFlight?: number;
  oldestNs?: number;
  timeouts?: number;
  misses?: number;
  hits?: number;
  arcBytes?: number;
  writtenBytes?: number;
  cpuNs?: number;
}

export class HandMade {
  readonly datacenter = handMadeDatacenter();
  readonly records: FactRecord[] = [];
  private readonly ids = new Map<string, number>();
  private readonly counts = new Map<number, number>();

  constructor() {
    const { nodes, vms, switches, uplinks } = this.datacenter;
    const addresses = [
      ...nodes.flatMap(({ address, disks, pools, nics }) => [
        address,
        `fm/${address}`,
        `fm/${address}/case/1`,
        ...disks.map(({ name }) => `${address}/disk/${name}`),
        ...pools.map(({ name }) => `${address}/pool/${name}`),
        ...nics.map(({ name }) => `${address}/nic/${name}`),
      ]),
      ...vms.map(({ node, uuid }) => `${node}/zone/${uuid}`),
      ...switches.map(({ address }) => address),
      ...uplinks.map(({ address }) => address),
      'client/visitors',
      'headnode',
      'net',
    ].sort();
    this.ids.set('outside', 0);
    addresses.forEach((address, at) => this.ids.set(address, (at + 1) * ACTOR_SPAN));
  }

  /** Actor address of a VM. */
  zone(alias: string): string {
    const vm = this.datacenter.vms.find((one) => one.alias === alias);
    return `${vm?.node}/zone/${vm?.uuid}`;
  }

  idOf(address: string): number {
    return this.ids.get(address) as number;
  }

  /** Reports a fact at `seconds`. @returns its reference, to be another's cause */
  say<K extends FactKind>(
    seconds: number,
    address: string,
    kind: K,
    payload: Facts[K],
    cause?: FactRef,
  ): FactRef {
    const actor = this.idOf(address);
    const n = (this.counts.get(actor) ?? 0) + 1;
    this.counts.set(actor, n);
    const number = factNumbers[kind];
    this.records.push({
      actor,
      n,
      time: Math.round(seconds * SECOND),
      kind: number,
      cause,
      payload: encodeFact(number, payload),
    });
    return { actor, n };
  }

  inject(seconds: number, kind: string, target: string, actor: string): FactRef {
    const text = `${kind} on ${target}`;
    const asked = this.say(seconds, 'outside', 'commandAccepted', {
      kind: 'inject',
      target,
      text,
      askedBy: 'scenario.yaml:3',
    });
    return this.say(
      seconds,
      actor,
      'faultInjected',
      { faultId: 'f1', kind, target, params: [], askedBy: 'scenario.yaml:3' },
      asked,
    );
  }

  node(
    seconds: number,
    node: string,
    stateBefore: string,
    state: string,
    cause?: FactRef,
    reason = '',
  ): FactRef {
    return this.say(seconds, node, 'nodeStateChanged', { stateBefore, state, reason }, cause);
  }

  /** Panic of a node by a bad DIMM, its zones with it. */
  panic(seconds: number, node: string): FactRef {
    const fault = this.inject(seconds, 'memory.uncorrectable', `${node}/dimm/3`, node);
    const noticed = this.say(
      seconds,
      node,
      'ereportPosted',
      { class: 'ereport.cpu.intel.nb.mem_ue', detector: `${node}/dimm/3`, count: 1, payload: [] },
      fault,
    );
    const panic = this.say(seconds, node, 'nodePanicked', { message: 'uncorrectable memory error' }, noticed);
    const down = this.node(seconds, node, 'running', 'panicked', panic);
    for (const { uuid, alias, node: home } of this.datacenter.vms) {
      if (home !== node) continue;
      const change = { uuid, alias, zoneStateBefore: 'running', zoneState: 'installed', state: 'stopped' };
      this.say(seconds, this.zone(alias), 'zoneStateChanged', { ...change, reason: 'node: panic' }, down);
    }
    return down;
  }

  /** The boot after a panic, until all zones serve. */
  boot(seconds: number, node: string, cause: FactRef): void {
    const up = this.node(
      seconds,
      node,
      'booting',
      'running',
      this.node(seconds - 60, node, 'dumping', 'post', cause),
    );
    for (const { uuid, alias, node: home } of this.datacenter.vms) {
      if (home !== node) continue;
      const change = {
        uuid,
        alias,
        zoneStateBefore: 'ready',
        zoneState: 'running',
        state: 'running',
        reason: '',
      };
      this.say(seconds + 1, this.zone(alias), 'zoneStateChanged', change, up);
      this.say(seconds + 5, this.zone(alias), 'zoneBooted', { uuid, alias, tookNs: 4 * SECOND });
    }
  }

  serve(alias: string, serving: Serving): void {
    for (let second = serving.from; second < serving.to; second++) {
      this.say(second + 1, this.zone(alias), 'zoneServed', zoneReport(second, serving));
    }
  }

  /** Two minutes of calm of one request kind for `alias`. */
  calm(alias: string, ledger: LedgerEntry[], more: Partial<Serving> = {}): void {
    this.serve(alias, { from: 0, to: 120, rate: 50, ledger, ...more });
  }

  /** What a disk did in each second of a stretch. */
  disk(name: string, from: number, to: number, serviceNs: number): void {
    for (let second = from; second < to; second++) {
      this.say(second + 1, `cn-0001/disk/${name}`, 'diskServed', {
        reads: 20,
        writes: 0,
        readBytes: 0,
        writtenBytes: 0,
        busyNs: 20 * serviceNs,
        queueNs: 0,
        serviceNs: 20 * serviceNs,
        errors: 0,
        serviceNsMax: serviceNs,
        endsHash: 0,
      });
    }
  }

  index(options: IndexOptions = {}): FactIndex {
    const addresses = new Map([...this.ids].map(([address, id]) => [id, address]));
    const facts = [...this.records].sort((a, b) => a.time - b.time);
    return FactIndex.read({ datacenter: this.datacenter, addresses, facts }, options);
  }

  subject(name: string, index = this.index()): Subject {
    const found = findSubject(index, name);
    if (!found.ok) throw new Error(found.message);
    return found.subject;
  }
}

function zoneReport(second: number, serving: Serving): Facts['zoneServed'] {
  const { rate, errors = 0 } = serving;
  const each = serving.ledger.map((entry) => ({ ...entry, ns: entry.ns * rate }));
  return {
    from: second * SECOND,
    requests: rate - errors,
    errors,
    refused: 0,
    timeouts: serving.timeouts ?? 0,
    latency: [],
    ledger: each,
    latencyNs: ledgerTotal(each),
    arcHits: (serving.hits ?? 2) * rate,
    arcMisses: (serving.misses ?? 0) * rate,
    cpuNs: (serving.cpuNs ?? 1_000_000) * rate,
    arcBytes: serving.arcBytes ?? 4 * 1024 ** 3,
    workingSetBytes: 4 * 1024 ** 3,
    readBytes: 0,
    writtenBytes: (serving.writtenBytes ?? 0) * rate,
    latencyNsMax: 0,
    inFlight: serving.inFlight ?? 0,
    oldestNs: serving.oldestNs ?? 0,
    failures: serving.failures ?? [],
  };
}

/** An entry of a ledger, in milliseconds. */
export function charge(
  place: LedgerEntry['place'],
  ms: number,
  behind: LedgerEntry['behind'] = 0,
  zone = 0,
): LedgerEntry {
  return { place, behind, zone, ns: ms * 1_000_000 };
}
