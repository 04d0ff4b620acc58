/** Parts as an operator calls them. */

const nouns: Readonly<Record<string, string>> = {
  disk: 'disk',
  dimm: 'DIMM',
  psu: 'PSU',
  cpu: 'CPU',
  nic: 'link',
  pool: 'pool',
  zone: 'zone',
};

/** `cn-0001/dimm/3` is `DIMM 3`, `switch/tor-r1a` is `switch tor-r1a`, `cn-0001` is itself. */
export function partName(address: string): string {
  const [first = '', second, third] = address.split('/');
  if (second === undefined) return first;
  if (third === undefined) return `${first} ${second}`;
  return `${nouns[second] ?? second} ${third}`;
}

/** The node that an address lies in; '' when none. */
export function nodeOf(address: string): string {
  const [first = '', second = ''] = address.split('/');
  if (first === 'fm') return second;
  return first === 'switch' ||
    first === 'uplink' ||
    first === 'client' ||
    first === 'net' ||
    first === 'headnode'
    ? ''
    : first;
}

/** Singular or plural. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
