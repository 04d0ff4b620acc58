/** What an operator could have seen of a run: every question here is answered from facts that a node, a pool or a client reported. */
import type { HostFact } from '@orrery/actor';
import type { FactKind, Facts } from '@orrery/proto';
import { percentile, type Histogram, type Simulation } from '@orrery/simulator';
import type { Scenario } from '@orrery/spec';

/** A fact with its payload typed by its kind. */
export interface Seen<K extends FactKind> {
  /** Seconds since the start. */
  at: number;
  address: string;
  payload: Facts[K];
  fact: HostFact;
}

/** What was served within a window. */
export interface Served {
  requests: number;
  errors: number;
  refused: number;
  timeouts: number;
  /** Milliseconds. */
  mean: number;
  p50: number;
  p99: number;
  max: number;
}

const SECOND = 1e9;

export class Witness {
  readonly facts: HostFact[] = [];
  readonly scenario: Scenario;
  digest = '';
  private simulation: Simulation | undefined;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
  }

  hear(fact: HostFact): void {
    this.facts.push(fact);
  }

  end(simulation: Simulation): void {
    this.simulation = simulation;
    this.digest = simulation.digest();
  }

  /** All facts of a kind, by actors whose address begins so. */
  seen<K extends FactKind>(kind: K, address = ''): Seen<K>[] {
    return this.facts
      .filter((fact) => fact.kind === kind && fact.address.startsWith(address))
      .map((fact) => ({
        at: fact.time / SECOND,
        address: fact.address,
        payload: fact.payload as Facts[K],
        fact,
      }));
  }

  /** States of a node, each with the second in which it began. */
  node(address: string): { at: number; state: string }[] {
    return this.seen('nodeStateChanged', address).map(({ at, payload }) => ({ at, state: payload.state }));
  }

  /** States that a pool went through, each with the second in which it began. */
  pool(node = 'cn-0001'): { at: number; state: string }[] {
    return this.seen('poolStateChanged', `${node}/pool/`).map(({ at, payload }) => ({
      at,
      state: payload.state,
    }));
  }

  /** States that a vdev went through. */
  vdev(name: string, node = 'cn-0001'): { at: number; state: string }[] {
    return this.seen('vdevStateChanged', `${node}/pool/`)
      .filter(({ payload }) => payload.vdev === name)
      .map(({ at, payload }) => ({ at, state: payload.state }));
  }

  /** Cases with a message for people, in the order in which fmd told of them. */
  cases(
    node = 'cn-0001',
  ): { at: number; code: string; resource: string; states: string[]; closedAt: number }[] {
    return this.seen('suspectListed', `fm/${node}`)
      .filter(({ payload }) => payload.message)
      .map(({ at, payload }) => {
        const changes = this.seen('caseStateChanged', `fm/${node}`).filter(
          (one) => one.payload.uuid === payload.uuid,
        );
        return {
          at,
          code: payload.code,
          resource: payload.suspects[0].resource,
          states: changes.map((one) => one.payload.state),
          closedAt: changes.find((one) => one.payload.state === 'REPAIRED')?.at ?? Infinity,
        };
      });
  }

  /** Classes of ereports that parts of a node posted, once each for all that it counts. */
  ereports(node = 'cn-0001'): { at: number; class: string; detector: string }[] {
    return this.seen('ereportPosted', node).map(({ at, payload }) => ({
      at,
      class: payload.class.replace('ereport.', ''),
      detector: payload.detector,
    }));
  }

  /** Lines of a node's system log. */
  syslog(node = 'cn-0001'): { at: number; text: string }[] {
    return this.seen('syslogWritten', node).map(({ at, payload }) => ({ at, text: payload.text }));
  }

  /** What the head node called a server, and since when. */
  status(node = 'cn-0001'): { at: number; state: string }[] {
    return this.seen('serverStatusChanged')
      .filter(({ payload }) => payload.server === node)
      .map(({ at, payload }) => ({ at, state: payload.status }));
  }

  /** What a VM's zone served between two seconds, as measured in the zone. */
  zone(alias: string, from: number, to: number): Served {
    const { uuid } = this.scenario.datacenter.vms.find((vm) => vm.alias === alias)!;
    return sum(
      this.seen('zoneServed').filter(({ address }) => address.endsWith(uuid)),
      from,
      to,
    );
  }

  /** What the clients of a workload got between two seconds. */
  clients(workload: string, from: number, to: number): Served {
    return sum(this.seen('clientServed', `client/${workload}`), from, to);
  }

  /** What is wrong at the end, as an operator would look for it: nothing, when all is well. */
  wrong(): string[] {
    const found: string[] = [];
    const last = (states: { state: string }[], well: string): string => states.at(-1)?.state ?? well;
    for (const node of ['cn-0001', 'cn-0002']) {
      const pool = last(this.pool(node), 'ONLINE');
      if (pool !== 'ONLINE') found.push(`${node} pool ${pool}`);
      const life = last(this.node(node), 'running');
      if (life !== 'running') found.push(`${node} ${life}`);
      const status = last(this.status(node), 'running');
      if (status !== 'running') found.push(`${node} shown ${status}`);
      for (const { code, states } of this.cases(node))
        if (states.at(-1) !== 'RESOLVED') found.push(`${node} ${code}`);
    }
    for (const [alias, state] of Object.entries(this.vms()))
      if (state !== 'running') found.push(`${alias} ${state}`);
    const links = new Map(this.seen('linkStateChanged').map(({ payload }) => [payload.link, payload.up]));
    for (const [link, up] of links) if (!up) found.push(`${link} down`);
    return found;
  }

  /** VMs and their states as the head node has them at the end. */
  vms(): Record<string, string> {
    const { vms } = this.simulation!.host.stateOf<{ inventory: { vms: { alias: string; state: string }[] } }>(
      'headnode',
    ).inventory;
    return Object.fromEntries(vms.map(({ alias, state }) => [alias, state]));
  }

  /** The state of an actor at the end. */
  state<State>(address: string): State {
    return this.simulation!.host.stateOf<State>(address);
  }
}

type ServedFact = Seen<'zoneServed'> | Seen<'clientServed'>;

function sum(facts: readonly ServedFact[], from: number, to: number): Served {
  const total = { requests: 0, errors: 0, refused: 0, timeouts: 0, mean: 0, p50: 0, p99: 0, max: 0 };
  const latency: Histogram = new Map();
  let ns = 0;
  for (const { payload } of facts) {
    if (payload.from < from * SECOND || payload.from >= to * SECOND) continue;
    total.requests += payload.requests;
    total.errors += payload.errors;
    total.refused += payload.refused;
    total.timeouts += payload.timeouts;
    ns += payload.latencyNs;
    for (const { upperNs, count } of payload.latency)
      latency.set(upperNs, (latency.get(upperNs) ?? 0) + count);
  }
  const ms = (ns: number | undefined): number => (ns ?? 0) / 1e6;
  total.mean = ms(ns) / Math.max(1, total.requests + total.errors);
  total.p50 = ms(percentile(latency, 50));
  total.p99 = ms(percentile(latency, 99));
  total.max = ms(percentile(latency, 100));
  return total;
}
