/** A fleet at rest: nodes that beat, zones that idle, and one node that falls silent and must be missed. */
import { Simulation } from '@orrery/simulator';
import type { Facts } from '@orrery/proto';
import { fleetScenario } from './datacenters.ts';
import type { PartResult } from './processes.ts';

export interface FleetResult extends Omit<PartResult, 'rssMiB'> {
  simSeconds: number;
  setupSeconds: number;
  actors: number;
  /** Simulated seconds from the loss of power to the head node's fact; -1: never. */
  staleAfterSeconds: number;
  heapMiB: number;
}

const POWER_OFF_SECONDS = 60;

export function fleetOnce(nodes: number, zones: number, forSeconds: number): FleetResult {
  const start = performance.now();
  const scenario = fleetScenario(nodes, zones, forSeconds);
  let staleAt = -1;
  const simulation = new Simulation({
    scenario,
    seed: 1,
    onFact: (fact) => {
      if (fact.kind !== 'serverStatusChanged' || staleAt >= 0) return;
      if ((fact.payload as Facts['serverStatusChanged']).status === 'unknown') staleAt = fact.time / 1e9;
    },
  });
  const begin = performance.now();
  simulation.advance(forSeconds * 1e9);
  const end = performance.now();
  return {
    events: simulation.host.events,
    wallSeconds: (end - begin) / 1000,
    setupSeconds: (begin - start) / 1000,
    simSeconds: forSeconds,
    actors: simulation.host.cells.all().length,
    staleAfterSeconds: staleAt < 0 ? -1 : staleAt - POWER_OFF_SECONDS,
    heapMiB: Math.round(process.memoryUsage().heapUsed / 1_048_576),
  };
}
