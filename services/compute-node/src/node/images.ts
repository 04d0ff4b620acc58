/** Images on the node's pool: one that is missing is fetched over the admin network, then received by ZFS, once. */
import type { Context } from '@orrery/actor';
import type { Messages } from '@orrery/proto';
import { GIB, SECOND } from '@orrery/kernel';
import { tellOs } from './peers.ts';
import { finish } from './replies.ts';
import type { ImageSize, NodeState, Task } from './state.ts';

/** Rate of the fetch while net has announced none, bits a second. */
const RATE_BPS = 1_000_000_000;

export function ensureImage(ctx: Context, state: NodeState, row: Task): void {
  const { image } = row;
  if (state.images.includes(image)) return finish(ctx, state, row, '');
  state.tasks.push(row);
  if (state.fetches.some((fetch) => fetch.image === image)) return;
  state.fetches.push({ image, receive: 0 });
  const rate = state.adminRateBps > 0 ? state.adminRateBps : RATE_BPS;
  const name = `fetch:${image}`;
  const took = Math.ceil((sizeOf(state, image).fileBytes * 8) / (rate / SECOND));
  ctx.timer(name, ctx.now + took, 'tick', { name, number: 0 });
}

/** Size of an image; one that nobody lists is taken for a GiB. */
function sizeOf(state: NodeState, uuid: string): ImageSize {
  const listed = state.config.catalogue.find((image) => image.uuid === uuid);
  return listed ?? { uuid, fileBytes: GIB, sizeBytes: GIB, volume: false };
}

/** The image's file is here: ZFS receives it in the next txg. */
export function imageFetched(ctx: Context, state: NodeState, image: string): void {
  const fetch = state.fetches.find((candidate) => candidate.image === image);
  if (fetch === undefined) return;
  const { sizeBytes, volume } = sizeOf(state, image);
  fetch.receive = ctx.newKey();
  tellOs(ctx, 'zfsAsk', {
    id: fetch.receive,
    op: 'receive',
    dataset: `zones/${image}`,
    origin: '',
    quotaBytes: 0,
    recordSize: 0,
    usedBytes: sizeBytes,
    volume,
    replyTo: ctx.self,
  });
}

export function zfsAnswer(ctx: Context, state: NodeState, message: Messages['zfsAnswer']): void {
  const fetch = state.fetches.find(({ receive }) => receive === message.id);
  if (fetch === undefined) return;
  state.fetches = state.fetches.filter((candidate) => candidate !== fetch);
  const error = message.error === 'EEXIST' ? '' : message.error;
  if (error === '') state.images.push(fetch.image);
  const waiting = state.tasks.filter((row) => row.action === 'ensure_image' && row.image === fetch.image);
  state.tasks = state.tasks.filter((row) => !waiting.includes(row));
  for (const row of waiting) finish(ctx, state, row, error);
}
