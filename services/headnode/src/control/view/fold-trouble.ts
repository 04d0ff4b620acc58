/** What facts tell of pools, faults, repairs and cases. */
import type { Facts } from '@orrery/proto';
import type { Folds } from './fold.ts';
import type { DatacenterView, PoolView } from './state.ts';

const CLOSED = new Set(['REPAIRED', 'RESOLVED', 'DISCARDED']);

export const foldsOfTrouble: Folds = {
  poolStateChanged: (view, { state }, address, time) => {
    const pool = view.pools.get(address);
    if (pool === undefined) return;
    pool.state = state;
    pool.suspended = state === 'SUSPENDED';
    pool.since = time;
  },
  poolSuspendedFact: (view, { suspended }, address) => {
    const pool = view.pools.get(address);
    if (pool !== undefined) pool.suspended = suspended;
  },
  vdevStateChanged: (view, { vdev, state, aux }, address) => {
    const pool = view.pools.get(address);
    if (state === 'ONLINE' || state === 'AVAIL') pool?.vdevs.delete(vdev);
    else pool?.vdevs.set(vdev, { state, aux });
  },
  resilverStarted: (view, { vdev, bytes }, address) => resilver(view.pools.get(address), vdev, 0, bytes),
  resilverProgressed: (view, { vdev, doneBytes, totalBytes }, address) =>
    resilver(view.pools.get(address), vdev, doneBytes, totalBytes),
  resilverFinished: (view, _finished, address) => resilver(view.pools.get(address), '', 0, 0),
  dataLost: (view, _lost, address) => {
    const pool = view.pools.get(address);
    if (pool !== undefined) pool.filesLost++;
  },
  faultInjected: (view, { faultId, kind, target, params, askedBy }, _address, time) => {
    view.faults.set(faultId, {
      faultId,
      kind,
      target,
      params: params.map(({ name, number, text }) => `${name}=${text === '' ? number : text}`).join(' '),
      askedBy,
      injectedAt: time,
      revertedAt: 0,
      repairedAt: 0,
    });
  },
  faultReverted: (view, { faultId }, _address, time) => {
    const fault = view.faults.get(faultId);
    if (fault !== undefined && fault.revertedAt === 0) fault.revertedAt = time;
  },
  partRepaired: (view, { target }, _address, time) => {
    for (const fault of view.faults.values()) {
      if (fault.target === target && fault.revertedAt === 0 && fault.repairedAt === 0)
        fault.repairedAt = time;
    }
  },
  suspectListed: (view, listed, address, time) => addCase(view, listed, address, time),
  caseStateChanged: (view, { uuid, state }) => {
    const row = view.cases.get(uuid);
    if (row !== undefined) row.state = state;
  },
};

/** Whether fmd still has the case before it. */
export function caseOpen({ state }: { state: string }): boolean {
  return !CLOSED.has(state);
}

function resilver(pool: PoolView | undefined, vdev: string, doneBytes: number, totalBytes: number): void {
  if (pool === undefined) return;
  pool.resilvering = vdev;
  pool.doneBytes = doneBytes;
  pool.totalBytes = totalBytes;
}

function addCase(
  view: DatacenterView,
  { uuid, code, severity, suspects }: Facts['suspectListed'],
  address: string,
  time: number,
): void {
  const node = address.split('/')[1] ?? '';
  const parts = suspects.map((suspect) => suspect.resource);
  view.cases.set(uuid, { uuid, node, code, severity, state: 'SOLVED', listedAt: time, suspects: parts });
}
