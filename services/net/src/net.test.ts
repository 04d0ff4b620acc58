import { restoreHost, takeSnapshot } from '@orrery/actor';
import { ledgerTotal, Place } from '@orrery/proto';
import { MS, SECOND, US } from '@orrery/kernel';
import { describe, expect, it } from 'vitest';
import {
  demand,
  factsOf,
  GBPS,
  heardBy,
  inject,
  LOOKAHEAD,
  makeFabricHost,
  nic,
  pathOf,
  period,
  powerOff,
  revert,
  share,
  TWO_RACKS,
  watch,
  type FabricSpec,
} from './fabric.fixture.ts';

const DUAL_HOMED: FabricSpec = {
  nodes: {
    'cn-0001': [nic('ixgbe0', 'switch/tor-a'), nic('ixgbe1', 'switch/tor-b')],
    'cn-0002': [nic('ixgbe0', 'switch/tor-a'), nic('ixgbe1', 'switch/tor-b')],
  },
  switches: ['tor-a', 'tor-b'],
  uplinks: [
    ['tor-a', 'tor-a', 'border'],
    ['tor-b', 'tor-b', 'border'],
  ],
};

describe('a way', () => {
  it('inside a rack costs two NICs and a switch, rounded up to lookahead', () => {
    const host = makeFabricHost(TWO_RACKS);
    watch(host, 'cn-0001', 'cn-0001', ['cn-0002']);
    host.runUntil(SECOND);
    const path = pathOf(host, 'cn-0001', 'cn-0002')!;
    expect(path).toMatchObject({ up: true, latencyNs: LOOKAHEAD, lossPerMillion: 0, rateBps: 10 * GBPS });
    expect(path.cost).toMatchObject([
      { place: Place.WIRE, ns: 21 * US },
      { place: Place.LOOKAHEAD, ns: 229 * US },
    ]);
    expect(ledgerTotal(path.cost)).toBe(path.latencyNs);
    expect(heardBy(host, 'cn-0001').paths[0].at).toBe(LOOKAHEAD);
  });

  it('between racks goes over the border, and past lookahead is all wire', () => {
    const slow: FabricSpec = {
      ...TWO_RACKS,
      uplinks: [
        ['tor-1', 'tor-1', 'border', 200 * US],
        ['tor-2', 'tor-2', 'border', 300 * US],
      ],
    };
    const host = makeFabricHost(slow);
    watch(host, 'cn-0001', 'cn-0001', ['cn-0003']);
    watch(host, 'client/web', 'border', ['cn-0003']);
    host.runUntil(SECOND);
    // NIC 10 + switch 1 + uplink 200 + border 20 + uplink 300 + switch 1 + NIC 10 µs.
    const path = pathOf(host, 'cn-0001', 'cn-0003')!;
    expect(path.latencyNs).toBe(542 * US);
    expect(path.cost).toMatchObject([{ place: Place.WIRE, ns: 542 * US }]);
    // Border 20 + uplink 300 + switch 1 + NIC 10 µs.
    expect(pathOf(host, 'client/web', 'cn-0003')!.latencyNs).toBe(331 * US);
  });

  it('needs a NIC with the tag at both ends', () => {
    const host = makeFabricHost({
      ...TWO_RACKS,
      nodes: {
        'cn-0001': [
          nic('ixgbe0', 'switch/tor-1', ['admin', 'external']),
          nic('ixgbe1', 'switch/tor-1', ['storage']),
        ],
        'cn-0002': [nic('ixgbe0', 'switch/tor-1', ['admin', 'external'])],
        'cn-0003': [nic('ixgbe0', 'switch/tor-2', ['external'])],
      },
    });
    watch(host, 'cn-0001', 'cn-0001', ['cn-0002'], 'storage');
    watch(host, 'cn-0002', 'cn-0002', ['cn-0001'], 'external');
    watch(host, 'cn-0003', 'cn-0003', ['headnode'], 'admin');
    watch(host, 'cn-0002', 'cn-0002', ['headnode'], 'admin');
    watch(host, 'cn-0003', 'cn-0003', ['border'], 'no-such-network');
    host.runUntil(SECOND);
    expect(pathOf(host, 'cn-0001', 'cn-0002')).toMatchObject({ up: false, rateBps: 0, network: 'storage' });
    expect(pathOf(host, 'cn-0002', 'cn-0001')?.up).toBe(true);
    expect(pathOf(host, 'cn-0003', 'headnode')?.up).toBe(false);
    expect(pathOf(host, 'cn-0002', 'headnode')?.up).toBe(true);
    expect(pathOf(host, 'cn-0003', 'border')?.up).toBe(false);
  });
});

