/** What ZFS does about an I/O that a leaf failed: counts it, posts an ereport, probes the leaf; and what it calls the leaf then. */
import type { Context } from '@orrery/actor';
import { Outcome, Purpose, type Leaf, type LeafIo, type PoolState } from './state.ts';
import { param, postEreport } from './ereports.ts';
import { startProbe } from './probe.ts';

const EIO = 5;
const ECKSUM = 50;

export function ioFailed(context: Context, state: PoolState, leaf: Leaf, io: LeafIo): void {
  if (io.outcome === Outcome.ENXIO || io.purpose === Purpose.PROBE || io.purpose === Purpose.REOPEN) return;
  const corrupt = io.outcome === Outcome.ECKSUM;
  if (corrupt) leaf.checksumErrors++;
  else if (io.write) leaf.writeErrors++;
  else leaf.readErrors++;
  leaf.served.errors++;
  const payload = [
    param('zio_err', corrupt ? ECKSUM : EIO),
    param('zio_offset', io.lba),
    param('zio_size', io.size),
  ];
  const { causes } = leaf;
  if (corrupt) return postEreport(context, state, leaf, 'checksum', causes.corrupt, payload);
  const media = leaf.condition.mode === 'ok' && causes.latent.n !== 0;
  postEreport(context, state, leaf, 'io', media ? causes.latent : causes.mode, payload);
  startProbe(state, leaf, context.now);
}
