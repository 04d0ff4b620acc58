/** Must show d3: the containers of deploy/ start, bear load, show a fault in Jaeger, and go on whatever is killed. */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Deployment, dockerMissing } from './deployment.ts';
import { faultStory, slowedBy } from './fault-traces.ts';
import { inScratch, orrery } from './orrery.ts';
import { Findings, type Proof, type ProofOptions } from './proof.ts';

const HEALTHY_SECONDS = 60;
const MEMORY_BYTES = 1.5e9;
const TRACE_SECONDS = 30;
const BACK_SECONDS = 90;
/** Wall time under load before memory is read, s. */
const LOAD_SECONDS = { full: 600, draw: 30 };
const DISK = 'cn-0001/disk/c0t3d0';
const MORTAL = ['compute-node', 'storage', 'net', 'fma', 'tracer', 'headnode', 'nats', 'jaeger'];

interface Status {
  /** Simulated, ns. */
  time: number;
  state: string;
  log: string;
}

export async function prove({ full, say }: ProofOptions): Promise<Proof> {
  const findings = new Findings(say);
  const missing = await dockerMissing();
  if (missing === undefined) await inScratch((scratch) => deployed(findings, scratch, full));
  else findings.check(!full, `left out: ${missing}`);
  return findings.proof();
}

async function deployed(findings: Findings, scratch: string, full: boolean): Promise<void> {
  const deployment = await Deployment.build(scratch);
  try {
    const seconds = await deployment.up();
    findings.check(seconds < HEALTHY_SECONDS, `every service is healthy after ${seconds.toFixed(1)} s`);
    await bearsLoad(findings, deployment, full ? LOAD_SECONDS.full : LOAD_SECONDS.draw);
    await showsFault(findings, deployment);
    for (const service of MORTAL) await outlives(findings, deployment, service);
    await replays(findings, deployment, join(scratch, 'log'));
  } catch (error) {
    for (const line of await deployment.logs().catch(() => [])) findings.note(line);
    throw error;
  } finally {
    await deployment.down();
  }
}

async function bearsLoad(findings: Findings, deployment: Deployment, seconds: number): Promise<void> {
  const [before, begun] = [await deployment.ask<Status>('status'), performance.now()];
  await setTimeout(seconds * 1000);
  const [after, ended] = [await deployment.ask<Status>('status'), performance.now()];
  const speed = (after.time - before.time) / 1e6 / (ended - begun);
  findings.note(`${seconds} s under load: ${speed.toFixed(2)} × real time`);
  const bytes = await deployment.memory();
  const found = `docker stats sums to ${(bytes / 1e9).toFixed(2)} GB of memory`;
  findings.check(bytes < MEMORY_BYTES, `${found} after ${seconds} s`);
}

async function showsFault(findings: Findings, deployment: Deployment): Promise<void> {
  const { out, err } = await deployment.orrery('fault', 'inject', 'disk.fail', DISK);
  const fault = /\b(f\d+): disk\.fail/.exec(out)?.[1];
  if (!findings.check(fault !== undefined, `orrery fault inject disk.fail ${DISK}: ${(out + err).trim()}`))
    return;
  const begun = performance.now();
  const { jaegerUrl } = deployment;
  const shown = await until(TRACE_SECONDS, async () => {
    const story = await faultStory(jaegerUrl, fault as string);
    if (story === undefined || story.services.length < 4) return undefined;
    const slowed = await slowedBy(jaegerUrl, fault as string, story.traceId);
    return slowed === undefined ? undefined : { story, slowed };
  });
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const story = await faultStory(jaegerUrl, fault as string);
  const services = story?.services.join(', ') ?? 'none';
  findings.check(shown !== undefined, `after ${seconds} s Jaeger has the fault's trace, of ${services}`);
  findings.check(
    shown?.slowed !== undefined,
    `and a slowed request's, linked to it: ${shown?.slowed ?? 'none'}`,
  );
}

async function outlives(findings: Findings, deployment: Deployment, service: string): Promise<void> {
  const { startedAt } = await deployment.kill(service);
  const begun = performance.now();
  const back = await until(BACK_SECONDS, async () => {
    const container = await deployment.container(service);
    const restarted = container.running && container.startedAt !== startedAt;
    if (!restarted || container.health === 'starting') return undefined;
    return (await goesOn(deployment)) ? container : undefined;
  });
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const well = back !== undefined && back.health !== 'unhealthy';
  findings.check(well, `${service} killed with -9: it is back and the datacenter goes on after ${seconds} s`);
}

/** Whether simulated time passes. */
async function goesOn(deployment: Deployment): Promise<boolean> {
  const before = await deployment.ask<Status>('status').catch(() => undefined);
  await setTimeout(500);
  const after = await deployment.ask<Status>('status').catch(() => undefined);
  return before !== undefined && after !== undefined && after.state === 'running' && after.time > before.time;
}

/** Ends the run, takes its log out, and computes it again in one process. */
async function replays(findings: Findings, deployment: Deployment, folder: string): Promise<void> {
  const end = await deployment.ask<{ digest: string; log: string; facts: number }>('down');
  await deployment.copy('headnode', end.log, folder);
  const verified = await orrery(['log', 'verify', folder]);
  findings.check(verified.code === 0, `its log verifies: ${(verified.out + verified.err).trim()}`);
  const { code, out, err } = await orrery(['replay', folder]);
  const same = code === 0 && out.includes(end.digest);
  findings.check(
    same,
    `replay of its ${end.facts} facts in one process: ${(out + err).trim().split('\n').at(-1)}`,
  );
}

/** @returns undefined when it did not come in time */
async function until<T>(seconds: number, look: () => Promise<T | undefined>): Promise<T | undefined> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const found = await look();
    if (found !== undefined) return found;
    await setTimeout(500);
  }
  return undefined;
}
