/** Which disk of a pool drags the others: by what each did, not by what anybody said of it. */
import type { Fact } from '../fact.ts';
import type { FactIndex } from '../fact-index.ts';

export interface DiskTime {
  /** Name, `c0t2d0`. */
  disk: string;
  address: string;
  /** Mean time in the device, ns. */
  serviceNs: number;
  operations: number;
  errors: number;
  fact: Fact;
}

export interface Limping extends DiskTime {
  peersNs: number;
  vdev: string;
}

/** A disk limps when it takes this many times as long as its peers. Lower, and outer and inner tracks would do it. */
const RATIO_MIN = 3;
const OPERATIONS_MIN = 10;

/** Mean device time of each disk of a pool since `from`, ns. */
export function diskTimes(index: FactIndex, pool: string, from: number): DiskTime[] {
  const node = pool.split('/')[0] ?? '';
  const times: DiskTime[] = [];
  for (const disk of disksOf(index, pool)) {
    const address = `${node}/disk/${disk}`;
    const facts = index.of(address, 'diskServed').filter((fact) => fact.time >= from);
    const last = facts.at(-1);
    if (last === undefined) continue;
    let serviceNs = 0;
    let operations = 0;
    let errors = 0;
    for (const { payload } of facts) {
      serviceNs += payload.serviceNs;
      operations += payload.reads + payload.writes;
      errors += payload.errors;
    }
    if (operations === 0) continue;
    times.push({ disk, address, serviceNs: serviceNs / operations, operations, errors, fact: last });
  }
  return times;
}

function disksOf(index: FactIndex, pool: string): string[] {
  return vdevsOf(index, pool).flatMap(({ disks }) => disks);
}

function vdevsOf(index: FactIndex, pool: string): { name: string; disks: readonly string[] }[] {
  const [node, , name] = pool.split('/');
  const spec = index.datacenter.nodes
    .find(({ address }) => address === node)
    ?.pools.find((one) => one.name === name);
  return (spec?.vdevs ?? []).map(({ kind, disks }, at) => ({ name: `${kind}-${at}`, disks }));
}

/** The disk that takes longest compared with the others of its vdev, since `from`. */
export function limpingDisk(index: FactIndex, pool: string, from: number): Limping | undefined {
  const times = diskTimes(index, pool, from);
  let worst: Limping | undefined;
  for (const { name, disks } of vdevsOf(index, pool)) {
    const here = times.filter(({ disk, operations }) => disks.includes(disk) && operations >= OPERATIONS_MIN);
    for (const time of here) {
      const peersNs = median(here.filter((one) => one !== time).map(({ serviceNs }) => serviceNs));
      if (peersNs === 0 || time.serviceNs < RATIO_MIN * peersNs) continue;
      const ratio = time.serviceNs / peersNs;
      if (worst === undefined || ratio > worst.serviceNs / worst.peersNs)
        worst = { ...time, peersNs, vdev: name };
    }
  }
  return worst;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
