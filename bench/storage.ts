/** Reads of a mirror of two hard disks, 16 at a time, through the pool's and the disks' actors. */
import { createHost, defineActor, type ActorKind, type Placement, type Service } from '@orrery/actor';
import { place, service as storageService } from '@orrery/storage';
import { ZioStatus } from '@orrery/proto';
import { oneNode } from './datacenters.ts';
import { alternate, seconds, type Findings, type Scale } from './measure.ts';

const DEPTH = 16;
const SIZE = 8192;
const LOOKAHEAD_NS = 250_000;
/** What an ideal disk takes: about what the mirror needs for one of 16 reads. */
const IDEAL_NS = 50_000_000;

interface Asker {
  pool: number;
  asked: number;
  answered: number;
}

const asker = defineActor<Asker, null>({
  name: 'asker',
  service: 'compute-node',
  init: (context) => {
    context.timer('go', 1, 'tick', { name: 'go', number: 0 });
    return { pool: context.lookup('cn-0001/pool/zones') ?? 0, asked: 0, answered: 0 };
  },
  on: {
    tick: (context, state) => {
      for (let i = 0; i < DEPTH; i++) ask(context, state);
    },
    zioDone: (context, state) => {
      state.answered++;
      ask(context, state);
    },
  },
});

function ask(context: Parameters<NonNullable<ActorKind['on']['tick']>>[0], state: Asker): void {
  const id = ++state.asked;
  const offset = ((Math.imul(id, 2_654_435_761) >>> 0) % 1_000_000) * SIZE;
  context.send(state.pool, 'zioRequest', {
    id,
    kind: 0,
    zone: 0,
    dataset: 'zones/bench',
    offset,
    size: SIZE,
    issuedAt: context.now,
    root: 0,
    span: 0,
  });
}

/** A pool without a model: each read takes the same time, any number at once. */
const ideal = defineActor<{ reads: number }, null>({
  name: 'pool',
  service: 'storage',
  init: () => ({ reads: 0 }),
  on: {
    zioRequest: (context, state, { id, issuedAt }) => {
      state.reads++;
      const done = { id, status: ZioStatus.ZIO_OK, ledger: [], diskBusyNs: 0, lastLaggardAt: 0, disk: '' };
      context.send(context.source, 'zioDone', done, issuedAt + IDEAL_NS);
    },
  },
});

function reads(services: readonly Service[], placements: readonly Placement[], count: number): number {
  const host = createHost({
    seed: 1,
    services: [{ name: 'compute-node', loose: false, kinds: [asker] }, ...services],
    placements: [{ address: 'asker', kind: 'asker', locality: 'asker', init: null }, ...placements],
    rules: { lookaheadNs: LOOKAHEAD_NS, controlWindowNs: 50_000_000 },
    keepFacts: false,
  });
  const state = host.stateOf<Asker>('asker');
  const end = count * 60_000_000;
  const spent = seconds(() => host.runUntil(end, () => state.answered >= count));
  if (state.answered < count) throw new Error(`${state.answered} of ${count} reads were answered`);
  return count / spent;
}

export async function storage(scale: Scale): Promise<Findings> {
  const count = scale.tiny ? 200 : 100_000;
  const placements = place(oneNode().datacenter);
  const bare = [{ address: 'cn-0001/pool/zones', kind: 'pool', locality: 'storage', init: null }];
  const { rates, calibration } = await alternate(scale, {
    model: () => reads([storageService], placements, count),
    ideal: () => reads([{ name: 'storage', loose: false, kinds: [ideal] }], bare, count),
  });
  const what = `storage model, reads of a mirror, ${DEPTH} at a time`;
  const baseline = { what: 'a pool without a model', value: rates.ideal };
  return {
    rows: [{ what, value: rates.model, unit: 'zio/s', baseline, calibration }],
    targets: [],
    notes: [],
  };
}
