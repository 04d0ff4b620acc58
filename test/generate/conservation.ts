/** What must balance in every run, whatever happens in it: latencies, CPU time, bytes. */
import type { HostFact } from '@orrery/actor';
import type { Facts } from '@orrery/proto';
import type { Simulation } from '@orrery/simulator';
import type { Scenario } from '@orrery/spec';
import { usedOwn, type DatasetTree } from '../../services/storage/src/model/dataset.ts';

export class Balance {
  readonly wrong: string[] = [];
  private readonly cpus = new Map<string, number>();
  /** CPU ns by node: what the node says that it gave, and what its zones say that they got. */
  private readonly given = new Map<string, number>();
  private readonly got = new Map<string, number>();

  constructor(scenario: Scenario) {
    for (const node of scenario.datacenter.nodes) this.cpus.set(node.address, node.cpus);
  }

  observe(fact: HostFact): void {
    const node = fact.address.split('/')[0];
    if (fact.kind === 'nodeServed') {
      const { from, cpuNs } = fact.payload as Facts['nodeServed'];
      const most = (this.cpus.get(node) ?? 0) * (fact.time - from);
      if (cpuNs > most) this.wrong.push(`${node} gave ${cpuNs} ns of CPU by ${fact.time}, has ${most}`);
      this.given.set(node, (this.given.get(node) ?? 0) + cpuNs);
    }
    if (fact.kind === 'zoneServed') {
      this.got.set(node, (this.got.get(node) ?? 0) + (fact.payload as Facts['zoneServed']).cpuNs);
    }
  }

  /** What is wrong at the end. */
  finish(simulation: Simulation, scenario: Scenario): string[] {
    for (const [node, got] of this.got) {
      const most = (this.cpus.get(node) ?? 0) * simulation.now;
      if (got > most) this.wrong.push(`zones of ${node} got ${got} ns of CPU, it has ${most}`);
    }
    for (const node of scenario.datacenter.nodes) {
      for (const pool of node.pools) this.weigh(simulation, `${node.address}/pool/${pool.name}`, pool.name);
    }
    return this.wrong;
  }

  /** A pool's allocated bytes are its datasets': nothing is counted twice, nothing is lost. */
  private weigh(simulation: Simulation, address: string, name: string): void {
    const { tree } = simulation.host.stateOf<{ tree: DatasetTree }>(address);
    let sum = 0;
    for (const dataset of tree.values()) sum += usedOwn(dataset);
    const used = tree.get(name)?.usedTotal;
    if (used !== sum) this.wrong.push(`${address} has ${used} bytes in use, its datasets ${sum}`);
  }
}
