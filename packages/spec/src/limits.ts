/**
 * A VM's limits with vmadm's defaults and corrections: memory is the guest's and an overhead for HVM brands; locked
 * memory and tmpfs are cut down to the physical memory, swap is raised to it.
 */
import type { Brand, Limits } from './model.ts';

const mebibyte = 1_048_576;
const gibibyte = 1_073_741_824;

/** What was given; the rest is defaults. */
export type GivenLimits = Partial<Limits>;

export function isHvm(brand: Brand): boolean {
  return brand === 'kvm' || brand === 'bhyve';
}

const overheadBytes: Readonly<Record<'kvm' | 'bhyve', number>> = {
  kvm: 1024 * mebibyte,
  bhyve: 1280 * mebibyte,
};
const overheadBytesMin = 256 * mebibyte;

function physicalBytes(brand: Brand, given: GivenLimits, ramBytes: number): number {
  if (brand !== 'kvm' && brand !== 'bhyve') return given.memoryBytes ?? ramBytes;
  const asked = given.memoryBytes ?? ramBytes + overheadBytes[brand];
  return Math.max(asked, ramBytes + overheadBytesMin);
}

/** In an HVM brand, `given.ramBytes` is the guest's memory; in the others it is a way to say physical memory. */
export function limitsOf(brand: Brand, given: GivenLimits): Limits {
  const ramBytes = given.ramBytes ?? 256 * mebibyte;
  const memoryBytes = physicalBytes(brand, given, ramBytes);
  return {
    cpuCap: given.cpuCap ?? 0,
    cpuShares: Math.min(given.cpuShares ?? 100, 65_535),
    cpuBaseline: given.cpuBaseline ?? 0,
    cpuBurstNs: given.cpuBurstNs ?? 0,
    zfsIoPriority: Math.min(given.zfsIoPriority ?? 100, 16_384),
    memoryBytes,
    swapBytes: Math.max(given.swapBytes ?? memoryBytes, memoryBytes, 256 * mebibyte),
    lockedBytes: Math.min(given.lockedBytes ?? memoryBytes, memoryBytes),
    tmpfsBytes: Math.min(given.tmpfsBytes ?? memoryBytes, memoryBytes),
    quotaBytes: given.quotaBytes ?? (brand === 'bhyve' ? gibibyte : 10 * gibibyte),
    maxLwps: given.maxLwps ?? 2000,
    vcpus: isHvm(brand) ? (given.vcpus ?? 1) : 0,
    ramBytes: isHvm(brand) ? ramBytes : 0,
  };
}

interface LimitEntry {
  readonly cpu_cap?: number | undefined;
  readonly cpu_shares?: number | undefined;
  readonly cpu_baseline?: number | undefined;
  readonly cpu_burst?: number | undefined;
  readonly zfs_io_priority?: number | undefined;
  readonly memory?: number | undefined;
  readonly swap?: number | undefined;
  readonly locked?: number | undefined;
  readonly tmpfs?: number | undefined;
  readonly quota?: number | undefined;
  readonly max_lwps?: number | undefined;
  readonly vcpus?: number | undefined;
}

/** Limits as a package or a VM of the file gives them; `memory` is the guest's in an HVM brand. */
export function givenLimits(entry: LimitEntry): GivenLimits {
  return defined({
    cpuCap: entry.cpu_cap,
    cpuShares: entry.cpu_shares,
    cpuBaseline: entry.cpu_baseline,
    cpuBurstNs: entry.cpu_burst,
    zfsIoPriority: entry.zfs_io_priority,
    ramBytes: entry.memory,
    swapBytes: entry.swap,
    lockedBytes: entry.locked,
    tmpfsBytes: entry.tmpfs,
    quotaBytes: entry.quota,
    maxLwps: entry.max_lwps,
    vcpus: entry.vcpus,
  });
}

/** Of an entry's limits, those that nothing is held to yet. */
export function idleLimits(entry: LimitEntry): string[] {
  return (['locked', 'max_lwps', 'tmpfs'] as const).filter((name) => entry[name] !== undefined);
}

/** Why a VM's baseline or burst time holds it to nothing; undefined when they do, or when there are none. */
export function burstProblem({ cpuCap, cpuBaseline, cpuBurstNs }: Limits): string | undefined {
  if (cpuBaseline === 0)
    return cpuBurstNs === 0 ? undefined : 'cpu_burst has no effect without a cpu_baseline';
  const baseline = `cpu_baseline ${cpuBaseline} has no effect`;
  if (cpuCap === 0) return `${baseline} without a cpu_cap`;
  if (cpuBaseline >= cpuCap) return `${baseline}: it is not below the cpu_cap, ${cpuCap}`;
  return cpuBurstNs === 0 ? `${baseline} without a cpu_burst: burst time is unlimited` : undefined;
}

/** Drops what is undefined, so that spreading it over something else hides nothing. */
export function defined(limits: { readonly [Key in keyof Limits]?: number | undefined }): GivenLimits {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
