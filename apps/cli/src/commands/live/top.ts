/** `orrery top`: the datacenter at a glance, once a second on a terminal, once in a pipe. */
import type { ControlClient } from '@orrery/headnode/adapters';
import { withControl } from '../../live/connect.ts';
import { tint, type Terminal } from '../../terminal.ts';
import { faultLines } from './fault.ts';
import type { LiveFlags } from './flags.ts';
import { nodeTable } from './node.ts';
import { ago } from './print.ts';
import { statusLines } from './status.ts';
import { vmTable } from './vm.ts';

const EVERY_MS = 1000;
/** Rows of nodes and of VMs where the terminal does not say how many it has. */
const ROWS = 12;

export function topCommand(terminal: Terminal, flags: LiveFlags & { once?: boolean }): Promise<number> {
  const drawn = process.stdout.isTTY === true && flags.once !== true && flags.json !== true;
  return withControl(flags, async (client) => {
    if (flags.json === true) terminal.out(JSON.stringify(await glance(client)));
    else if (!drawn) for (const line of await screen(terminal, client, Infinity)) terminal.out(line);
    else await draw(terminal, client);
    return 0;
  });
}

async function glance(client: ControlClient) {
  const [{ status }, { nodes }, { vms }, { pools }, troubles] = await Promise.all([
    client.call('describeDatacenter', {}),
    client.call('listNodes', {}),
    client.call('listVms', {}),
    client.call('listPools', {}),
    client.call('listFaults', { activeOnly: true }),
  ]);
  return { status, nodes, vms, pools, ...troubles };
}

async function screen(terminal: Terminal, client: ControlClient, height: number): Promise<string[]> {
  const { status, nodes, vms, pools, faults, cases } = await glance(client);
  if (status === undefined) return [];
  const rows = height === Infinity ? Infinity : Math.max(3, Math.min(ROWS, Math.floor((height - 14) / 2)));
  const wrongFirst = [...nodes].sort(
    (a, b) => Number(a.state === 'running') - Number(b.state === 'running') || b.cpuShare - a.cpuShare,
  );
  const busy = [...vms].sort((a, b) => b.requestsPerSecond - a.requestsPerSecond || b.p99Ns - a.p99Ns);
  const troubled = pools.filter(({ state, resilvering }) => state !== 'ONLINE' || resilvering !== '');
  const lines = [...statusLines(terminal, status).slice(0, -1), ''];
  lines.push(...nodeTable(wrongFirst.slice(0, rows), status.time), more(nodes.length, rows), '');
  lines.push(...vmTable(busy.slice(0, rows)), more(vms.length, rows), '');
  for (const pool of troubled) {
    const { address, state, since, resilvering, resilverDoneBytes, resilverTotalBytes } = pool;
    const share = Math.floor((resilverDoneBytes / Math.max(1, resilverTotalBytes)) * 100);
    const work = resilvering === '' ? '' : `, resilver of ${resilvering} ${share} %`;
    lines.push(tint(terminal, 'yellow', `${address} ${state} for ${ago(status.time, since)}${work}`));
  }
  if (faults.length + cases.length > 0) lines.push(...faultLines(faults, cases));
  return lines.filter((line, at) => line !== '' || lines[at - 1] !== '');
}

function more(count: number, rows: number): string {
  return count > rows ? `… and ${count - rows} more` : '';
}

/** Draws until Ctrl-C or q. */
async function draw(terminal: Terminal, client: ControlClient): Promise<void> {
  const state = { stopped: false, wake: () => undefined as void };
  const stop = () => {
    state.stopped = true;
    state.wake();
  };
  const keys = (key: Buffer) => {
    if (key.toString() === 'q' || key[0] === 3) stop();
  };
  process.once('SIGINT', stop);
  if (process.stdin.isTTY) process.stdin.setRawMode(true).on('data', keys).resume();
  process.stdout.write('\u001b[?1049h\u001b[?25l');
  try {
    while (!state.stopped) {
      const height = process.stdout.rows ?? 40;
      const lines = (await screen(terminal, client, height)).slice(0, height - 1);
      process.stdout.write(`\u001b[H${lines.map((line) => `${line}\u001b[K`).join('\n')}\u001b[J`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, EVERY_MS);
        state.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    process.stdout.write('\u001b[?25h\u001b[?1049l');
    if (process.stdin.isTTY) process.stdin.off('data', keys).setRawMode(false).pause();
    process.off('SIGINT', stop);
  }
}
