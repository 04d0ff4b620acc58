/**
 * Boot work's reads: blocks of the zone's image, which all zones cloned from it share. The first zone brings a block in from
 * disk, others find it in the ARC, and who comes while it is on its way waits for it there.
 */
import type { Context } from '@orrery/actor';
import { Behind, mergeLedger, Place, ZioKind, ZioStatus, type Messages } from '@orrery/proto';
import { addArcDataset, fillArc, readArc } from './model/arc.ts';
import type { LoadPlan } from './model/plan.ts';
import { HIT_NS, noteZio } from './reads.ts';
import { charge, makeReady } from './request.ts';
import { Phase, type OsState, type OsZone, type Request, type Zio } from './state.ts';

/** The name under which the blocks that a work reads are kept. */
export function blocksOf(os: OsState, ask: Messages['workRun'], zone: OsZone, blocks: number): string {
  const image = `${ask.image === '' ? zone.uuid : ask.image}/${ask.readSize}/${blocks}`;
  if (blocks > 0 && !os.images.has(image)) {
    const table = addArcDataset(os.arc, blocks, ask.readSize);
    os.images.set(image, { table, underWay: new Map() });
  }
  return image;
}

/** Does (or goes on with) a step of boot reads. @returns whether the request can go on to its next step */
export function loadStep(ctx: Context, os: OsState, request: Request, zone: OsZone, load: LoadPlan): boolean {
  const { table, underWay } = os.images.get(load.image)!;
  if (request.left < 0) request.left = load.count;
  while (request.left > 0) {
    const block = load.first + load.count - request.left;
    if (!readArc(os.arc, table, block, ctx.now)) {
      const others = underWay.get(block);
      if (others === undefined) fetchBlock(ctx, os, request, zone, load, block);
      else {
        others.push(request.id);
        request.phase = Phase.block;
      }
      return false;
    }
    request.arcNs += HIT_NS;
    request.left--;
  }
  request.left = -1;
  return true;
}

function fetchBlock(
  ctx: Context,
  os: OsState,
  request: Request,
  zone: OsZone,
  load: LoadPlan,
  block: number,
): void {
  os.images.get(load.image)!.underWay.set(block, []);
  const zio: Zio = {
    id: os.nextId++,
    kind: 'load',
    request: request.id,
    zone: zone.id,
    image: load.image,
    chain: block,
    offset: block * load.bytes,
    size: load.bytes,
    issuedAt: ctx.now,
    key: ctx.newKey(),
  };
  os.zios.set(zio.id, zio);
  request.phase = Phase.zio;
  ctx.send(os.pool, 'zioRequest', {
    id: zio.id,
    kind: ZioKind.ZIO_READ,
    zone: zone.id === ctx.self ? 0 : zone.id,
    dataset: zone.dataset,
    offset: zio.offset,
    size: zio.size,
    issuedAt: ctx.now,
    root: request.root,
    span: zio.key,
  });
}

/** A block is here, or cannot be read: then each who wants it tries for itself. */
export function blockDone(ctx: Context, os: OsState, zio: Zio, done: Messages['zioDone']): void {
  const request = os.requests.get(zio.request);
  noteZio(ctx, os, zio, done, request);
  const { table, underWay } = os.images.get(zio.image)!;
  const others = underWay.get(zio.chain) ?? [];
  underWay.delete(zio.chain);
  const ok = done.status === ZioStatus.ZIO_OK;
  if (ok) fillArc(os.arc, table, zio.chain, ctx.now);
  if (request !== undefined) {
    mergeLedger(request.ledger, done.ledger);
    request.since = ctx.now;
    if (ok) request.left--;
    else request.error = 'EIO';
    makeReady(os, request);
  }
  for (const id of others) {
    const other = os.requests.get(id);
    if (other === undefined) continue;
    if (other.zone === zio.zone) charge(other, ctx.now, Place.ARC);
    else charge(other, ctx.now, Place.ARC, Behind.OTHER_ZONE, zio.zone);
    makeReady(os, other);
  }
}
