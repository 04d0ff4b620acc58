/** A sweep whose runs are taken by workers over a broker: posts what is missing, and gathers results until all are there. */
import { setTimeout } from 'node:timers/promises';
import { openJobBoard, type JobBoard } from '@orrery/bus/jobs';
import { connectNats } from '@orrery/bus/nats';
import { readNatsFlags, type NatsFlags } from '../../process/adapters/nats-access.ts';
import { differenceOf, ordersOf, type Order, type RunResult, type Sweep } from '../../sweep/index.ts';
import { BOARD, channelOf, decode, encode, hashOf, refusalsOf, type PostedHead } from './post.ts';
import { headOf } from './result-folder.ts';

export interface SweepOver {
  sweep: Sweep;
  /** Letters, digits, `-` and `_`; by it the sweep is found again. */
  id: string;
  /** Where the broker is, and as whom it is entered. */
  access: NatsFlags;
  /** Keys of runs whose results are there. */
  done: ReadonlySet<string>;
  onResult: (result: RunResult) => void;
  /** Hears what a person should know: no worker is there, a worker refuses. */
  onNotice: (text: string) => void;
  /** Ends it early, and takes back what waits. */
  signal: AbortSignal;
}

const POLL_MS = 200;
/** Wall time between looks whether a run is lost or nobody is there to do it, ms. */
const LOOK_MS = 5000;
/** Runs posted at once, unanswered. */
const POSTED_AT_ONCE = 64;

/**
 * @returns when every result is there, or it was ended early
 * @throws RangeError when another sweep has the id, Error when the broker cannot be used
 */
export async function sweepOver(options: SweepOver): Promise<void> {
  const { sweep, id, access, signal, onNotice } = options;
  const common = { name: `orrery sweep ${id}`, waitOnFirstConnect: false };
  const nc = await connectNats({ ...readNatsFlags(access), ...common });
  try {
    const board = await openJobBoard(nc, BOARD);
    const head = headOf(sweep);
    const there = await board.head(id);
    const difference = there && differenceOf(decode<PostedHead>(there), head);
    if (difference !== undefined) throw new RangeError(`--id ${id} is another sweep: ${difference}`);
    const told = new Set<string>();
    const refusals = nc.subscribe(refusalsOf(id), {
      callback: (_, message) => {
        const text = message.string();
        if (!told.has(text)) onNotice(text);
        told.add(text);
      },
    });
    await board.putHead(id, encode({ ...head, state: 'open' }));
    await new Gathering(board, options).run();
    if (signal.aborted) await board.withdraw(id);
    await board.putHead(id, encode({ ...head, state: 'over' }));
    refusals.unsubscribe();
  } finally {
    await nc.close();
  }
}

class Gathering {
  private readonly board: JobBoard;
  private readonly options: SweepOver;
  private readonly missing: Map<string, Order>;
  private after = 0;
  private warned = false;

  constructor(board: JobBoard, options: SweepOver) {
    this.board = board;
    this.options = options;
    const orders = [...ordersOf(options.sweep)].filter(({ key }) => !options.done.has(key));
    this.missing = new Map(orders.map((order) => [order.key, order]));
  }

  async run(): Promise<void> {
    const { signal } = this.options;
    await this.read();
    if (this.missing.size === 0) return;
    const scenarios = await this.putScenarios();
    await this.post([...this.missing.values()], scenarios);
    let lookedMs = performance.now();
    while (this.missing.size > 0 && !signal.aborted) {
      await setTimeout(POLL_MS);
      await this.read();
      if (performance.now() - lookedMs < LOOK_MS) continue;
      lookedMs = performance.now();
      await this.look(scenarios);
    }
  }

  /** Takes what results came since. */
  private async read(): Promise<void> {
    const { after, results } = await this.board.resultsAfter(this.options.id, this.after);
    this.after = after;
    for (const bytes of results) {
      const result = decode<RunResult>(bytes);
      if (this.missing.delete(result.key)) this.options.onResult(result);
    }
  }

  /** What neither waits nor has a result is posted again; a worker says a run is done once its result is kept. */
  private async look(scenarios: ReadonlyMap<Order['scenario'], string>): Promise<void> {
    const { id, sweep, onNotice } = this.options;
    const open = await this.board.open(id);
    await this.read();
    await this.post(
      [...this.missing.values()].filter(({ key }) => !open.has(key)),
      scenarios,
    );
    if (this.missing.size === 0) return;
    const attended = await this.board.attended(channelOf(sweep.engine));
    if (!attended && !this.warned)
      onNotice(`no worker of engine ${sweep.engine} is there; start some with: orrery worker --nats URL`);
    this.warned = !attended;
  }

  /** @returns the name of each scenario's object */
  private async putScenarios(): Promise<Map<Order['scenario'], string>> {
    const names = new Map<Order['scenario'], string>();
    for (const { scenario } of this.missing.values()) {
      if (names.has(scenario)) continue;
      const bytes = encode(scenario);
      const hash = hashOf(bytes);
      names.set(scenario, hash);
      await this.board.putObject(hash, bytes);
    }
    return names;
  }

  private async post(
    orders: readonly Order[],
    scenarios: ReadonlyMap<Order['scenario'], string>,
  ): Promise<void> {
    const { id, sweep, signal } = this.options;
    const { engine } = sweep;
    for (let at = 0; at < orders.length && !signal.aborted; at += POSTED_AT_ONCE) {
      const some = orders.slice(at, at + POSTED_AT_ONCE);
      await Promise.all(
        some.map(({ key, settings, seed, scenario }) => {
          const bytes = encode({ settings, seed, engine, scenario: scenarios.get(scenario) ?? '' });
          return this.board.add({ channel: channelOf(engine), group: id, key }, bytes);
        }),
      );
    }
  }
}
