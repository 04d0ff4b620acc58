/** Must show d6: the control API lists itself, refuses with a status and a reason, and bears a thousand followers. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { connectControl, type ControlClient } from '@orrery/headnode/adapters';
import { inScratch, root } from './orrery.ts';
import { Findings, type Proof, type ProofOptions } from './proof.ts';
import { proveSuites } from './suites.ts';

const bin = join(root, 'apps/cli/bin/orrery.js');
const FOLLOWERS = { full: 1000, draw: 50 };
/** Wall time that followers follow, ms. */
const FOLLOW_MS = { full: 30_000, draw: 4000 };
/** Speed that a run at 1 × keeps at least. */
const SPEED_LEAST = 0.95;
/** Wall time in which the last follower has the last fact, ms. */
const LAST_MS = 60_000;

export async function prove(options: ProofOptions): Promise<Proof> {
  const findings = new Findings(options.say);
  await inScratch(async (scratch) => {
    const { child, address } = await up(join(scratch, 'log'));
    const client = connectControl({ address });
    try {
      await provesFollowers(findings, client, address, options);
    } finally {
      client.close();
      child.kill('SIGKILL');
    }
  });
  const suites = await proveSuites(options, [
    {
      what: 'reflection, statuses, tokens, cursors',
      files: ['apps/simulator/src/live/control', 'services/headnode/src'],
    },
  ]);
  const own = findings.proof();
  return { ok: own.ok && suites.ok, lines: [...own.lines, ...suites.lines] };
}

/** A datacenter at 1 ×, in a process of its own. */
async function up(log: string): Promise<{ child: ChildProcess; address: string }> {
  const args = ['up', join(root, 'scenarios/first-light'), '--log', log, '--listen', '127.0.0.1:0', '--json'];
  const env = { ...process.env, XDG_CONFIG_HOME: join(log, '..') };
  const child = spawn(process.execPath, [bin, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout }))
    return { child, address: (JSON.parse(line) as { up: string }).up };
  throw new Error('orrery up ended before it answered');
}

async function provesFollowers(
  findings: Findings,
  client: ControlClient,
  address: string,
  { full }: ProofOptions,
): Promise<void> {
  const count = full ? FOLLOWERS.full : FOLLOWERS.draw;
  const connections = Array.from({ length: 10 }, () => connectControl({ address }));
  const counts = new Array<number>(count).fill(0);
  for (const at of counts.keys())
    follow(connections[at % connections.length], (facts) => (counts[at] += facts));
  const slow = { facts: 0 };
  const paused = follow(connections[0], (facts) => (slow.facts += facts));
  paused.pause();
  await wait(full ? 5000 : 1000);
  const begun = { ms: performance.now(), ns: (await statusOf(client)).time };
  await wait(full ? FOLLOW_MS.full : FOLLOW_MS.draw);
  const { time } = await statusOf(client);
  const speed = (time - begun.ns) / 1e6 / (performance.now() - begun.ms);
  await client.call('pause', {});
  const { facts } = await statusOf(client);
  const late = await arrived(() => counts.every((each) => each >= facts));
  const wrong = counts.filter((each) => each !== facts).length;
  findings.check(
    !full || speed >= SPEED_LEAST,
    `${count} followers and a paused one: ${speed.toFixed(2)} × real time at --speed 1, wanted ${SPEED_LEAST}`,
  );
  findings.check(
    wrong === 0,
    `each has all ${facts} facts, once (the last ${late} ms after)${wrong > 0 ? `; ${wrong} have not` : ''}`,
  );
  paused.resume();
  await arrived(() => slow.facts >= facts);
  findings.check(slow.facts === facts, `so has the paused one when it reads on: ${slow.facts}`);
  for (const connection of connections) connection.close();
}

async function statusOf(client: ControlClient): Promise<{ time: number; facts: number }> {
  const { status } = await client.call('describeDatacenter', {});
  if (status === undefined) throw new Error('it has no status');
  return status;
}

function follow(client: ControlClient, told: (facts: number) => void): ReturnType<typeof client.stream> {
  const stream = client.stream('followFacts', {});
  stream.on('data', (batch: { facts: unknown[] }) => told(batch.facts.length));
  stream.on('error', () => undefined);
  return stream;
}

/** @returns how long it took, ms */
async function arrived(is: () => boolean): Promise<number> {
  const begunMs = performance.now();
  while (!is() && performance.now() - begunMs < LAST_MS) await wait(20);
  return Math.round(performance.now() - begunMs);
}
