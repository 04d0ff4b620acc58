/**
 * A run of the protocol in which a seeded scheduler decides everything: what arrives, when, how often, and who dies.
 * First it does its worst, then faults stop and the run must come to its end.
 */
import type { FactRecord, Member, StampedCommand } from '@orrery/proto';
import {
  ask,
  decodeReplicaSnapshot,
  NEVER,
  ownName,
  type Broker,
  Runner,
  shardName,
  type Restart,
  type WindowRules,
} from '../window/index.ts';
import { ToyBroker, type Mutation } from './broker.case.ts';
import { Toy, type ToyRules } from './toy.case.ts';

/** A violation of what must always hold. */
export class Violation extends Error {}

interface Flight {
  /** 0: to the broker. */
  to: Process | 0;
  arrive: () => void;
}

interface Process {
  replica: string;
  name: string;
  alive: boolean;
  runner: Runner;
  /** Windows heard of each replica, for the mutation that counts them. */
  arrived: Map<string, number>;
}

export interface WorldOptions {
  seed: number;
  mutation?: Mutation | undefined;
  /** Steps with faults. */
  chaos?: number;
}

const QUIET_STEPS = 60_000;

export class World {
  readonly toyRules: ToyRules;
  readonly rules: WindowRules;
  readonly broker: ToyBroker;
  readonly windows = new Map<string, string>();
  readonly asked: StampedCommand[] = [];
  readonly answered = new Map<string, number>();
  readonly counts = {
    steps: 0,
    kills: 0,
    brokerKills: 0,
    lost: 0,
    repeated: 0,
    refused: 0,
    epochs: 0,
    purges: 0,
  };
  chaos = true;
  private state: number;
  private readonly flights: Flight[] = [];
  private readonly processes: Process[] = [];
  private readonly replicas: { name: string; service: number }[] = [];
  private readonly options: WorldOptions;
  private started = 0;

