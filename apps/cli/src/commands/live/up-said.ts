/** What `orrery up` is asked, and what it says at its beginning and its end. */
import { readFileSync } from 'node:fs';
import { formatTime } from '@orrery/spec';
import { forgetContext, saveContext } from '../../live/context.ts';
import { storyHead } from '../../output/story-printer.ts';
import type { Terminal } from '../../terminal.ts';

export interface UpFlags {
  speed: number;
  listen: string;
  log?: string;
  resume?: string;
  seed?: number;
  set: string[];
  otlp?: string;
  tokenFile?: string;
  tlsCert?: string;
  tlsKey?: string;
  paused?: boolean;
  quiet?: boolean;
  json?: boolean;
  nats?: string;
  replicas: Readonly<Record<string, number>>;
  /** false: they are started elsewhere. */
  services?: boolean;
  traced?: boolean;
  http?: string;
  runs?: string;
}

export interface Up {
  address: string;
  token: string | undefined;
  runId: string;
  seed: number;
  log: string;
}

/** It answers: says where, and keeps that for the commands of this person. */
export function sayUp(terminal: Terminal, flags: UpFlags, { address, token, runId, seed, log }: Up): void {
  const ca = flags.tlsCert === undefined ? undefined : readFileSync(flags.tlsCert, 'utf8');
  saveContext({ address: reachable(address), token, tls: ca, runId });
  if (flags.json === true) terminal.out(JSON.stringify({ up: address, runId, log, seed }));
  else terminal.out(`up at ${address} · log ${log} · stop with Ctrl-C or "orrery down"\n`);
  if (flags.quiet !== true && flags.json !== true) terminal.out(storyHead());
}

/** Where this machine finds what listens on all of its addresses. */
function reachable(address: string): string {
  return address.replace(/^(?:0\.0\.0\.0|\[::\]):/, 'localhost:');
}

/** @returns the exit code */
export function sayEnd(
  terminal: Terminal,
  flags: UpFlags,
  runId: string,
  seed: number,
  end: { suspended: boolean; time: number; digest: string; log: string },
): number {
  forgetContext(runId);
  if (flags.json === true) terminal.out(JSON.stringify(end));
  else if (end.suspended)
    terminal.out(`stopped at ${formatTime(end.time)}; go on with: ${goOnWith(flags, end.log)}`);
  else terminal.out(`ended at ${formatTime(end.time)}: seed ${seed} digest ${end.digest}`);
  return 0;
}

function goOnWith({ nats, runs }: UpFlags, log: string): string {
  if (nats === undefined) return `orrery up --resume ${log}`;
  return runs === undefined ? `orrery up --nats ${nats} --resume ${log}` : 'the same command';
}
