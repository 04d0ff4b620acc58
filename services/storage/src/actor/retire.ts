/** Orders about vdevs: zfs-retire's (fault, degrade, spare), `zpool clear`, and a disk that was replaced or changed its condition. */
import type { Context } from '@orrery/actor';
import { hash64 } from '@orrery/kernel';
import { VdevAction, type Messages, type RetireVdev } from '@orrery/proto';
import { hangOn } from './device.ts';
import { failAll, failQueued, startReopen } from './probe.ts';
import { propagate, setLeafState } from './health.ts';
import { goOn } from './resume.ts';
import { attachSpare, beginReplace, dropResilver, settleSeat, startResilvers } from './resilver-plan.ts';
import { NO_CAUSE, type Leaf, type PoolState } from './state.ts';
import { available, seatOf } from './vdevs.ts';

const TOO_MANY = 'too many errors';

export function vdevRetired(context: Context, state: PoolState, order: RetireVdev): void {
  if (!state.imported) return;
  if (order.action === VdevAction.VDEV_CLEAR) return clear(context, state, order.disk);
  const leaf = leafNamed(state, order.disk);
  if (leaf === undefined) return;
  if (leaf.state === 'ONLINE' || leaf.state === 'DEGRADED') {
    if (order.action === VdevAction.VDEV_FAULT) fault(context, state, leaf);
    else if (order.action === VdevAction.VDEV_DEGRADE)
      setLeafState(context, state, leaf, 'DEGRADED', TOO_MANY);
    propagate(context, state);
    dropIfGone(context, state, leaf);
  }
  if (order.spare) attachSpare(context, state, leaf);
}

function leafNamed(state: PoolState, name: string): Leaf | undefined {
  const index = state.byName.get(name);
  return index === undefined ? undefined : state.leaves[index];
}

/** The only valid copy of data is not faulted but degraded, as long as it can be read. */
function fault(context: Context, state: PoolState, leaf: Leaf): void {
  const seat = seatOf(state, leaf.index);
  const before = leaf.state;
  leaf.state = 'FAULTED';
  const only = seat !== undefined && !state.tops[seat.top].log && !available(state, state.tops[seat.top]);
  leaf.state = before;
  if (only && !leaf.dead) return setLeafState(context, state, leaf, 'DEGRADED', TOO_MANY);
  setLeafState(context, state, leaf, 'FAULTED', TOO_MANY);
  failQueued(state, leaf, context.now);
}

function dropIfGone(context: Context, state: PoolState, leaf: Leaf): void {
  if (leaf.state === 'FAULTED' || leaf.state === 'REMOVED') dropResilver(context, state, leaf);
}

/** `zpool clear`: counters to zero, every leaf that is out is opened again, and one that was only degraded gives its spare back. */
function clear(context: Context, state: PoolState, disk: string): void {
  for (const leaf of state.leaves) {
    if (disk !== '' && leaf.name !== disk) continue;
    leaf.readErrors = 0;
    leaf.writeErrors = 0;
    leaf.checksumErrors = 0;
    leaf.slowCount = 0;
    if (leaf.state === 'DEGRADED' && !leaf.dead) {
      setLeafState(context, state, leaf, 'ONLINE', '');
      settleSeat(context, state, leaf);
    }
    const out = leaf.dead || leaf.state !== 'ONLINE';
    if (out && leaf.condition.mode !== 'pulled') startReopen(state, leaf, context.now);
  }
  if (disk === '') state.lost.clear();
  propagate(context, state);
  goOn(context, state);
  startResilvers(context, state);
}

/** Another disk is in the bay: it takes the old one's place, unless the pool is suspended: `zpool replace` needs a txg. */
export function diskInserted(context: Context, state: PoolState, disk: string): void {
  const leaf = leafNamed(state, disk);
  if (leaf === undefined) return;
  failAll(state, leaf, context.now);
  leaf.probing = 0;
  leaf.causes = { mode: NO_CAUSE, slow: NO_CAUSE, latent: NO_CAUSE, corrupt: NO_CAUSE };
  dropResilver(context, state, leaf);
  if (!canReplace(context, state, leaf)) return refuseReplace(context, state, leaf);
  beginReplace(context, state, leaf);
  propagate(context, state);
  goOn(context, state);
  startResilvers(context, state);
}

