/**
 * Names from names: the UUIDs, MACs and serial numbers of a datacenter are hashes of what they belong to, so that the
 * same file always gives the same ones and an added VM moves nobody else's. Not for secrets.
 */

const multipliers: readonly number[] = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f];

/** Four 32-bit words that every character of `text` moves. */
function words(text: string): [number, number, number, number] {
  const state: [number, number, number, number] = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    for (let w = 0; w < 4; w++) {
      const mixed = Math.imul(state[w]! ^ (unit + w), multipliers[w]!);
      state[w] = (mixed ^ (mixed >>> 15) ^ state[(w + 1) & 3]!) >>> 0;
    }
  }
  for (let round = 0; round < 12; round++) {
    for (let w = 0; w < 4; w++) {
      const mixed = Math.imul(state[w]! ^ (state[w]! >>> 16) ^ text.length, multipliers[(w + round) & 3]!);
      state[w] = (mixed ^ (mixed >>> 13) ^ state[(w + 3) & 3]!) >>> 0;
    }
  }
  return state;
}

function hex(text: string): string {
  return words(text)
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
}

/** A version 4 shaped UUID for a name. */
export function uuidOf(name: string): string {
  const h = hex(name);
  const variant = '89ab'[Number.parseInt(h[16]!, 16) & 3]!;
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20, 32)}`;
}

/** A locally administered unicast MAC for a name. */
export function macOf(name: string): string {
  const h = hex(`mac/${name}`);
  return ['02', h.slice(0, 2), h.slice(2, 4), h.slice(4, 6), h.slice(6, 8), h.slice(8, 10)].join(':');
}

/** Eight characters like those printed on a part. */
export function serialOf(name: string): string {
  return hex(`serial/${name}`).slice(0, 8).toUpperCase();
}
