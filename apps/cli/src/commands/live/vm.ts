/** `orrery vm list|get|create|start|stop|reboot|destroy`. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { VmRow } from '@orrery/proto';
import { formatBytes, suggest } from '@orrery/spec';
import { Refusal } from '../../exit.ts';
import { withControl } from '../../live/connect.ts';
import { layOut } from '../../output/tables.ts';
import type { Terminal } from '../../terminal.ts';
import type { LiveFlags } from './flags.ts';
import { latency, printAccepted } from './print.ts';

export function vmTable(vms: readonly VmRow[]): string[] {
  const cells = vms.map((vm) => [
    vm.alias === '' ? vm.uuid.slice(0, 8) : vm.alias,
    vm.node === '' ? '–' : vm.node,
    vm.brand,
    vm.job === '' ? vm.state : `${vm.state} (${vm.job})`,
    vm.requestsPerSecond === 0 ? '–' : String(vm.requestsPerSecond),
    latency(vm.meanNs),
    latency(vm.p99Ns),
    vm.errors === 0 ? '–' : String(vm.errors),
    vm.error,
  ]);
  return layOut(
    ['VM', 'node', 'brand', 'state', 'requests/s', 'mean', 'p99', 'errors', ''],
    cells,
    [4, 5, 6, 7],
  );
}

export function vmListCommand(
  terminal: Terminal,
  match: string,
  flags: LiveFlags & { node?: string },
): Promise<number> {
  return withControl(flags, async (client) => {
    const { vms } = await client.call('listVms', { match, node: flags.node ?? '' });
    if (flags.json === true) terminal.out(JSON.stringify(vms));
    else for (const line of vmTable(vms)) terminal.out(line);
    return 0;
  });
}

export function vmGetCommand(terminal: Terminal, name: string, flags: LiveFlags): Promise<number> {
  return withControl(flags, async (client) => {
    const { vms } = await client.call('listVms', {});
    const vm = vms.find(({ alias, uuid }) => alias === name || uuid === name);
    if (vm === undefined) {
      const names = vms.map(({ alias }) => alias);
      throw new Refusal(`there is no VM ${name}: ${suggest(name, names)}`);
    }
    if (flags.json === true) {
      terminal.out(JSON.stringify(vm));
      return 0;
    }
    for (const line of vmTable([vm])) terminal.out(line);
    const address = vm.node === '' ? '' : ` · ${vm.node}/zone/${vm.uuid}`;
    terminal.out(`${vm.uuid} · zone ${vm.zoneState} · ${formatBytes(vm.memoryBytes)}${address}`);
    return 0;
  });
}

export function vmCreateCommand(
  terminal: Terminal,
  flags: LiveFlags & { file: string; server?: string; count?: number; requestId?: string },
): Promise<number> {
  const payloadJson = payloadFrom(flags.file);
  return withControl(flags, async (client) => {
    const { server = '', count = 1, requestId = randomUUID() } = flags;
    const response = await client.call('createVm', { requestId, payloadJson, server, count });
    printAccepted(terminal, response, flags.json);
    return 0;
  });
}

function payloadFrom(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch {
    throw new Refusal(`-f: ${path} cannot be read`);
  }
}

const methods = { start: 'startVm', stop: 'stopVm', reboot: 'rebootVm', destroy: 'destroyVm' } as const;

export function vmActionCommand(
  terminal: Terminal,
  action: keyof typeof methods,
  name: string,
  flags: LiveFlags,
): Promise<number> {
  return withControl(flags, async (client) => {
    const response = await client.call(methods[action], { requestId: randomUUID(), vm: name });
    printAccepted(terminal, response, flags.json);
    return 0;
  });
}
