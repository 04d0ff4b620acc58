/** A service's process from its start to its end: waits for the broker, then for a run, does its part, and goes on to the next. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { awaitNats, runRegistry, type NatsConnection, type RunRegistry } from '@orrery/bus/nats';
import type { RunRecord } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import { planShards, scalable } from '../../parts/shards.ts';
import { placeAll } from '../../services.ts';
import { Adoption } from '../adoption.ts';
import { newCounters, spanFigures, type Counters } from '../counters.ts';
import type { Role, RunningRole } from '../role.ts';
import type { Settings } from './command-line.ts';
import { serveHttp } from './http.ts';
import { keepLease, type LeaseKeeper } from './lease-keeper.ts';
import { createMetrics } from './metrics.ts';

/** Wall time between looks which run there is, ms. */
const LOOK_MS = 1000;
/** Wall time between words that something is still waited for, ms. */
const REMIND_MS = 10_000;

export interface ServiceOptions {
  settings: Settings;
  role: Role;
  log: Logger;
  /** Aborted when the process is asked to go. */
  leave: AbortSignal;
}

export class ServiceProcess {
  /** Of the run it is in, or was in last. */
  counters: Counters = newCounters();
  private readonly options: ServiceOptions;
  private role: RunningRole | undefined;
  private connected = false;
  private standing = 'it waits for the broker';
  private remindedMs = -REMIND_MS;
  private last = '';
  /** Its own name, or one that it has adopted. */
  private replica: string;

  constructor(options: ServiceOptions) {
    this.options = options;
    this.replica = options.settings.replica;
  }

  /** Resolves when asked to go, or when the one run it is for is over. @throws what a run cannot go on from */
  async run(): Promise<void> {
    const { settings, leave } = this.options;
    const stopServing = await this.serve();
    let connection: NatsConnection | undefined;
    try {
      connection = await this.connect();
      const registry = runRegistry(connection, settings.run);
      while (!leave.aborted) {
        const record = await this.nextRun(registry);
        if (record === undefined) continue;
        if (!record.ended && !(await this.takePart(connection, registry, record))) continue;
        if (settings.run !== undefined) return;
        this.last = record.id;
      }
    } catch (error) {
      if (!leave.aborted) throw error;
    } finally {
      await stopServing();
      await connection?.close();
    }
  }

  private notReady(): string | undefined {
    if (this.role !== undefined) return this.role.notReady();
    return this.standing;
  }

  /** @returns what ends it */
  private async serve(): Promise<() => Promise<void>> {
    const { settings, log } = this.options;
    const { service, replica } = settings;
    if (settings.http === undefined) return () => Promise.resolve();
    const notReady = (): string | undefined => this.notReady();
    const metrics = createMetrics(
      { service, replica },
      () => this.counters,
      () => notReady() === undefined,
    );
    const server = await serveHttp({ ...settings.http, metrics, notReady });
    log.info({ address: server.address }, 'serving /healthz, /readyz and /metrics');
    return () => {
      metrics.stop();
      return server.close();
    };
  }

  private async connect(): Promise<NatsConnection> {
    const { settings, log, leave } = this.options;
    const { natsUrl, replica, service } = settings;
    const listener = {
      onWait: (reason: string) => this.remind({ broker: natsUrl, reason }, 'waiting for the broker'),
      onChange: (connected: boolean) => {
        this.connected = connected;
        if (connected) log.info({ broker: natsUrl }, 'connected again');
        else log.warn({ broker: natsUrl }, 'lost the broker; waiting for it');
      },
    };
    const name = `orrery ${service} ${replica}`;
    const connection = await awaitNats({ ...settings.nats, name }, listener, leave);
    this.connected = true;
    log.info({ broker: natsUrl }, 'connected');
    return connection;
  }

  /** A run to take part in, other than the last; undefined: not yet. */
  private async nextRun(registry: RunRegistry): Promise<RunRecord | undefined> {
    const { run } = this.options.settings;
    this.standing = run === undefined ? 'there is no run' : `there is no run ${run}`;
    const record = await this.recordOf(registry);
    if (record !== undefined && record.id !== this.last && (!record.ended || run !== undefined))
      return record;
    this.remind({ run }, 'waiting for a run');
    await this.pause(LOOK_MS);
    return undefined;
  }

