/** IPv4 addresses and subnets as numbers, without bit operators that are signed. */

/** Undefined when it is no address. */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export function formatIpv4(value: number): string {
  const bytes = [16_777_216, 65_536, 256, 1].map((unit) => Math.floor(value / unit) % 256);
  return bytes.join('.');
}

export interface Subnet {
  readonly base: number;
  readonly prefix: number;
  /** How many addresses, network and broadcast included. */
  readonly count: number;
}

export function parseSubnet(text: string): Subnet | undefined {
  const [address, prefixText] = text.split('/');
  const value = parseIpv4(address ?? '');
  const prefix = Number(prefixText);
  if (value === undefined || !Number.isInteger(prefix) || prefix < 0 || prefix > 32) return undefined;
  let count = 1;
  for (let i = prefix; i < 32; i++) count *= 2;
  return { base: value - (value % count), prefix, count };
}

export function isInside(subnet: Subnet, address: number): boolean {
  return address >= subnet.base && address < subnet.base + subnet.count;
}
