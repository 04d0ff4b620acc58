/**
 * From a grown account of the ledger to its reason. The ledger says where the time went and behind whom; the rules say
 * which part that belongs to, by what that part reported.
 *
 * Rules. 1. Time that a callee spends belongs to the callee: its own growth in the same account is looked at first.
 *        2. Behind another zone: the zone that the ledger names. Behind a resilver: the resilver.
 *        3. Otherwise by place. No rule reads an injection.
 */
import { Behind, Place } from '@orrery/proto';
import { calleesOf } from '../callees.ts';
import { vmSubject } from '../subject.ts';
import { contextOf, grownAccounts, type GrownAccount, type Reason, type SlowContext } from './context.ts';
import { bandwidthCap, fullLink, lossyLink, unanswered } from './network-rules.ts';
import { cpuCap, onCpu, runQueue, workerPool } from './cpu-rules.ts';
import { behindZone } from './neighbour.ts';
import { diskErrors, diskReason, recordSize, resilver, writeReason } from './storage-rules.ts';

/** Deepest call that is followed. */
const CALLS_MAX = 3;
/** A callee whose growth makes up this share of the caller's is where the time goes. */
const CALLEE_SHARE = 0.5;

/** The reason of an account; undefined when it only follows from others. */
export function reasonOf(context: SlowContext, account: GrownAccount, depth = 0): Reason | undefined {
  const callee = depth < CALLS_MAX ? busiestCallee(context, account) : undefined;
  if (callee !== undefined) {
    const reason = reasonOf(callee, account, depth + 1);
    return reason === undefined ? undefined : { ...reason, at: reason.at ?? callee };
  }
  return byBehind(context, account) ?? byPlace(context, account);
}

/** The callee that accounts for most of the growth, when callees account for it at all. */
function busiestCallee(context: SlowContext, account: GrownAccount): SlowContext | undefined {
  const { index, subject } = context;
  let sum = 0;
  let best: { context: SlowContext; ns: number } | undefined;
  for (const { uuid, calls } of askedOf(context)) {
    const callee = vmSubject(index, uuid);
    const there =
      callee === undefined || callee.address === subject.address ? undefined : contextOf(index, callee);
    if (there === undefined) continue;
    const grown = grownAccounts(there.now, there.baseline).find((one) => sameAccount(one, account));
    const ns = (grown?.ns ?? 0) * calls;
    sum += ns;
    if (ns > (best?.ns ?? 0)) best = { context: there, ns };
  }
  return sum >= account.ns * CALLEE_SHARE ? best?.context : undefined;
}

function askedOf({ index, subject }: SlowContext): { uuid: string; calls: number }[] {
  if (subject.vm !== undefined) return calleesOf(index.datacenter, subject.vm.uuid);
  const name = subject.address.slice(subject.address.indexOf('/') + 1);
  const to = index.datacenter.workloads.find((workload) => workload.name === name)?.to ?? [];
  return to.map((uuid) => ({ uuid, calls: 1 / to.length }));
}

function sameAccount(a: GrownAccount, b: GrownAccount): boolean {
  return a.place === b.place && a.behind === b.behind && a.zone === b.zone;
}

function byBehind(context: SlowContext, { place, behind, zone }: GrownAccount): Reason | undefined {
  switch (behind) {
    case Behind.OTHER_ZONE:
      if (zone === 0) return undefined;
      return behindZone(
        context,
        zone,
        place === Place.RUN_QUEUE ? 'cpu' : place === Place.DIRTY_DELAY ? 'write' : 'disk',
      );
    case Behind.RESILVER:
      return resilver(context);
    case Behind.FAULT:
      return diskErrors(context) ?? diskReason(context);
    case Behind.RETRY:
      return place === Place.RETRANSMIT ? undefined : (diskErrors(context) ?? diskReason(context));
    case Behind.TXG_SYNC:
      return writeReason(context);
    default:
      return undefined;
  }
}

function byPlace(context: SlowContext, { place }: GrownAccount): Reason | undefined {
  switch (place) {
    case Place.VDEV_QUEUE:
    case Place.DEVICE:
      return diskReason(context);
    case Place.RECORD_RMW:
      return diskReason(context) ?? recordSize(context);
    case Place.ZIL_WAIT:
    case Place.TXG_WAIT:
    case Place.DIRTY_DELAY:
    case Place.THROTTLE:
      return writeReason(context);
    case Place.CPU_CAP:
      return cpuCap(context);
    case Place.RUN_QUEUE:
      return runQueue(context);
    case Place.WORKER_POOL:
      return workerPool(context);
    case Place.ON_CPU:
      return onCpu(context);
    case Place.WIRE:
    case Place.LINK_QUEUE:
      return fullLink(context);
    case Place.BANDWIDTH_CAP:
      return bandwidthCap(context);
    case Place.RETRANSMIT:
      return lossyLink(context);
    case Place.TIMEOUT:
    case Place.LOST:
      return unanswered(context);
    default:
      return undefined;
  }
}
