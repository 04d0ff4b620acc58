/** Reads: one child of a mirror, every data column of a raidz; after an error the others, then parity, then a ditto copy. */
import { ZioStatus } from '@orrery/proto';
import { IoClass } from '../model/io-class.ts';
import { CHUNK_BYTES, isMetadata } from '../model/layout.ts';
import { chooseChild, mirrorLoad } from '../model/mirror.ts';
import { raidzColumns } from '../model/raidz.ts';
import { submit } from './queue.ts';
import { Purpose, type Leaf, type PoolState, type Top, type Zio } from './state.ts';
import { available, parityOf, readable } from './vdevs.ts';

/** What became of a try to issue. */
export type Issued = 'issued' | 'parked' | 'failed';

/** Reads of a block that come back in error are tried once more from the start. */
const ROUNDS_MAX = 1;

export function attemptRead(state: PoolState, zio: Zio): Issued {
  const top = state.tops[zio.top];
  return top.kind.startsWith('raidz') ? readRaidz(state, top, zio) : readMirror(state, top, zio);
}

function readMirror(state: PoolState, top: Top, zio: Zio): Issued {
  const loads: number[] = [];
  for (let s = 0; s < top.slots.length; s++) {
    const leaf = (zio.tried & (1 << s)) === 0 ? readable(state, top.slots[s]) : undefined;
    loads.push(leaf === undefined ? -1 : mirrorLoad(pending(leaf), leaf.rotating, leaf.head, zio.lba));
  }
  const slot = chooseChild(loads, zio.lba);
  if (slot >= 0) {
    zio.tried |= 1 << slot;
    readChild(state, zio, slot, readable(state, top.slots[slot]) as Leaf, zio.lba, zio.size);
    return 'issued';
  }
  if (!available(state, top)) return 'parked';
  if (zio.error === ZioStatus.ZIO_EIO && zio.rounds < ROUNDS_MAX) {
    zio.rounds++;
    zio.tried = 0;
    return readMirror(state, top, zio);
  }
  return readDitto(state, zio);
}

/** Metadata has a second copy elsewhere, on another vdev where there is one. */
function readDitto(state: PoolState, zio: Zio): Issued {
  if (zio.ditto || !isMetadata(zio.key, zio.offset)) return 'failed';
  const others = state.dataTops;
  const next = others[(others.indexOf(zio.top) + 1) % others.length];
  const { reachBytes } = state.tops[next];
  zio.ditto = true;
  zio.top = next;
  zio.lba = (zio.lba + Math.floor(reachBytes / 3 / 131_072) * 131_072) % reachBytes;
  zio.tried = 0;
  zio.rounds = 0;
  return attemptRead(state, zio);
}

function pending(leaf: Leaf): number {
  let count = 0;
  for (let c = 0; c < leaf.active.length; c++) count += leaf.active[c] + leaf.waiting[c].length;
  return count;
}

function readChild(state: PoolState, zio: Zio, slot: number, leaf: Leaf, lba: number, size: number): void {
  zio.unresolved++;
  submit(state, {
    leaf: leaf.index,
    purpose: Purpose.USER,
    ioClass: IoClass.SYNC_READ,
    write: false,
    lba,
    size,
    issuedAt: zio.at,
    zone: zio.zone,
    ref: slot,
    parent: zio,
  });
}

/** `tried` holds the slots that gave bad data, `rounds` how many columns make the block. */
function readRaidz(state: PoolState, top: Top, zio: Zio): Issued {
  if (!available(state, top)) return 'parked';
  const shape = { disks: top.slots.length, parity: parityOf(top), sectorBytes: state.ashiftBytes };
  const columns = raidzColumns(shape, zio.offset, zio.size);
  const good = (slot: number) =>
    (zio.tried & (1 << slot)) === 0 && readable(state, top.slots[slot]) !== undefined;
  const chosen = columns.data.filter(good);
  for (const slot of columns.parity) {
    if (chosen.length < columns.data.length && good(slot)) chosen.push(slot);
  }
  if (chosen.length < columns.data.length) return readDitto(state, zio);
  zio.rounds = chosen.length;
  const within = zio.lba % CHUNK_BYTES;
  const row = Math.floor(within / columns.data.length / state.ashiftBytes) * state.ashiftBytes;
  const lba = zio.lba - within + row;
  for (const slot of chosen) {
    readChild(state, zio, slot, readable(state, top.slots[slot]) as Leaf, lba, columns.columnBytes);
  }
  return 'issued';
}
