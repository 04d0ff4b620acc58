/** Power of a node: its supplies, its plug, its button, and the sensors that read the supplies. */
import type { Context } from '@orrery/actor';
import { postEreport } from './ereports.ts';
import { hasPower, nextReading, readSensors, workingSupplies, worthReading } from './model/power-supplies.ts';
import type { NodeState } from './state.ts';

/** What the power left and the button say the node must now be; `reason` goes into the fact of the change. */
export function settlePower(ctx: Context, state: NodeState, reason: string): void {
  const power = hasPower(state.supplies, state.unplugged !== '');
  state.reason = reason;
  if (!power && state.phase !== 'off') ctx.dispatch({ type: 'POWER_LOST' });
  else if (power && state.wanted && state.phase === 'off') ctx.dispatch({ type: 'POWER_ON' });
  state.reason = '';
}

export function setSupply(ctx: Context, state: NodeState, name: string, works: boolean): void {
  const supply = state.supplies.find((candidate) => candidate.name === name);
  if (supply === undefined) throw new RangeError(`${ctx.address} has no psu/${name}`);
  if (supply.works === works) return;
  supply.works = works;
  supply.bad = 0;
  ctx.emit('psuStateChanged', { psu: name, ok: works, working: workingSupplies(state.supplies) });
  settlePower(ctx, state, works ? 'power restored' : 'power lost: no supply works');
  setSensors(ctx, state);
}

/** Sensors are read by fmd's own transport: only while the node runs, and here only while one has news. */
export function setSensors(ctx: Context, state: NodeState): void {
  if (state.phase !== 'running' || !worthReading(state.supplies)) ctx.cancel('sensors');
  else if (ctx.timerAt('sensors') === undefined) {
    ctx.timer('sensors', nextReading(ctx.now, ctx.address), 'tick', { name: 'sensors', number: 0 });
  }
}

export function sensorsRead(ctx: Context, state: NodeState): void {
  const cause = ctx.cause;
  for (const supply of readSensors(state.supplies)) {
    const fault = state.faults.find(({ part }) => part === `psu/${supply.name}`);
    ctx.cause = fault?.cause ?? cause;
    postEreport(ctx, state, {
      class: 'ereport.sensor.failure',
      part: `psu/${supply.name}`,
      payload: [],
      save: false,
    });
  }
  setSensors(ctx, state);
}
