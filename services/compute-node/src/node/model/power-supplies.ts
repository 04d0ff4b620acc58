/**
 * Power supplies keep a node up as long as one of them gives power; a sensor notices a dead one late, and a node with
 * none left is off at once.
 *
 * Why.       Two feeds survive one: the failure shows in the fault manager only, a minute or two later.
 * Rules.     1. A node has power while it is plugged in and at least one supply works. No supplies listed: the chassis's
 *               own always works.
 *            2. Sensors are read each minute on a grid of the node's own. One bad reading is forgiven; the second in a
 *               row is an ereport, and there is one for a failure, not one a minute.
 * Law.       A failure is noticed at the second grid point after it: 1 to 2 minutes.
 * State.     For each supply whether it works, and its bad readings in a row.
 * Differs.   The sensor bus, its retries and readings in volts are left out: a reading is good or bad.
 */
import { MINUTE, keyedHash } from '@orrery/kernel';
import { nextBeat } from './heartbeat.ts';

/** How often sensors are read, ns: about a minute. Longer delays each case, shorter forgives shorter glitches. */
export const SENSOR_PERIOD_NS = MINUTE;
/** Bad readings in a row that make an ereport: the first is forgiven. */
export const READINGS_BAD = 2;

export interface PowerSupply {
  name: string;
  works: boolean;
  /** Bad readings in a row; stops counting at READINGS_BAD. */
  bad: number;
}

export function workingSupplies(supplies: readonly PowerSupply[]): number {
  let working = 0;
  for (const supply of supplies) if (supply.works) working++;
  return working;
}

export function hasPower(supplies: readonly PowerSupply[], unplugged: boolean): boolean {
  return !unplugged && (supplies.length === 0 || workingSupplies(supplies) > 0);
}

/** The next reading of the sensors of a node, ns. */
export function nextReading(now: number, address: string): number {
  return nextBeat(now, keyedHash(0, 'sensors', address) % SENSOR_PERIOD_NS, SENSOR_PERIOD_NS);
}

/** Whether any reading is still to come that could change a verdict. */
export function worthReading(supplies: readonly PowerSupply[]): boolean {
  return supplies.some((supply) => !supply.works && supply.bad < READINGS_BAD);
}

/** Reads all sensors once. @returns the supplies found bad by this reading */
export function readSensors(supplies: readonly PowerSupply[]): PowerSupply[] {
  const found: PowerSupply[] = [];
  for (const supply of supplies) {
    if (supply.works) supply.bad = 0;
    else if (supply.bad < READINGS_BAD && ++supply.bad === READINGS_BAD) found.push(supply);
  }
  return found;
}
