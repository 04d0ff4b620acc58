/** `orrery node list|get|reboot|power|nmi`. */
import type { NodeRow } from '@orrery/proto';
import { formatBytes, suggest } from '@orrery/spec';
import type { ControlClient } from '@orrery/headnode/adapters';
import { Refusal } from '../../exit.ts';
import { withControl } from '../../live/connect.ts';
import { layOut } from '../../output/tables.ts';
import type { Terminal } from '../../terminal.ts';
import type { LiveFlags } from './flags.ts';
import { ago, printAccepted } from './print.ts';

async function rows(client: ControlClient, match: string): Promise<{ nodes: NodeRow[]; now: number }> {
  const [{ nodes }, { status }] = await Promise.all([
    client.call('listNodes', { match }),
    client.call('describeDatacenter', {}),
  ]);
  return { nodes, now: status?.time ?? 0 };
}

export function nodeTable(nodes: readonly NodeRow[], now: number): string[] {
  const cells = nodes.map((node) => [
    node.address,
    node.rack,
    node.state,
    ago(now, node.since),
    node.status,
    `${node.vmsRunning}/${node.vms}`,
    `${(node.cpuShare * 100).toFixed(1)} %`,
    formatBytes(node.memoryBytes),
  ]);
  return layOut(['Node', 'rack', 'state', 'for', 'seen as', 'VMs', 'CPU', 'memory'], cells, [5, 6, 7]);
}

export function nodeListCommand(terminal: Terminal, match: string, flags: LiveFlags): Promise<number> {
  return withControl(flags, async (client) => {
    const { nodes, now } = await rows(client, match);
    if (flags.json === true) terminal.out(JSON.stringify(nodes));
    else for (const line of nodeTable(nodes, now)) terminal.out(line);
    return 0;
  });
}

export function nodeGetCommand(terminal: Terminal, address: string, flags: LiveFlags): Promise<number> {
  return withControl(flags, async (client) => {
    const { nodes, now } = await rows(client, '');
    const node = nodes.find((each) => each.address === address || each.hostname === address);
    if (node === undefined) {
      const names = nodes.map((each) => each.address);
      throw new Refusal(`there is no node ${address}: ${suggest(address, names)}`);
    }
    const { vms } = await client.call('listVms', { node: node.address });
    const { pools } = await client.call('listPools', { match: `${node.address}/*` });
    if (flags.json === true) {
      terminal.out(JSON.stringify({ ...node, vms, pools }));
      return 0;
    }
    for (const line of nodeTable([node], now)) terminal.out(line);
    terminal.out('');
    for (const pool of pools) terminal.out(`pool ${pool.address.split('/').at(-1)}  ${pool.state}`);
    for (const vm of vms) terminal.out(`vm ${vm.alias}  ${vm.state}  ${vm.uuid}`);
    return 0;
  });
}

export function nodeRepairCommand(
  terminal: Terminal,
  kind: string,
  address: string,
  flags: LiveFlags,
): Promise<number> {
  return withControl(flags, async (client) => {
    printAccepted(terminal, await client.call('repair', { kind, target: address, params: {} }), flags.json);
    return 0;
  });
}

/** The button that a word presses. */
export function powerKind(word: string): string {
  if (word !== 'on' && word !== 'off') throw new Refusal(`node power: expected on or off, found "${word}"`);
  return `node.power-${word}`;
}
