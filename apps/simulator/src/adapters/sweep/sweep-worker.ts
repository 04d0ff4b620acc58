/**
 * A worker takes runs of sweeps from a broker, does them in processes of this machine, and keeps their results there.
 *
 * Rules. 1. A run's result is kept before the run is said to be done; the first result of a run stays.
 *        2. Whatever an order is, there is a result in the end: its error, when it cannot be read, found or done.
 *        3. Two results of one run with different digests are a result with that error.
 */
import { setTimeout } from 'node:timers/promises';
import { openJobBoard, takeJobs, type Job, type JobBoard, type Verdict } from '@orrery/bus/jobs';
import { connectNats } from '@orrery/bus/nats';
import type { Scenario } from '@orrery/spec';
import { engine } from '../../engine.ts';
import { readNatsFlags, type NatsFlags } from '../../process/adapters/nats-access.ts';
import { failedResult, type RunResult } from '../../sweep/index.ts';
import { BOARD, channelOf, decode, decodeOrder, encode, refusalsOf, type PostedHead } from './post.ts';
import { workerName } from './runner.ts';
import { RunPool } from './run-pool.ts';

export interface WorkerOptions {
  /** Where the broker is, and as whom it is entered. */
  access: NatsFlags;
  /** Runs at once, each in a process of its own. */
  jobs: number;
  onResult: (sweep: string, result: RunResult) => void;
  /** Hears what a person should know: whom it waits for, which sweep it leaves to others. */
  onNotice: (text: string) => void;
  /** No more runs are taken; it returns when those that go on are done. */
  stop: AbortSignal;
  /** Those that go on are given back too. */
  giveUp: AbortSignal;
}

/** A run that was given to so many workers and came back from none is given up. */
const TRIES_MAX = 10;
/** Expanded scenarios that are kept at hand. */
const SCENARIOS_MAX = 16;
const PAUSE_MS = 1000;

/**
 * @returns when told to stop
 * @throws RangeError on an access that cannot be
 */
export async function workSweeps(options: WorkerOptions): Promise<void> {
  const { access, jobs, stop, giveUp, onNotice } = options;
  const nc = await connectNats({ ...readNatsFlags(access), name: `orrery worker ${workerName()}` });
  const pool = new RunPool(jobs);
  const close = (): void => pool.close();
  giveUp.addEventListener('abort', close);
  try {
    const board = await opened();
    if (board === undefined) return;
    void refuseOthers(board).catch((error: unknown) => {
      if (!nc.isClosed()) onNotice(`other engines are left without a word: ${(error as Error).message}`);
    });
    const worker = new Worker(board, pool, options);
    const handle = (job: Job): Promise<Verdict> => worker.handle(job);
    await takeJobs({ nc, board, channel: channelOf(engine), slots: jobs, handle, signal: stop });
    await nc.flush();
  } finally {
    giveUp.removeEventListener('abort', close);
    pool.close();
    await nc.close();
  }

  async function opened(): Promise<JobBoard | undefined> {
    for (let told = ''; !stop.aborted;) {
      try {
        return await openJobBoard(nc, BOARD);
      } catch (error) {
        const reason = `waiting for ${access.nats}: ${(error as Error).message}`;
        if (reason !== told) onNotice(reason);
        told = reason;
        await setTimeout(PAUSE_MS);
      }
    }
    return undefined;
  }

  /** Tells those that want runs of another engine that this worker does not do them. */
  async function refuseOthers(board: JobBoard): Promise<void> {
    for await (const { group, bytes } of board.heads()) {
      const head = headOr(bytes);
      if (head === undefined || head.state !== 'open' || head.engine === engine) continue;
      const why = `sweep ${group} is of engine ${head.engine}, this is engine ${engine}`;
      onNotice(`${why}: left to others`);
      nc.publish(refusalsOf(group), `worker ${workerName()} refuses: ${why}`);
    }
  }
}

function headOr(bytes: Uint8Array): PostedHead | undefined {
  try {
    return decode<PostedHead>(bytes);
  } catch {
    return undefined;
  }
}

class Worker {
  private readonly board: JobBoard;
  private readonly pool: RunPool;
  private readonly options: WorkerOptions;
  private readonly scenarios = new Map<string, Scenario>();

  constructor(board: JobBoard, pool: RunPool, options: WorkerOptions) {
    this.board = board;
    this.pool = pool;
    this.options = options;
  }

  async handle(job: Job): Promise<Verdict> {
    if ((await this.board.result(job.group, job.key)) !== undefined) return 'done';
    const result = await this.resultOf(job);
    if (result === undefined) return 'returned';
    await this.keep(job, result);
    this.options.onResult(job.group, result);
    return 'done';
  }

  /** @returns undefined when it was given up */
  private async resultOf({ key, bytes, tries }: Job): Promise<RunResult | undefined> {
    const none = { key, settings: {}, seed: 0, scenario: { durationNs: 0 } as Scenario };
    const by = { engine, wallSeconds: 0, worker: workerName() };
    let order = none;
    try {
      const posted = decodeOrder(bytes);
      order = { ...none, settings: posted.settings, seed: posted.seed };
      if (posted.engine !== engine)
        throw new Error(`it is of engine ${posted.engine}, this is engine ${engine}`);
      if (tries > TRIES_MAX) throw new Error(`it was given to ${TRIES_MAX} workers and came back from none`);
      order = { ...order, scenario: await this.scenario(posted.scenario) };
    } catch (error) {
      return failedResult(order, (error as Error).message, by);
    }
    try {
      return await this.pool.run(order);
    } catch (error) {
      if (this.options.giveUp.aborted) return undefined;
      throw error;
    }
  }

  private async keep({ group, key }: Job, result: RunResult): Promise<void> {
    const before = await this.board.keep(group, key, encode(result));
    if (before === undefined) return;
    const { digest, worker, error } = decode<RunResult>(before);
    if (error !== '' || result.error !== '' || digest === result.digest) return;
    const differ = `two digests: ${digest} by ${worker}, ${result.digest} by ${result.worker}`;
    await this.board.replace(group, key, encode({ ...result, digest: '', error: differ }));
  }

  private async scenario(hash: string): Promise<Scenario> {
    const known = this.scenarios.get(hash);
    if (known !== undefined) return known;
    const bytes = await this.board.object(hash);
    if (bytes === undefined) throw new Error('its scenario is not there');
    const scenario = decode<Scenario>(bytes);
    if (this.scenarios.size >= SCENARIOS_MAX) this.scenarios.clear();
    this.scenarios.set(hash, scenario);
    return scenario;
  }
}
