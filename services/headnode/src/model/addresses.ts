/**
 * Address reservation hands out a network's addresses as NAPI does; it does not know who answers on them.
 *
 * Rules. 1. The lowest address of the provision range that was never used goes first.
 *        2. When all were used once, the one freed longest ago.
 *        3. When none is free, the subnet is full.
 * State. A cursor and the freed addresses in the order of their freeing, by network.
 */
export interface AddressPool {
  /** Next address never handed out. */
  next: number;
  readonly last: number;
  taken: number[];
  freed: number[];
}

/** IPv4 dotted quad as a 32-bit number. */
export function addressNumber(text: string): number {
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function addressText(address: number): string {
  const octet = (shift: number) => Math.floor(address / shift) % 256;
  return `${octet(16_777_216)}.${octet(65_536)}.${octet(256)}.${octet(1)}`;
}

export function makePool(first: string, last: string, taken: readonly string[]): AddressPool {
  return {
    next: addressNumber(first),
    last: addressNumber(last),
    taken: taken.map(addressNumber),
    freed: [],
  };
}

/** @returns the address, or undefined when the subnet is full */
export function reserveAddress(pool: AddressPool): string | undefined {
  while (pool.next <= pool.last && pool.taken.includes(pool.next)) pool.next++;
  const address = pool.next <= pool.last ? pool.next++ : pool.freed.shift();
  if (address === undefined) return undefined;
  pool.taken.push(address);
  return addressText(address);
}

export function releaseAddress(pool: AddressPool, text: string): void {
  const address = addressNumber(text);
  const index = pool.taken.indexOf(address);
  if (index < 0) return;
  pool.taken.splice(index, 1);
  pool.freed.push(address);
}