describe('a switch that fails', () => {
  it('cuts off its rack, tells nodes and watchers, and heals when it is reverted', () => {
    const host = makeFabricHost(TWO_RACKS);
    watch(host, 'cn-0001', 'cn-0001', ['cn-0002', 'cn-0003', 'border']);
    watch(host, 'cn-0003', 'cn-0003', ['cn-0004']);
    inject(host, 'f1', 'switch.fail', 'switch/tor-1', SECOND);
    host.runUntil(2 * SECOND);
    expect(factsOf(host, 'switchStateChanged')).toEqual([
      { time: SECOND, payload: { switch: 'switch/tor-1', up: false } },
    ]);
    expect(factsOf(host, 'linkStateChanged').map(({ payload }) => payload.link)).toEqual([
      'cn-0001/nic/ixgbe0',
      'cn-0002/nic/ixgbe0',
      'uplink/tor-1',
    ]);
    expect(factsOf(host, 'pathsChanged')).toEqual([
      { time: SECOND, payload: { lost: 3, restored: 0, unreachable: ['cn-0001', 'cn-0002'] } },
    ]);
    expect(heardBy(host, 'cn-0001').nics).toEqual([{ at: SECOND + LOOKAHEAD, nic: 'ixgbe0', up: false }]);
    expect(pathOf(host, 'cn-0001', 'cn-0002')?.up).toBe(false);
    expect(pathOf(host, 'cn-0003', 'cn-0004')?.up).toBe(true);
    revert(host, 'f1', 'switch.fail', 'switch/tor-1', 3 * SECOND);
    host.runUntil(4 * SECOND);
    expect(pathOf(host, 'cn-0001', 'border')).toMatchObject({ up: true, rateBps: 10 * GBPS });
    expect(factsOf(host, 'pathsChanged')[1].payload).toEqual({ lost: 0, restored: 3, unreachable: [] });
  });

  it('is the cause of every fact that follows', () => {
    const host = makeFabricHost(TWO_RACKS);
    watch(host, 'cn-0001', 'cn-0001', ['border']);
    inject(host, 'f1', 'switch.fail', 'switch/tor-1', SECOND);
    host.runUntil(2 * SECOND);
    const chain: string[] = [];
    let fact = host.facts.find((candidate) => candidate.kind === 'pathsChanged');
    while (fact !== undefined) {
      chain.push(fact.kind);
      const { cause } = fact;
      fact = host.facts.find((candidate) => candidate.actor === cause.actor && candidate.n === cause.n);
    }
    expect(chain).toEqual(['pathsChanged', 'linkStateChanged', 'switchStateChanged', 'faultInjected']);
  });

  it('does not cut off nodes with a second NIC on another switch', () => {
    const host = makeFabricHost(DUAL_HOMED);
    watch(host, 'cn-0001', 'cn-0001', ['cn-0002', 'border']);
    watch(host, 'cn-0001', 'cn-0001', ['headnode'], 'admin');
    inject(host, 'f1', 'switch.fail', 'switch/tor-a', SECOND);
    host.runUntil(2 * SECOND);
    expect(factsOf(host, 'pathsChanged')).toEqual([]);
    for (const peer of ['cn-0002', 'border', 'headnode']) {
      expect(pathOf(host, 'cn-0001', peer)).toMatchObject({ up: true, bottleneck: 'cn-0001/nic/ixgbe1' });
    }
    inject(host, 'f2', 'link.down', 'cn-0002/nic/ixgbe1', 3 * SECOND);
    host.runUntil(4 * SECOND);
    expect(pathOf(host, 'cn-0001', 'cn-0002')?.up).toBe(false);
    expect(factsOf(host, 'pathsChanged')[0].payload).toEqual({
      lost: 1,
      restored: 0,
      unreachable: ['cn-0002'],
    });
  });

  it('leaves a cut cable cut when it comes back, until the cable is replaced', () => {
    const host = makeFabricHost(TWO_RACKS);
    watch(host, 'cn-0001', 'cn-0001', ['border']);
    inject(host, 'f1', 'switch.fail', 'switch/tor-1', SECOND);
    inject(host, 'f2', 'link.down', 'cn-0001/nic/ixgbe0', 2 * SECOND);
    const repair = { part: '', params: [], askedBy: 'test' };
    host.post('switch/tor-1', 'repair', { kind: 'switch.replace', ...repair }, 3 * SECOND);
    host.runUntil(4 * SECOND);
    expect(pathOf(host, 'cn-0001', 'border')?.up).toBe(false);
    host.post('cn-0001/nic/ixgbe0', 'repair', { kind: 'link.replace', ...repair }, 5 * SECOND);
    host.runUntil(6 * SECOND);
    expect(pathOf(host, 'cn-0001', 'border')?.up).toBe(true);
    expect(factsOf(host, 'partRepaired').map(({ payload }) => payload.target)).toEqual([
      'switch/tor-1',
      'cn-0001/nic/ixgbe0',
    ]);
  });
});

