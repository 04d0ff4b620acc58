/** What another zone of the node does now, beside what it did when all was well. */
import { formatBytes, formatNs } from '@orrery/spec';
import type { Step } from '../answer.ts';
import { zoneName } from '../subject.ts';
import { servedInAll } from './baseline.ts';
import { factStep, type Reason, type SlowContext } from './context.ts';
import { emptyServed, ratePerSecond, servedIn, type Served } from './served.ts';

type Resource = 'cpu' | 'disk' | 'write' | 'arc';

interface Use {
  now: number;
  before: number;
  verb: string;
  amount: (value: number) => string;
  unit: string;
}

const RATIO_SHOWN = 1.2;

/** The reason when an account is behind another zone, which the ledger names. */
export function behindZone(context: SlowContext, zone: number, resource: Resource): Reason {
  const address = context.index.addressOf(zone);
  const name = zoneName(context.index, address);
  const because = whatItDoes(context, address, name, resource);
  const text = because[0]?.text ?? `${name} is in the way`;
  const fact = because[0]?.fact ?? '';
  return {
    detail: `behind ${name}`,
    because,
    root: { kind: 'neighbour', part: address, text, fact },
  };
}

/** Other zones of the subject's node, by address. */
export function neighboursOf(context: SlowContext): string[] {
  const { index, subject } = context;
  const own = subject.address;
  const zones = new Set<string>();
  for (const fact of index.ofKind('zoneServed')) {
    if (fact.address !== own && fact.address.startsWith(`${subject.node}/zone/`)) zones.add(fact.address);
  }
  return [...zones].sort();
}

/** The neighbour whose use of a resource grew most, if it grew by more than half of what all used. */
export function busierNeighbour(context: SlowContext, resource: Resource): Reason | undefined {
  let best: { address: string; growth: number } | undefined;
  let before = 0;
  for (const address of neighboursOf(context)) {
    const [then, now] = bothOf(context, address);
    const use = usesOf(then, now)[resource];
    before += use.before;
    const growth = use.now - use.before;
    if (growth > (best?.growth ?? 0)) best = { address, growth };
  }
  if (best === undefined || best.growth < leastGrowth(context, resource, before)) return undefined;
  const because = whatItDoes(context, best.address, zoneName(context.index, best.address), resource);
  const first = because[0];
  if (first === undefined) return undefined;
  return {
    detail: `beside ${zoneName(context.index, best.address)}`,
    because,
    root: { kind: 'neighbour', part: best.address, text: first.text, fact: first.fact },
  };
}

/** Of the ARC: half of what the subject lost. Of the rest: half of what all used, and more than the subject's own growth. */
function leastGrowth({ baseline, now }: SlowContext, resource: Resource, others: number): number {
  const own = usesOf(baseline, now)[resource];
  if (resource === 'arc') return own.before > own.now ? (own.before - own.now) / 2 : Infinity;
  return Math.max((others + own.before) / 2, own.now - own.before);
}

function bothOf(context: SlowContext, address: string): [Served, Served] {
  const facts = context.index.of(address, 'zoneServed');
  if (facts.length === 0) return [emptyServed(0, 1), emptyServed(0, 1)];
  const now = servedIn(facts, context.now.from, context.now.to);
  const last = facts.at(-1);
  // A zone that is not asked reports nothing, and holds what it held.
  if (now.fact === undefined && last !== undefined) {
    now.arcBytes = last.payload.arcBytes;
    now.fact = last;
  }
  return [servedInAll(facts, context.stretches), now];
}

function whatItDoes(context: SlowContext, address: string, name: string, resource: Resource): Step[] {
  const [then, now] = bothOf(context, address);
  const booting = context.index.of(address, 'zoneStateChanged').at(-1);
  if (now.fact === undefined || (now.fact.time < context.nowFrom && resource !== 'arc')) {
    const state = booting;
    return state === undefined
      ? []
      : [factStep(state, `${name} is ${state.payload.state} and serves nobody: it boots`, 0)];
  }
  const uses = usesOf(then, now);
  const grew = (one: Use) => one.now > 0 && one.now >= one.before * RATIO_SHOWN;
  const use = mostGrown(uses, resource);
  if (!grew(use)) return [factStep(now.fact, `${name} is served before it, and does no more than before`, 0)];
  const before = use.before === 0 ? 'nothing before' : `${use.amount(use.before)} before`;
  return [factStep(now.fact, `${name} ${use.verb} ${use.amount(use.now)} ${use.unit}, ${before}`, 0)];
}

/** Bytes that a read from disk is about as much work as, to compare reads with writes. */
const READ_BYTES = 16_384;

/** What a zone is in the way with. At the disks, reads and writes stand in one queue: the one of them that grew more. */
function mostGrown(uses: Record<Resource, Use>, resource: Resource): Use {
  if (resource !== 'disk' && resource !== 'write') return uses[resource];
  const reads = (uses.disk.now - uses.disk.before) * READ_BYTES;
  return uses.write.now - uses.write.before > reads ? uses.write : uses.disk;
}

const bytes = (value: number) => formatBytes(Math.round(value));
const count = (value: number) => String(Math.round(value));

function usesOf(then: Served, now: Served): Record<Resource, Use> {
  const rate = (served: Served, sum: number) => (sum * 1e9) / Math.max(1, served.to - served.from);
  const both = (pick: (served: Served) => number) => ({
    now: rate(now, pick(now)),
    before: rate(then, pick(then)),
  });
  return {
    cpu: {
      ...both(({ cpuNs }) => cpuNs),
      verb: 'uses',
      amount: (ns) => formatNs(Math.round(ns)),
      unit: 'of CPU a second',
    },
    disk: {
      ...both(({ arcMisses }) => arcMisses),
      verb: 'reads',
      amount: count,
      unit: 'records a second from disk',
    },
    write: { ...both(({ writtenBytes }) => writtenBytes), verb: 'writes', amount: bytes, unit: 'a second' },
    arc: { now: now.arcBytes, before: then.arcBytes, verb: 'holds', amount: bytes, unit: 'of the ARC' },
  };
}

/** How much more a subject itself is asked, as a ratio. */
export function loadRatio(context: SlowContext): number {
  const before = ratePerSecond(context.baseline);
  return before === 0 ? 1 : ratePerSecond(context.now) / before;
}
