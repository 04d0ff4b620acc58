/** Tab completion: a script for the shell, and the words that it asks for. */
import type { Command } from 'commander';
import { catalogue } from '@orrery/simulator';
import { connectControl, type ControlClient } from '@orrery/headnode/adapters';
import { Refusal } from '../../exit.ts';
import { contextOf } from '../../live/connect.ts';
import type { Terminal } from '../../terminal.ts';

const script = `# orrery: source <(orrery completion bash)
_orrery() {
  local IFS=$'\\n'
  COMPREPLY=($(orrery complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [ "\${#COMPREPLY[@]}" -eq 0 ] && compopt -o default
}
complete -F _orrery orrery
`;

export function completionCommand(terminal: Terminal, shell: string): number {
  if (shell !== 'bash') throw new Refusal(`completion: expected bash, found "${shell}"`);
  terminal.out(script.trimEnd());
  return 0;
}

/** Words that may stand where the last of `words` is being typed. */
export async function completeCommand(
  terminal: Terminal,
  program: Command,
  words: readonly string[],
): Promise<number> {
  const typed = words.at(-1) ?? '';
  for (const word of await candidates(program, words.slice(0, -1), typed)) {
    if (word.startsWith(typed)) terminal.out(word);
  }
  return 0;
}

async function candidates(program: Command, before: readonly string[], typed: string): Promise<string[]> {
  let command = program;
  const given: string[] = [];
  for (const word of before) {
    const next = given.length === 0 ? command.commands.find((each) => each.name() === word) : undefined;
    if (next !== undefined) command = next;
    else if (!word.startsWith('-')) given.push(word);
  }
  if (typed.startsWith('-')) return command.options.flatMap(({ long }) => long ?? []);
  if (command.commands.length > 0)
    return command.commands.map((each) => each.name()).filter((name) => !hidden.has(name));
  const argument = command.registeredArguments[given.length]?.name() ?? '';
  return argument === '' ? [] : namesFor(command, argument, given[0] ?? '');
}

const hidden = new Set(['answer', 'complete']);

/** What an argument of that name may be: kinds from the catalogue, names from the live datacenter. */
async function namesFor(command: Command, argument: string, first: string): Promise<string[]> {
  const parent = command.parent?.name() ?? '';
  if (argument === 'kind')
    return [...new Set((parent === 'fault' ? catalogue.faults : catalogue.repairs).map(({ kind }) => kind))];
  if (argument === 'state') return ['on', 'off'];
  return withLive(async (client) => {
    switch (argument) {
      case 'node':
        return (await client.call('listNodes', {})).nodes.map(({ address }) => address);
      case 'vm':
        return (await client.call('listVms', {})).vms.map(({ alias, uuid }) => alias || uuid);
      case 'fault':
        return (await client.call('listFaults', { activeOnly: true })).faults.map(({ faultId }) => faultId);
      case 'target':
        return targets(client, first);
      case 'address':
        return targets(client, '');
      default:
        return [];
    }
  });
}

interface Parts {
  nodes: { address: string; cpus: number; [list: string]: unknown }[];
  switches: { address: string }[];
  uplinks: { address: string }[];
  vms: { alias: string }[];
}

const LISTS: Readonly<Record<string, string>> = {
  disk: 'disks',
  dimm: 'dimms',
  psu: 'psus',
  nic: 'nics',
  pool: 'pools',
};

/** Addresses of the parts that a fault or repair takes; of every part when `kind` is ''. */
async function targets(client: ControlClient, kind: string): Promise<string[]> {
  const { datacenterJson } = await client.call('describeDatacenter', { withSpec: true });
  const { nodes, switches, uplinks, vms } = JSON.parse(datacenterJson) as Parts;
  const rows = [
    ...catalogue.faults.filter((row) => row.kind === kind).map(({ target }) => target),
    ...catalogue.repairs.filter((row) => row.kind === kind).flatMap((row) => [...row.targets]),
  ];
  const wants = (part: string) => kind === '' || rows.some((row) => row === part);
  const words = nodes.flatMap((node) => [
    ...(wants('node') ? [node.address] : []),
    ...Object.entries(LISTS).flatMap(([part, list]) =>
      wants(part)
        ? (node[list] as { name: string }[]).map(({ name }) => `${node.address}/${part}/${name}`)
        : [],
    ),
    ...(wants('cpu') && kind !== ''
      ? Array.from({ length: node.cpus }, (_, cpu) => `${node.address}/cpu/${cpu}`)
      : []),
  ]);
  if (wants('switch')) words.push(...switches.map(({ address }) => address));
  if (wants('uplink')) words.push(...uplinks.map(({ address }) => address));
  if (wants('vm')) words.push(...vms.map(({ alias }) => alias));
  return words;
}

// A person waits for a tab: whoever has not answered by then has nothing to say.
const PATIENCE_MS = 1500;

async function withLive(ask: (client: ControlClient) => Promise<string[]>): Promise<string[]> {
  try {
    const client = connectControl(contextOf({}));
    const late = new Promise<string[]>((resolve) => {
      setTimeout(() => resolve([]), PATIENCE_MS).unref();
    });
    try {
      return await Promise.race([ask(client), late]);
    } finally {
      client.close();
    }
  } catch {
    return [];
  }
}
