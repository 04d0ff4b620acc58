/** Bad copies: rewritten when a good one was found, or lost and named by file when there is none. */
import type { Context } from '@orrery/actor';
import { ZioStatus } from '@orrery/proto';
import { IoClass } from '../model/io-class.ts';
import { fileOf } from '../model/layout.ts';
import { param, postPoolEreport } from './ereports.ts';
import { submit } from './queue.ts';
import { Purpose, type PoolState, type Zio } from './state.ts';

/** Writes good data over the copies that were bad. */
export function mend(state: PoolState, zio: Zio): void {
  for (const { leaf, lba, size } of zio.heal) {
    submit(state, {
      leaf,
      purpose: Purpose.HEAL,
      ioClass: IoClass.ASYNC_WRITE,
      write: true,
      lba,
      size,
      issuedAt: zio.at,
      parent: zio,
    });
  }
  zio.heal = [];
}

/** No copy is good: an ereport, and, once a file, a fact that names it. */
export function dataLost(context: Context, state: PoolState, zio: Zio): void {
  const error = zio.error === ZioStatus.ZIO_ECKSUM ? 50 : 5;
  postPoolEreport(context, state, 'data', [param('zio_err', error), param('zio_offset', zio.offset)]);
  const path = fileOf(zio.dataset, zio.offset);
  if (!state.lost.has(path)) {
    state.lost.add(path);
    context.emit('dataLost', { pool: state.name, dataset: zio.dataset, path, blocks: 1 });
  }
  zio.cause = context.cause;
}
