/** The CPU model on a crowded node, thread by thread, beside a loop that lets each thread end after its work. */
import { EventQueue } from '@orrery/kernel';
import {
  addCpuZone,
  endDirect,
  endShared,
  leaveShared,
  makeCpu,
  nextEnd,
  startThread,
} from '../services/compute-node/src/os/model/cpu.ts';
import { alternate, seconds, type Findings, type Scale } from './measure.ts';

const CPUS = 32;
const ZONES = 16;
/** Threads of a zone, each replaced as it ends: half as many again as there are CPUs. */
const THREADS = 3;

/** Work of thread `key`, ns: 100 µs to 1.1 ms. */
function workOf(key: number): number {
  return 100_000 + ((Math.imul(key, 2_654_435_761) >>> 0) % 1_000_000);
}

/** @returns threads ended a wall second, all of them waiting for CPUs part of the time */
function crowded(threads: number): number {
  const cpu = makeCpu(CPUS);
  let key = 0;
  for (let zone = 0; zone < ZONES; zone++) {
    addCpuZone(cpu, zone + 1, { shares: 100 + 50 * (zone % 4), capPercent: 0, vcpus: 0 });
    for (let i = 0; i < THREADS; i++) startThread(cpu, zone, key++, workOf(key), 0);
  }
  let ended = 0;
  const spent = seconds(() => {
    while (ended < threads) {
      const now = nextEnd(cpu);
      for (const thread of endShared(cpu, now)) {
        ended++;
        startThread(cpu, thread.slot, key++, workOf(key), now);
      }
    }
  });
  return ended / spent;
}

/** The same threads on a node that has room: the model's direct mode. */
function roomy(threads: number): number {
  const cpu = makeCpu(ZONES * THREADS * 4);
  const queue = new EventQueue();
  let key = 0;
  const start = (zone: number, now: number) => {
    const own = key++;
    const slot = queue.push(startThread(cpu, zone, own, workOf(own), now), 0, zone, own);
    queue.target[slot] = own;
  };
  for (let zone = 0; zone < ZONES; zone++) {
    addCpuZone(cpu, zone + 1, { shares: 100, capPercent: 0, vcpus: 0 });
    for (let i = 0; i < THREADS; i++) start(zone, 0);
  }
  let ended = 0;
  const spent = seconds(() => {
    for (; ended < threads; ended++) {
      const slot = queue.pop();
      const now = queue.time[slot];
      const zone = queue.source[slot];
      endDirect(cpu, zone, queue.target[slot], now);
      start(zone, now);
    }
  });
  if (leaveShared(cpu, 0) !== undefined) throw new Error('a roomy node shares nothing');
  return ended / spent;
}

/** No model: a thread ends when its work is done, however many there are. */
function ideal(threads: number): number {
  const queue = new EventQueue();
  let key = 0;
  const start = (zone: number, now: number) => queue.push(now + workOf(key), 0, zone, key++);
  for (let i = 0; i < ZONES * THREADS; i++) start(i % ZONES, 0);
  let ended = 0;
  const spent = seconds(() => {
    for (; ended < threads; ended++) {
      const slot = queue.pop();
      start(queue.source[slot], queue.time[slot]);
    }
  });
  return ended / spent;
}

export async function cpu(scale: Scale): Promise<Findings> {
  const count = scale.tiny ? 500 : 200_000;
  const { rates, calibration } = await alternate(scale, {
    crowded: () => crowded(count),
    roomy: () => roomy(count),
    ideal: () => ideal(count),
  });
  const baseline = { what: 'an event loop without a model', value: rates.ideal };
  const row = (what: string, value: number) => ({ what, value, unit: 'threads/s', baseline, calibration });
  return {
    rows: [
      row(`CPU model, ${ZONES * THREADS} threads of ${ZONES} zones on ${CPUS} CPUs`, rates.crowded),
      row(`CPU model, the same on a node with room`, rates.roomy),
    ],
    targets: [],
    notes: [],
  };
}