describe('a link', () => {
  it('flaps: down for half a period, up for half, until it is reverted', () => {
    const host = makeFabricHost(TWO_RACKS);

    inject(host, 'f1', 'link.flap', 'uplink/tor-1', SECOND, [period(2 * SECOND)]);
    revert(host, 'f1', 'link.flap', 'uplink/tor-1', 5.5 * SECOND);
    host.runUntil(20 * SECOND);
    expect(factsOf(host, 'linkStateChanged').map(({ time, payload }) => [time / SECOND, payload.up])).toEqual(
      [
        [1, false],
        [2, true],
        [3, false],
        [4, true],
        [5, false],
        [5.5, true],
      ],
    );
    const causes = host.facts.filter(({ kind }) => kind === 'linkStateChanged').map(({ cause }) => cause.n);
    expect(new Set(causes.slice(0, 5))).toEqual(new Set([1]));
  });

  it('loses packets, and losses on a way combine: 5 % and 10 % are 14.5 %', () => {
    const host = makeFabricHost(TWO_RACKS);
    watch(host, 'cn-0001', 'cn-0001', ['cn-0002', 'border']);
    inject(host, 'f1', 'link.loss', 'cn-0001/nic/ixgbe0', SECOND, [share(0.05)]);
    inject(host, 'f2', 'link.loss', 'uplink/tor-1', SECOND, [share(0.1)]);
    host.runUntil(2 * SECOND);
    expect(pathOf(host, 'cn-0001', 'cn-0002')?.lossPerMillion).toBe(50_000);
    expect(pathOf(host, 'cn-0001', 'border')?.lossPerMillion).toBe(145_000);
    expect(factsOf(host, 'linkStateChanged')).toEqual([]);
    revert(host, 'f1', 'link.loss', 'cn-0001/nic/ixgbe0', 3 * SECOND);
    host.runUntil(4 * SECOND);
    expect(pathOf(host, 'cn-0001', 'cn-0002')?.lossPerMillion).toBe(0);
    expect(pathOf(host, 'cn-0001', 'border')?.lossPerMillion).toBe(100_000);
  });

  it('is shared by what flows over it', () => {
    const host = makeFabricHost({
      ...TWO_RACKS,
      uplinks: [['tor-1', 'tor-1', 'border', 50 * US, 12 * GBPS]],
    });
    watch(host, 'cn-0001', 'cn-0001', ['border']);
    watch(host, 'cn-0002', 'cn-0002', ['border', 'cn-0001']);
    demand(host, 'cn-0001', 'cn-0001', 'border', 8 * GBPS, SECOND);
    host.runUntil(2 * SECOND);
    expect(pathOf(host, 'cn-0001', 'border')).toMatchObject({ rateBps: 10 * GBPS });
    expect(pathOf(host, 'cn-0002', 'border')).toMatchObject({
      rateBps: 8 * GBPS,
      bottleneck: 'uplink/tor-1',
    });
    expect(pathOf(host, 'cn-0002', 'cn-0001')).toMatchObject({ rateBps: 10 * GBPS });
    demand(host, 'cn-0002', 'cn-0002', 'border', 9 * GBPS, 3 * SECOND);
    host.runUntil(4 * SECOND);
    expect(pathOf(host, 'cn-0001', 'border')).toMatchObject({
      rateBps: 6 * GBPS,
      bottleneck: 'uplink/tor-1',
    });
    expect(pathOf(host, 'cn-0002', 'border')).toMatchObject({ rateBps: 6 * GBPS });
    const uplink = factsOf(host, 'linkServed').filter(({ payload }) => payload.link === 'uplink/tor-1');
    expect(uplink.map(({ payload }) => payload)).toEqual([
      { link: 'uplink/tor-1', bytes: 0, rateBps: 8 * GBPS, utilizationPpm: 666_666 },
      { link: 'uplink/tor-1', bytes: 2 * GBPS, rateBps: 12 * GBPS, utilizationPpm: 1_000_000 },
    ]);
  });

  it('is free again when its sender loses power', () => {
    const host = makeFabricHost({ ...TWO_RACKS, uplinks: [['tor-1', 'tor-1', 'border', 50 * US, GBPS]] });
    watch(host, 'cn-0001', 'cn-0001', ['border']);
    watch(host, 'cn-0002', 'cn-0002', ['border']);
    demand(host, 'cn-0001', 'cn-0001', 'border', 9 * GBPS, SECOND);
    demand(host, 'cn-0002', 'cn-0002', 'border', 9 * GBPS, SECOND);
    host.runUntil(2 * SECOND);
    expect(pathOf(host, 'cn-0002', 'border')?.rateBps).toBe(GBPS / 2);
    powerOff(host, 'cn-0001', 3 * SECOND);
    host.runUntil(4 * SECOND);
    expect(pathOf(host, 'cn-0002', 'border')?.rateBps).toBe(GBPS);
  });

  it('keeps small changes of rate to itself', () => {
    const host = makeFabricHost(TWO_RACKS);
    watch(host, 'cn-0001', 'cn-0001', ['border']);
    watch(host, 'cn-0002', 'cn-0002', ['border']);
    for (let second = 1; second < 10; second++) {
      demand(host, 'cn-0001', 'cn-0001', 'border', second * 1000 * 8, second * SECOND);
    }
    host.runUntil(20 * SECOND);
    expect(heardBy(host, 'cn-0002').paths).toHaveLength(1);
  });
});

