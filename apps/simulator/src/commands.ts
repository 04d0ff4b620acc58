/** What a time line asks for, as the commands that the simulation takes: each stamped with a control boundary. */
import type { Host } from '@orrery/actor';
import {
  messageNumbers,
  type CommandRecord,
  type Facts,
  type MessageKind,
  type Messages,
} from '@orrery/proto';
import { decodeMessage, encodeMessage } from '@orrery/proto/codec';
import type { Command, Scenario, TimelineEntry } from '@orrery/spec';

/** A command with its stamp; commands of one boundary take effect in their order. */
export interface StampedCommand {
  /** The control boundary at which it takes effect, ns. */
  time: number;
  command: Command;
  text: string;
  askedBy: string;
}

/** A command as the host takes it. */
export interface RoutedCommand {
  target: number;
  kind: MessageKind;
  payload: Messages[MessageKind];
  accepted: Facts['commandAccepted'];
}

/** First control boundary at or after `time`, ns. */
export function boundaryAt(time: number, controlWindowNs: number): number {
  return Math.ceil(time / controlWindowNs) * controlWindowNs;
}

/** The time line's commands by boundary, with the reverts that `for:` asks for. */
export function stampTimeline(scenario: Scenario): StampedCommand[] {
  const window = scenario.datacenter.controlWindowNs;
  const stamped: StampedCommand[] = [];
  for (const entry of scenario.timeline) {
    const time = boundaryAt(entry.atNs, window);
    stamped.push({ time, command: entry.command, text: entry.text, askedBy: entry.source });
    const revert = revertOf(entry, time, window);
    if (revert !== undefined) stamped.push(revert);
  }
  return stamped
    .map((command, index) => ({ command, index }))
    .sort((a, b) => a.command.time - b.command.time || a.index - b.index)
    .map(({ command }) => command);
}

function revertOf(entry: TimelineEntry, time: number, window: number): StampedCommand | undefined {
  const { command } = entry;
  if (command.kind !== 'inject' || command.forNs === 0) return undefined;
  const { faultId, faultKind, target } = command;
  return {
    time: boundaryAt(time + command.forNs, window),
    command: { kind: 'revert', faultId, faultKind, target },
    text: `revert ${faultId} ${faultKind} on ${target}`,
    askedBy: entry.source,
  };
}

/**
 * The spec's actor with the longest address that `target` begins with, and what is left of it: what was made at run time is
 * reached through whoever made it, wherever that runs.
 */
export function resolveTarget(host: Host, target: string): { id: number; part: string } {
  for (let end = target.length; end > 0; end = target.lastIndexOf('/', end - 1)) {
    const cell = host.cells.rootAt(target.slice(0, end));
    if (cell !== undefined && cell.id !== 0) return { id: cell.id, part: target.slice(end + 1) };
  }
  throw new RangeError(`no part of the datacenter has the address ${target}`);
}

/** fmadm talks to the fault manager of the part's node; any other repair to the part. */
function repairedBy(host: Host, repairKind: string, target: string): { id: number; part: string } {
  if (!repairKind.startsWith('fmadm.')) return resolveTarget(host, target);
  const [node] = target.split('/');
  return { id: host.idOf(`fm/${node}`), part: target };
}

/** Where a command goes, and as which message. */
export function routeCommand(host: Host, stamped: StampedCommand): RoutedCommand {
  const { command, askedBy, text } = stamped;
  const accepted = (kind: string, target: string) => ({ kind, target, text, askedBy });
  switch (command.kind) {
    case 'inject': {
      const { id, part } = resolveTarget(host, command.target);
      const params = command.params.map((param) => ({ ...param }));
      const payload = { faultId: command.faultId, kind: command.faultKind, part, params, askedBy };
      return { target: id, kind: 'injectFault', payload, accepted: accepted('inject', command.target) };
    }
    case 'revert': {
      const { id, part } = resolveTarget(host, command.target);
      const payload = { faultId: command.faultId, kind: command.faultKind, part, askedBy };
      return { target: id, kind: 'revertFault', payload, accepted: accepted('revert', command.target) };
    }
    case 'repair': {
      const { id, part } = repairedBy(host, command.repairKind, command.target);
      const params = command.params.map((param) => ({ ...param }));
      const payload = { kind: command.repairKind, part, params, askedBy };
      return { target: id, kind: 'repair', payload, accepted: accepted('repair', command.target) };
    }
    case 'vm': {
      const { action, uuid, payloadJson, server, count } = command;
      const payload = { action, uuid, payloadJson, server, count, askedBy };
      return { target: host.idOf('headnode'), kind: 'vmCommand', payload, accepted: accepted('vm', uuid) };
    }
  }
}

/** A logged command as the host takes it. @throws RangeError on a kind that is none of a command's */
export function routeRecord(host: Host, record: CommandRecord): RoutedCommand {
  const { target, text, askedBy } = record;
  const address = host.cells.get(target)?.address ?? '';
  const whole = (part: string) => (part === '' ? address : `${address}/${part}`);
  const accepted = (kind: string, of: string) => ({ kind, target: of, text, askedBy });
  const payload = decodeMessage(record.kind, record.payload);
  switch (record.kind) {
    case messageNumbers.injectFault: {
      const fault = payload as Messages['injectFault'];
      return { target, kind: 'injectFault', payload: fault, accepted: accepted('inject', whole(fault.part)) };
    }
    case messageNumbers.revertFault: {
      const fault = payload as Messages['revertFault'];
      return { target, kind: 'revertFault', payload: fault, accepted: accepted('revert', whole(fault.part)) };
    }
    case messageNumbers.repair: {
      const repair = payload as Messages['repair'];
      const of = repair.kind.startsWith('fmadm.') ? repair.part : whole(repair.part);
      return { target, kind: 'repair', payload: repair, accepted: accepted('repair', of) };
    }
    case messageNumbers.vmCommand: {
      const vm = payload as Messages['vmCommand'];
      return { target, kind: 'vmCommand', payload: vm, accepted: accepted('vm', vm.uuid) };
    }
    default:
      throw new RangeError(`command ${record.n} is of kind ${record.kind}, which is no command`);
  }
}

/** A command for the log, without its number and time. */
export function recordOf(routed: RoutedCommand): CommandRecord {
  const kind = messageNumbers[routed.kind];
  const { text, askedBy } = routed.accepted;
  const payload = encodeMessage(kind, routed.payload);
  return { n: 0, time: 0, kind, target: routed.target, payload, text, askedBy, requestId: '', revertAt: 0 };
}