  constructor(options: WorldOptions) {
    this.options = options;
    this.state = (Math.imul(options.seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0;
    const tight = 3 + this.draw(3);
    const controlWindow = 16 + this.draw(12);
    this.toyRules = {
      seed: options.seed,
      lookahead: 2 + this.draw(5),
      controlWindow,
      tight,
      shards: tight + 3,
    };
    const endNs = controlWindow * (4 + this.draw(4)) + this.draw(3) * 5;
    this.rules = { lookaheadNs: this.toyRules.lookahead, controlWindowNs: controlWindow, endNs };
    this.broker = new ToyBroker(options.mutation);
    for (let i = 0; i <= 1 + this.draw(2); i++) this.replicas.push({ name: `tight-${i}`, service: 0 });
    for (let i = 0; i <= this.draw(2); i++) this.replicas.push({ name: `loose-${i}`, service: 1 });
    this.replicas.push({ name: 'headnode', service: 2 });
  }

  /** Runs to the end. @throws Violation */
  run(): this {
    for (const { name } of this.replicas) this.start(name);
    const chaos = this.options.chaos ?? 150 + this.draw(600);
    for (let step = 0; step < chaos && !this.over(); step++) this.worst();
    this.chaos = false;
    this.broker.up = true;
    for (let step = 0; !this.over(); step++) {
      if (step > QUIET_STEPS) throw new Violation(`no progress: ${this.describe()}`);
      this.best();
    }
    return this;
  }

  get facts(): FactRecord[] {
    return this.broker.facts.flatMap(({ facts }) => facts);
  }

  private worst(): void {
    this.counts.steps++;
    const dice = this.draw(1000);
    const process = this.processes[this.draw(this.processes.length)];
    if (dice < 10) {
      if (process.alive) this.counts.kills++;
      process.alive = false;
    } else if (dice < 50) this.startDead();
    else if (dice < 53) this.killBroker();
    else if (dice < 70) this.reviveBroker();
    else if (dice < 110) this.tick(process);
    else if (dice < 180) this.close();
    else if (dice < 195) this.askSomething();
    else if (dice < 205) this.purge();
    else if (dice < 210) this.start(this.replicas[this.draw(this.replicas.length)].name);
    else if (this.flights.length > 0) this.fly(dice);
  }

  private best(): void {
    this.counts.steps++;
    if (this.draw(8) === 0) {
      this.startDead();
      this.endTwins();
    }
    if (this.flights.length > 0 && this.draw(4) > 0) return this.fly(1000);
    if (this.draw(3) === 0) this.close();
    if (this.flights.length === 0) for (const process of this.processes) this.tick(process);
    if (this.draw(20) === 0) this.purge();
  }

  private fly(dice: number): void {
    const at = this.draw(3) === 0 ? 0 : this.draw(this.flights.length);
    const flight = this.flights[at];
    if (dice < 243) {
      this.counts.lost++;
      this.take(at);
    } else if (dice < 273) this.counts.repeated++;
    else this.take(at);
    if (dice >= 243) this.arrive(flight);
  }

  private take(at: number): void {
    this.flights.splice(at, 1);
  }

  private arrive({ to, arrive }: Flight): void {
    if (to === 0 ? this.broker.up : to.alive) arrive();
  }

  private toBroker(arrive: () => void): void {
    this.flights.push({ to: 0, arrive });
  }

  private toProcess(process: Process, arrive: () => void): void {
    this.flights.push({ to: process, arrive });
  }

  private start(replica: string): void {
    if (!this.broker.up) return;
    const name = `${replica}#${++this.started}`;
    const restart = this.restartOf(replica);
    const process = { replica, name, alive: true, arrived: new Map() } as unknown as Process;
    const toy = new Toy(this.toyRules);
    toy.lazyCancel = this.options.mutation === 'cancelled timers are pending';
    process.runner = new Runner(
      {
        run: 'r',
        replica,
        process: name,
        rules: this.rules,
        closes: replica === 'headnode',
        broker: this.portOf(process),
        simulation: this.watched(process, toy),
        listener: {
          onStored: ({ commands, boundary }) => {
            for (const { command } of commands) this.answered.set(command?.requestId ?? '', boundary);
          },
          onEnd: () => undefined,
          onStop: (code, detail) => {
            process.alive = false;
            const ahead = this.broker.pointers.get(replica)?.number ?? 0;
            const behind = code === 'ORRERY_BUS_PURGED' && ahead > process.runner.replica.position.number;
            if (code !== 'ORRERY_BUS_SUPERSEDED' && !behind)
              throw new Violation(`${name}: ${code} ${detail}`);
          },
        },
      },
      restart,
    );
    if (this.options.mutation === 'forget request ids') process.runner.closer.known.clear();
    this.processes.push(process);
    process.runner.connected();
  }

  private restartOf(replica: string): Restart | undefined {
    const pointer = this.broker.pointers.get(replica);
    if (pointer === undefined || pointer.left) return pointer && { pointer };
    const bytes = this.broker.objects.get(ownName(pointer.number, replica));
    if (bytes === undefined) throw new Violation(`${replica}: pointer ${pointer.number} names nothing`);
    const shards = new Map<number, Uint8Array>();
    for (const shard of pointer.shards) {
      const object = this.broker.objects.get(shardName(pointer.number, shard));
      if (object === undefined)
        throw new Violation(`${replica}: shard ${shard} of ${pointer.number} is missing`);
      shards.set(shard, object);
    }
    return { pointer, snapshot: decodeReplicaSnapshot(bytes), shards };
  }

  private portOf(process: Process): Broker {
    const { broker } = this;
    const { mutation } = this.options;
    const said = new Set<string>();
    return {
      publish: (item) => {
        if (mutation === 'do not send again' && said.has(item.id)) return;
        said.add(item.id);
        if (mutation === 'hand over nothing' && item.stream === 'objects')
          item = { ...item, bytes: new Uint8Array(48) };
        this.toBroker(() => this.publish(process, item));
        if (mutation === 'do not wait for acknowledgements')
          for (const pending of process.runner.outbox.pointers) Object.assign(pending, { mark: -1 });
      },
      poll: (from) => {
        if (mutation === 'do not poll' && process.runner.replica.phase !== 'joining') return;
        this.toBroker(() => {
          const messages = broker.read(from);
          const { first } = broker;
          this.toProcess(process, () => process.runner.page(from, first, messages));
        });
      },
      getObject: (name) =>
        this.toBroker(() => {
          const bytes = broker.objects.get(name);
          if (bytes !== undefined) this.toProcess(process, () => process.runner.objectGot(name, bytes));
        }),
      readPointer: (last) =>
        this.toBroker(() => {
          const number = broker.pointers.get(process.replica)?.number ?? 0;
          this.toProcess(process, () => process.runner.pointerRead(last, number));
        }),
      movePointer: (pointer) =>
        this.toBroker(() => {
          const number = broker.movePointer(process.replica, pointer);
          this.toProcess(process, () => process.runner.pointerMoved(number));
        }),
    };
  }

  private publish(process: Process, item: Parameters<Broker['publish']>[0]): void {
    const refused = this.chaos && this.draw(40) === 0;
    if (refused) this.counts.refused++;
    const result = refused ? { kind: 'refused' as const } : this.broker.store(item);
    if (result.kind === 'stored') this.toProcess(process, () => process.runner.acknowledged(item.id));
    else if (result.kind === 'duplicate')
      this.toProcess(process, () =>
        result.same ? process.runner.acknowledged(item.id) : process.runner.conflicted(item.id),
      );
    if (item.stream !== 'windows') return;
    const heard = this.options.mutation === 'hear the publish subject' || result.kind === 'stored';
    const sequence = result.kind === 'stored' ? result.sequence : this.broker.last + 1;
    if (heard)
      for (const other of this.processes)
        if (other.alive) this.toProcess(other, () => this.hear(other, { content: item.content, sequence }));
  }

  private hear(process: Process, stored: Parameters<Runner['receive']>[0]): void {
    const { window } = stored.content;
    if (this.options.mutation !== 'index by arrival' || window === undefined)
      return process.runner.receive(stored);
    const n = (process.arrived.get(window.replica) ?? 0) + 1;
    process.arrived.set(window.replica, n);
    process.runner.receive({ ...stored, content: { window: { ...window, n } } });
  }

  private watched(process: Process, toy: Toy): Toy {
    const run = toy.runWindow.bind(toy);
    toy.runWindow = (start, end) => {
      const { epoch, n } = process.runner.replica.position;
      const key = process.replica.startsWith('tight') ? `${epoch}:${n + 1}` : `${epoch}:${n + 1}:loose`;
      const window = `${start}-${end}`;
      const known = this.windows.get(key) ?? window;
      if (known !== window) throw new Violation(`window ${key}: ${known} and ${window} (${process.name})`);
      this.windows.set(key, window);
      const report = run(start, end);
      if (this.options.mutation === 'no earliestSent') return { ...report, earliestSent: NEVER };
      if (this.options.mutation === 'no earliestLoose') return { ...report, earliestLoose: NEVER };
      return report;
    };
    return toy;
  }

  private startDead(): void {
    const dead = this.replicas.filter(
      ({ name }) => !this.processes.some((p) => p.alive && p.replica === name),
    );
    if (dead.length > 0) this.start(dead[this.draw(dead.length)].name);
    for (let at = this.processes.length - 1; at >= 0; at--)
      if (!this.processes[at].alive && this.processes.length > 1) this.processes.splice(at, 1);
  }

  private endTwins(): void {
    for (const process of this.processes)
      if (this.processes.findLast(({ replica }) => replica === process.replica) !== process)
        process.alive = false;
  }

  private tick(process: Process): void {
    if (process.alive && this.broker.up) process.runner.waited();
  }

  private killBroker(): void {
    this.counts.brokerKills++;
    this.broker.up = false;
    for (let at = this.flights.length - 1; at >= 0; at--) if (this.draw(2) === 0) this.take(at);
    if (this.draw(2) === 0) this.broker.forgetIds();
  }

  private reviveBroker(): void {
    if (this.broker.up) return;
    this.broker.up = true;
    for (const process of [...this.processes]) if (process.alive) process.runner.connected();
  }

  private close(): void {
    const process = this.processes.findLast(({ replica, alive }) => alive && replica === 'headnode');
    const closing = process?.runner.closing;
    if (process === undefined || closing === undefined) return;
    const first = closing.number === 1;
    const turns = first || this.draw(6) === 0;
    if (turns) this.counts.epochs++;
    const members = turns ? { members: this.assignment(first) } : {};
    process.runner.close({ hold: this.draw(3) === 0, snapshot: !first && this.draw(3) === 0, ...members });
  }

  private assignment(_first: boolean): Member[] {
    const { tight, shards } = this.toyRules;
    const services = [
      { numbers: Array.from({ length: tight }, (_, shard) => shard), loose: false },
      { numbers: [tight, tight + 1], loose: true },
      { numbers: [shards - 1], loose: true },
    ];
    return services.flatMap(({ numbers, loose }, service) => {
      const names = this.replicas.filter((replica) => replica.service === service).map(({ name }) => name);
      const chosen = names.filter(() => this.draw(4) > 0);
      const of = chosen.length > 0 ? chosen : [names[0]];
      const members = of.map((replica) => ({ replica, loose, shards: [] as number[] }));
      for (const shard of numbers) members[this.draw(members.length)].shards.push(shard);
      return members.filter((member) => member.shards.length > 0);
    });
  }

  private askSomething(): void {
    const process = this.processes.findLast(({ replica, alive }) => alive && replica === 'headnode');
    if (process === undefined) return;
    const again = this.asked[this.draw(this.asked.length + 2)];
    const shard = this.draw(this.toyRules.shards);
    const command = {
      n: 0,
      time: 0,
      kind: 1,
      target: shard,
      payload: new Uint8Array(0),
      text: '',
      askedBy: '',
      revertAt: 0,
    };
    const requestId = `q${this.asked.length}`;
    const fresh = { command: { ...command, requestId }, own: false, shard };
    if (again === undefined) this.asked.push(fresh);
    const stamped = ask(process.runner.closer, again ?? fresh);
    if (stamped !== undefined) this.answered.set((again ?? fresh).command?.requestId ?? '', stamped);
  }

  private purge(): void {
    const process = this.processes.findLast(({ replica, alive }) => alive && replica === 'headnode');
    if (process === undefined || !this.broker.up) return;
    const { pointers } = this.broker;
    const newest = Math.max(0, ...[...pointers.values()].map(({ sequence }) => sequence));
    const below =
      this.options.mutation === 'purge to the newest pointer'
        ? newest
        : process.runner.neededFrom(pointers).sequence;
    if (below > this.broker.first) this.counts.purges++;
    this.broker.purge(below);
  }

  /** Whether the headnode sees that every replica has ended or left, with everything said. */
  private over(): boolean {
    const heads = this.processes.findLast(({ replica, alive }) => alive && replica === 'headnode');
    return heads !== undefined && heads.runner.isOver(this.broker.pointers);
  }

  private describe(): string {
    const lines = this.processes
      .filter(({ alive }) => alive)
      .map(({ name, runner }) => {
        const { phase, position, due } = runner.replica;
        return `${name} ${phase} epoch ${position.epoch} n ${position.n} tight ${position.tightN} loose ${position.looseN} #${position.number} due ${due} unsaid ${runner.outbox.waiting.size}`;
      });
    return lines.join('; ');
  }

  private draw(n: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) % n;
  }
}