describe('the fabric', () => {
  it('ends the same twice, and from a snapshot in the middle of a flap', () => {
    const digest = (cut: boolean): string => {
      let host = makeFabricHost(DUAL_HOMED);
      watch(host, 'cn-0001', 'cn-0001', ['cn-0002', 'border']);
      watch(host, 'client/web', 'border', ['cn-0001', 'cn-0002']);
      inject(host, 'f1', 'link.flap', 'cn-0001/nic/ixgbe0', SECOND, [period(2 * SECOND)]);
      inject(host, 'f2', 'switch.fail', 'switch/tor-b', 2 * SECOND);
      demand(host, 'cn-0001', 'cn-0001', 'cn-0002', 3 * GBPS, 1500 * MS);
      host.runUntil(2 * SECOND + 1);
      if (cut) host = restoreHost({ ...host.options }, structuredClone(takeSnapshot(host)));
      revert(host, 'f1', 'link.flap', 'cn-0001/nic/ixgbe0', 7 * SECOND);
      host.runUntil(10 * SECOND);
      return host.digest();
    };
    expect(digest(false)).toBe(digest(false));
    expect(digest(true)).toBe(digest(false));
  });

  it('answers 2,000 nodes in a hundred racks, and a lost switch touches its own rack only', () => {
    const spec: FabricSpec = { nodes: {}, switches: [], uplinks: [] };
    for (let rack = 100; rack < 200; rack++) {
      spec.switches.push(`tor-${rack}`);
      spec.uplinks.push([`tor-${rack}`, `tor-${rack}`, 'border']);
      for (let node = 10; node < 30; node++)
        spec.nodes[`cn-${rack}${node}`] = [nic('ixgbe0', `switch/tor-${rack}`)];
    }
    const host = makeFabricHost(spec);
    for (const node of Object.keys(spec.nodes)) watch(host, node, node, ['headnode'], 'admin');
    host.runUntil(SECOND);
    expect(pathOf(host, 'cn-19929', 'headnode')?.up).toBe(true);
    const events = host.events;
    inject(host, 'f1', 'switch.fail', 'switch/tor-150', 2 * SECOND);
    host.runUntil(3 * SECOND);
    // The fault, 21 links told, 21 conditions, the ways once, 20 NICs, 20 announcements.
    expect(host.events - events).toBe(1 + 21 + 21 + 1 + 20 + 20);
    expect(factsOf(host, 'pathsChanged')[0].payload.unreachable).toHaveLength(20);
  });
});
