/** What an address says: the host it lies on and the service that owns it. */
import type { ServiceName } from '@orrery/proto';

/** Node that an address lies on (`cn-0001/disk/c0t2d0`, `fm/cn-0001/case/1`); '' when it lies on none. */
export function hostOf(address: string): string {
  const start = address.startsWith('fm/') ? 3 : 0;
  if (!address.startsWith('cn-', start)) return '';
  const end = address.indexOf('/', start);
  return end < 0 ? address.slice(start) : address.slice(start, end);
}

/** Last part of an address: `c0t2d0` of `cn-0001/disk/c0t2d0`. */
export function leafOf(address: string): string {
  return address.slice(address.lastIndexOf('/') + 1);
}

/** A part as a person calls it: `c0t2d0` of `cn-0001/disk/c0t2d0`, `dimm 3` of `cn-0001/dimm/3`. */
export function partOf(address: string): string {
  const leaf = leafOf(address);
  if (!/^\d+$/.test(leaf) || leaf === address) return leaf;
  return `${leafOf(address.slice(0, address.lastIndexOf('/')))} ${leaf}`;
}

/** Service that owns an address. */
export function serviceAt(address: string): ServiceName {
  if (address.startsWith('fm/')) return 'fma';
  if (address.startsWith('headnode')) return 'headnode';
  if (address === 'net' || address.startsWith('switch/') || address.startsWith('uplink/')) return 'net';
  if (address.includes('/disk/') || address.includes('/pool/')) return 'storage';
  return 'compute-node';
}
