/** Kills with -9, at random moments of a run over a broker, its processes and its broker, each in turn. */
import { setTimeout } from 'node:timers/promises';
import type { NatsServer } from '../../packages/bus/src/adapters/nats/nats-server.case.ts';
import { MS } from '@orrery/kernel';
import type { Draws } from './draws.ts';

/** The broker as a victim. */
const BROKER = 'nats-server';
/** The broker stays away this long at most, wall ms. */
const AWAY_MS_MAX = 1500;

/** Takes victims in turn, over all runs that it is given. */
export class Killer {
  readonly killed = new Map<string, number>();
  private readonly server: NatsServer;
  private readonly draws: Draws;
  private turn = 0;
  private restarting: Promise<void> = Promise.resolve();

  constructor(server: NatsServer, draws: Draws) {
    this.server = server;
    this.draws = draws;
  }

  get count(): number {
    return [...this.killed.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Who was killed how often, by service. */
  told(): string {
    return [...this.killed]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([service, count]) => `${service} ${count}`)
      .join(', ');
  }

  /** Hooks for one run, in which `count` die before `endNs` of simulated time. */
  hooks(
    count: number,
    endNs: number,
  ): { onStart: OnStart; onProgress: (time: number) => void; settled: () => Promise<void> } {
    const pids = new Map<string, number>();
    const moments = Array.from(
      { length: count },
      () => this.draws.between(1, Math.floor(endNs / MS) - 1) * MS,
    );
    moments.sort((a, b) => a - b);
    return {
      onStart: (replica, pid) => void (pid !== undefined && pids.set(replica, pid)),
      onProgress: (time) => {
        while (moments.length > 0 && moments[0] <= time) {
          moments.shift();
          this.kill(pids);
        }
      },
      settled: () => this.restarting,
    };
  }

  private kill(pids: ReadonlyMap<string, number>): void {
    const replicas = [...pids.keys()].sort();
    const services = [...new Set(replicas.map(serviceOf)), BROKER];
    const service = services[this.turn++ % services.length];
    this.killed.set(service, (this.killed.get(service) ?? 0) + 1);
    if (service === BROKER) this.restarting = this.restarting.then(() => this.restartBroker());
    else {
      const pid = pids.get(this.draws.of(replicas.filter((replica) => serviceOf(replica) === service)));
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    }
  }

  private async restartBroker(): Promise<void> {
    await this.server.kill();
    await setTimeout(this.draws.between(0, AWAY_MS_MAX));
    await this.server.restart();
  }
}

type OnStart = (replica: string, pid: number | undefined) => void;

function serviceOf(replica: string): string {
  return replica.replace(/-\d+$/, '');
}