  private async recordOf(registry: RunRegistry): Promise<RunRecord | undefined> {
    try {
      return await registry.read();
    } catch (error) {
      this.remind({ reason: (error as Error).message }, 'cannot read which run there is');
      return undefined;
    }
  }

  /** @returns false when there is nothing to begin with yet */
  private async takePart(
    connection: NatsConnection,
    registry: RunRegistry,
    record: RunRecord,
  ): Promise<boolean> {
    const { settings, role, leave } = this.options;
    const { service } = settings;
    const { replica } = this;
    const process = `${replica}#${randomUUID()}`;
    const adopted = replica === settings.replica ? {} : { adopted: replica };
    const log = this.options.log.child({ run: record.id, ...adopted });
    const json = await registry.readScenario(record.id);
    if (json === undefined) {
      this.remind({ run: record.id }, 'the scenario of the run is not there');
      await this.pause(LOOK_MS);
      return false;
    }
    const scenario = JSON.parse(json) as Scenario;
    this.counters = newCounters();
    const members = () => [...(this.role?.members() ?? [])];
    const leases = keepLease(connection, record.id, () => ({
      replica,
      service,
      process,
      members: members(),
      spans: spanFigures(this.counters),
    }));
    log.info({ name: record.name, seed: record.seed, process }, 'taking part in a run');
    let left = false;
    try {
      this.role = await role({
        connection,
        connected: () => this.connected,
        registry,
        record,
        scenario,
        service,
        replica,
        process,
        leases: () => leases.live(),
        counters: this.counters,
        log,
      });
      const name = await Promise.race([
        this.role.over,
        this.replaced(registry, record),
        this.adopts(scenario, leases),
      ]);
      if (name !== undefined) {
        log.warn({ adopted: name }, 'taking the place of a replica that is gone');
        this.replica = name;
        await leases.drain();
        left = true;
        return false;
      }
      if (leave.aborted) {
        log.info({}, 'asked to go');
        await leases.drain();
        await Promise.race([this.role.drain(), this.role.over]);
      }
      left = true;
      log.info({ events: this.counters.events }, leave.aborted ? 'leaving' : 'the run is over here');
    } finally {
      await this.role?.stop();
      await leases.stop(left);
      this.role = undefined;
    }
    return true;
  }

  /** Resolves when the run has ended, or another takes its place, or the process is asked to go. */
  private async replaced(registry: RunRegistry, { id }: RunRecord): Promise<void> {
    const { leave } = this.options;
    const { role } = this;
    while (!leave.aborted && this.role === role) {
      await this.pause(LOOK_MS);
      const record = await this.recordOf(registry);
      if (record !== undefined && (record.ended || record.id !== id)) return;
    }
  }

  /** Resolves with the name of a replica that is gone and is this process's from now on. */
  private async adopts(scenario: Scenario, leases: LeaseKeeper): Promise<string | void> {
    const { leave, settings } = this.options;
    const { role, replica } = this;
    if (settings.adopts !== true || !scalable(settings.service)) return new Promise(() => undefined);
    const plan = planShards(placeAll(scenario.datacenter));
    const adoption = new Adoption(settings.service, replica);
    while (!leave.aborted && this.role === role) {
      const names = adoption.candidates(leases.live(), (shard) => plan.services[shard], performance.now());
      for (const name of names) if (await leases.claim(name)) return name;
      await this.pause(LOOK_MS);
    }
    return undefined;
  }

  private remind(fields: object, message: string): void {
    if (performance.now() - this.remindedMs < REMIND_MS) return;
    this.remindedMs = performance.now();
    this.options.log.warn(fields, message);
  }

  private pause(ms: number): Promise<void> {
    const { leave } = this.options;
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        leave.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      leave.addEventListener('abort', done);
    });
  }
}
