/** `orrery status`, `speed`, `pause`, `resume`, `step`, `snapshot`: the run itself. */
import type { PacingResponse, RunStatus } from '@orrery/proto';
import { formatTime } from '@orrery/spec';
import { Refusal } from '../../exit.ts';
import { withControl } from '../../live/connect.ts';
import { tint, type Terminal } from '../../terminal.ts';
import type { LiveFlags } from './flags.ts';

export function speedText(speed: number): string {
  return speed === 0 ? 'max' : `${speed} ×`;
}

export function statusLines(terminal: Terminal, status: RunStatus): string[] {
  const { name, seed, state, time, speed, speedNow, events, facts, commands, log, followers } = status;
  const wrong = (count: number, text: string) => (count > 0 ? tint(terminal, 'red', text) : text);
  const lines = [
    `${name}: ${state} at ${formatTime(time)} · speed ${speedText(speed)} (now ${speedNow.toFixed(1)} ×) · seed ${seed}`,
    [
      `${status.nodesRunning} of ${status.nodes} nodes running`,
      `${status.vmsRunning} of ${status.vms} VMs`,
      wrong(status.poolsDegraded, `${status.poolsDegraded} pools not ONLINE`),
      wrong(status.faultsActive, `${status.faultsActive} faults active`),
      wrong(status.casesOpen, `${status.casesOpen} cases open`),
    ].join(' · '),
    `${events} events, ${facts} facts, ${commands} commands · ${followers} following · log ${log === '' ? 'in memory' : log}`,
  ];
  const { spansExported, spansSampledOut, spansFailed } = status;
  if (spansExported + spansSampledOut + spansFailed > 0)
    lines.push(`spans: ${spansExported} exported, ${spansSampledOut} sampled out, ${spansFailed} failed`);
  return [...lines, `digest so far ${status.digest}`];
}

export function statusCommand(terminal: Terminal, flags: LiveFlags): Promise<number> {
  return withControl(flags, async (client) => {
    const { status } = await client.call('describeDatacenter', {});
    if (status === undefined) return 1;
    if (flags.json === true) terminal.out(JSON.stringify(status));
    else for (const line of statusLines(terminal, status)) terminal.out(line);
    return 0;
  });
}

export type PaceAction =
  | { kind: 'speed'; text: string }
  | { kind: 'pause' }
  | { kind: 'resume' }
  | { kind: 'step'; boundaries: number };

export function paceCommand(terminal: Terminal, action: PaceAction, flags: LiveFlags): Promise<number> {
  return withControl(flags, async (client) => {
    const pace = await (async (): Promise<PacingResponse> => {
      if (action.kind === 'speed') return client.call('setSpeed', { speed: speedOf(action.text) });
      if (action.kind === 'pause') return client.call('pause', {});
      if (action.kind === 'resume') return client.call('resume', {});
      return client.call('step', { boundaries: action.boundaries }, 600_000);
    })();
    const { time, speed, paused } = pace;
    if (flags.json === true) terminal.out(JSON.stringify(pace));
    else terminal.out(`${formatTime(time)}  ${paused ? 'paused' : 'running'} · speed ${speedText(speed)}`);
    return 0;
  });
}

function speedOf(text: string): number {
  if (text === 'max') return 0;
  const speed = Number(text.replace(/[x×]$/, ''));
  if (!(speed > 0)) throw new Refusal(`speed: expected max or a number above 0, found "${text}"`);
  return speed;
}

export function snapshotCommand(terminal: Terminal, flags: LiveFlags): Promise<number> {
  return withControl(flags, async (client) => {
    const taken = await client.call('snapshot', {}, 60_000);
    terminal.out(flags.json === true ? JSON.stringify(taken) : `snapshot at ${formatTime(taken.time)}`);
    return 0;
  });
}