/** Whether a pool can take a new disk in: it serves, or its node is down and the boot will find all data without the old one. */
function canReplace(context: Context, state: PoolState, leaf: Leaf): boolean {
  const seat = seatOf(state, leaf.index);
  if (seat === undefined) return true;
  if (state.imported) return !state.suspended;
  if (context.machineState() === 'unavailable') return false;
  const top = state.tops[seat.top];
  const { stale } = leaf;
  leaf.stale = true;
  const whole = top.log || available(state, top);
  leaf.stale = stale;
  return whole;
}

/** The disk is there, but not in the pool: nothing brings back what the old one held. */
function refuseReplace(context: Context, state: PoolState, leaf: Leaf): void {
  leaf.dead = true;
  leaf.unlabelled = true;
  const { name } = leaf;
  if (!state.imported) {
    if (context.machineState() !== 'unavailable') return;
    const text = `zpool replace ${state.name} ${name}: cannot open '${state.name}': no such pool`;
    context.emit('syslogWritten', { text });
    return;
  }
  if (leaf.state === 'ONLINE' || leaf.state === 'DEGRADED')
    setLeafState(context, state, leaf, 'UNAVAIL', 'corrupted data');
  const text = `zpool replace ${state.name} ${name}: cannot replace ${name} with ${name}: pool I/O is currently suspended`;
  context.emit('syslogWritten', { text });
  propagate(context, state);
}

/** A disk's physical condition changed. The cause is the message's. */
export function conditionChanged(context: Context, state: PoolState, told: Messages['diskCondition']): void {
  const leaf = leafNamed(state, told.disk);
  if (leaf === undefined) return;
  const { condition, causes } = leaf;
  const before = condition.mode;
  if (told.mode !== 'ok' && told.mode !== before) causes.mode = context.cause;
  if (told.slowFactor !== condition.slowFactor && told.slowFactor !== 1) causes.slow = context.cause;
  condition.mode = told.mode;
  condition.slowFactor = told.slowFactor;
  condition.delayNs += told.delayNs;
  const [key] = hash64(`${state.node}/${told.disk}:${told.mediaKey}`);
  if (told.latentShare !== condition.latent.share || condition.latent.key !== key) {
    if (told.latentShare > 0) causes.latent = context.cause;
    condition.latent = { key, share: told.latentShare, written: new Set() };
  }
  if (told.corruptShare !== condition.corrupt.share || condition.corrupt.key !== key + 1) {
    if (told.corruptShare > 0) causes.corrupt = context.cause;
    condition.corrupt = { key: key + 1, share: told.corruptShare, written: new Set() };
  }
  if (told.mode === 'hang' && before !== 'hang') hang(context, leaf);
  if (told.mode === 'pulled' && before !== 'pulled') pulled(context, state, leaf);
}

/** Commands that the device has not begun are never answered: sd gives each up after its timeout and one retry. */
function hang(context: Context, leaf: Leaf): void {
  for (const io of leaf.inDevice) {
    hangOn(leaf, io, context.now);
    context.send(context.self, 'leafDone', { leaf: leaf.index, channel: 0, io: io.id }, io.finish);
  }
  leaf.inDevice.length = 0;
}

/** The bus says at once that a disk was pulled; with the node down, the import will miss it. */
function pulled(context: Context, state: PoolState, leaf: Leaf): void {
  if (!state.imported) return;
  leaf.dead = false;
  setLeafState(context, state, leaf, 'REMOVED', '');
  failAll(state, leaf, context.now);
  leaf.probing = 0;
  dropResilver(context, state, leaf);
  propagate(context, state);
}
