/** Works off what a handler left behind: leaves with something to issue, I/Os that started well, I/Os that ended. */
import type { Context } from '@orrery/actor';
import { ZioStatus, type Messages } from '@orrery/proto';
import { endBusy } from '../model/busy.ts';
import { SECOND } from '@orrery/kernel';
import { ioFailed } from './failures.ts';
import { param, postEreport } from './ereports.ts';
import { probeEnded, reopenEnded } from './probe.ts';
import { letGo, runLeaf, wake } from './queue.ts';
import { armReport } from './report.ts';
import { resilverStepped } from './resilver-plan.ts';
import { txgIoEnded } from './sync.ts';
import { resolveChild } from './zio.ts';
import { Outcome, Purpose, type Leaf, type LeafIo, type PoolState, type Zio } from './state.ts';

/** zio_slow_io_ms. */
const SLOW_NS = 30 * SECOND;

export function drain(context: Context, state: PoolState): void {
  const { started, ended, ready } = state;
  for (;;) {
    if (started.length > 0) {
      const io = started.shift() as LeafIo;
      resolveChild(context, state, io.parent as Zio, io, true);
    } else if (ended.length > 0) complete(context, state, ended.shift() as LeafIo);
    else if (ready.length > 0) runLeaf(context, state, state.leaves[ready.shift() as number]);
    else return;
  }
}

/** A device finished an I/O. */
export function leafDone(context: Context, state: PoolState, done: Messages['leafDone']): void {
  const leaf = state.leaves[done.leaf];
  const served = leaf.serving[done.channel];
  if (served !== null && served !== undefined && served.id === done.io) {
    leaf.serving[done.channel] = null;
    letGo(leaf, served);
    state.ended.push(served);
  } else {
    const index = leaf.hung.findIndex((io) => io.id === done.io);
    if (index < 0) return;
    const [io] = leaf.hung.splice(index, 1);
    letGo(leaf, io);
    state.ended.push(io);
  }
  wake(state, leaf);
  drain(context, state);
}

function complete(context: Context, state: PoolState, io: LeafIo): void {
  const leaf = state.leaves[io.leaf];
  endBusy(state.busy, io.finish);
  if (io.outcome !== Outcome.ENXIO) note(context, state, leaf, io);
  if (io.outcome !== Outcome.OK) ioFailed(context, state, leaf, io);
  switch (io.purpose) {
    case Purpose.USER:
      if (io.outcome !== Outcome.OK) childFailed(context, state, leaf, io);
      return;
    case Purpose.TXG:
    case Purpose.UBERBLOCK:
      return txgIoEnded(context, state, io);
    case Purpose.RESILVER_READ:
    case Purpose.RESILVER_WRITE:
      return resilverStepped(context, state, io);
    case Purpose.PROBE:
      return probeEnded(context, state, leaf, io);
    case Purpose.REOPEN:
      return reopenEnded(context, state, leaf, io);
    case Purpose.HEAL:
      if (io.outcome !== Outcome.OK || io.ref === 0) return;
      context.cause = leaf.causes.corrupt.n === 0 ? leaf.causes.latent : leaf.causes.corrupt;
      context.emit('blockHealed', {
        pool: state.name,
        disk: leaf.name,
        blocks: io.ref,
        metadata: io.parent?.ditto === true,
      });
  }
}

/** Statistics of an I/O that the device worked on, and the ereport of a very slow one. */
function note(context: Context, state: PoolState, leaf: Leaf, io: LeafIo): void {
  const { served } = leaf;
  if (io.write) {
    served.writes++;
    served.writtenBytes += io.size;
  } else {
    served.reads++;
    served.readBytes += io.size;
  }
  const service = io.finish - io.start;
  served.serviceNs += service;
  served.endsHash = (Math.imul(served.endsHash ^ (io.finish % 4_294_967_296), 0x9e3779b1) + io.id) >>> 0;
  served.queueNs += io.start - io.issuedAt;
  if (service > served.serviceNsMax) served.serviceNsMax = service;
  const busyFrom = Math.max(io.start, leaf.busyTo);
  if (io.finish > busyFrom) {
    served.busyNs += io.finish - busyFrom;
    leaf.busyTo = io.finish;
  }
  armReport(context, state);
  if (io.finish - io.admitted >= SLOW_NS) {
    leaf.slowCount++;
    const payload = [param('zio_delay', io.finish - io.admitted), param('zio_offset', io.lba)];
    postEreport(context, state, leaf, 'delay', leaf.causes.slow, payload);
  }
}

function childFailed(context: Context, state: PoolState, leaf: Leaf, io: LeafIo): void {
  const zio = io.parent as Zio;
  const corrupt = io.outcome === Outcome.ECKSUM;
  zio.error = corrupt ? ZioStatus.ZIO_ECKSUM : ZioStatus.ZIO_EIO;
  if (!zio.log) zio.tried |= 1 << io.ref;
  if (!io.write && io.outcome !== Outcome.ENXIO)
    zio.heal.push({ leaf: leaf.index, lba: io.lba, size: io.size });
  resolveChild(context, state, zio, io, false);
}
