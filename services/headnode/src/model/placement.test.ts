import { describe, expect, test } from 'vitest';
import { GIB, makeStream } from '@orrery/kernel';
import { chooseServer, unreservedCpu, unreservedMemory, type Candidate } from './placement.ts';

function server(address: string, more: Partial<Candidate> = {}): Candidate {
  return {
    address,
    running: true,
    memoryBytes: 64 * GIB,
    diskBytes: 1000 * GIB,
    cpus: 16,
    vms: 0,
    cappedVms: 0,
    memoryReservedBytes: 0,
    diskReservedBytes: 0,
    cpuReserved: 0,
    ...more,
  };
}

const demand = { memoryBytes: 4 * GIB, diskBytes: 25 * GIB, cpuCap: 200 };
const choose = (servers: Candidate[], seed = 1) =>
  chooseServer(servers, demand, makeStream(seed, 'headnode:placement'));

describe('placement', () => {
  test('keeps 15 % of memory for the platform and lets CPU be promised four times', () => {
    expect(unreservedMemory(server('a', { memoryReservedBytes: 10 * GIB }))).toBe(
      Math.floor(64 * GIB * 0.85 - 10 * GIB),
    );
    expect(unreservedCpu(server('a', { cpuReserved: 800 }))).toBe(1400);
  });

  test('names the filter that left none', () => {
    expect(choose([server('a', { running: false })])).toEqual({ refusedBy: 'hard-filter-running' });
    expect(choose([server('a', { vms: 1, cappedVms: 0 })])).toEqual({ refusedBy: 'hard-filter-capness' });
    expect(choose([server('a', { vms: 224, cappedVms: 224 })])).toEqual({
      refusedBy: 'hard-filter-vm-count',
    });
    expect(choose([server('a', { memoryReservedBytes: 52 * GIB })])).toEqual({
      refusedBy: 'hard-filter-min-ram',
    });
    expect(choose([server('a', { cpuReserved: 6300 })])).toEqual({ refusedBy: 'hard-filter-min-cpu' });
  });

  test('fills the server with the least memory left first', () => {
    const servers = [
      server('a'),
      server('b', { memoryReservedBytes: 20 * GIB, diskReservedBytes: 50 * GIB }),
      server('c'),
    ];
    for (let seed = 1; seed < 9; seed++)
      expect(choose(servers, seed)).toEqual({ server: 'b', considered: 3 });
  });

  test('keeps the roomiest 15 % for large VMs', () => {
    const servers = Array.from({ length: 7 }, (_, i) => server(`s${i}`, { memoryReservedBytes: i * GIB }));
    expect(choose(servers)).toMatchObject({ considered: 6 });
  });
});
