/** Addresses of the specification's actors by id, as the host numbers them: by sorted address, from 1 span on. */
import { ACTOR_SPAN } from '@orrery/kernel';
import type { Datacenter } from '@orrery/spec';
import { placeAll } from '../services.ts';

export function addressesOf(datacenter: Datacenter): Map<number, string> {
  const sorted = placeAll(datacenter)
    .map(({ address }) => address)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return new Map([
    [0, 'outside'],
    ...sorted.map((address, at): [number, string] => [(at + 1) * ACTOR_SPAN, address]),
  ]);
}
