/**
 * Max-min fair rates share links among flows; they do not queue a single packet.
 *
 * Why.       Many flows cross a few links. What one of them can get depends on what the others want and where they go.
 * Intuition. Water rises in all flows alike; a flow stops where it has what it wants, or where one of its links is full.
 * Rules.     1. No directed link carries more than its capacity.
 *            2. No flow gets more than its demand.
 *            3. A flow that gets less than its demand crosses a full link on which no flow gets more than it.
 * Law.       Progressive filling: the level is the least of (free capacity ÷ flows not yet settled) over all links;
 *            demands at or below it are settled at once, as that only raises the level; then the fullest link's flows.
 * State.     None. Rates are integers, bytes a second; division rounds down, so less than one byte a second for each
 *            flow of a full link stays unused.
 * Omits.     TCP's own unfairness by round-trip time, and the time it takes to find its rate.
 */
export interface Flow {
  /** Indices of the directed links that it crosses. */
  readonly links: readonly number[];
  /** Bytes a second. */
  readonly demand: number;
}

/**
 * @param capacities bytes a second of each directed link
 * @returns bytes a second of each flow, in their order
 */
export function fairRates(flows: readonly Flow[], capacities: readonly number[]): number[] {
  const rates = flows.map(() => 0);
  const free = [...capacities];
  const waiting = capacities.map(() => 0);
  for (const flow of flows) for (const link of flow.links) waiting[link]++;
  const order = flows.map((_, index) => index).sort((a, b) => flows[a].demand - flows[b].demand || a - b);
  let unsettled = order;
  const settle = (index: number, rate: number): void => {
    rates[index] = rate;
    for (const link of flows[index].links) {
      free[link] -= rate;
      waiting[link]--;
    }
  };
  while (unsettled.length > 0) {
    const { level, link } = lowestLevel(free, waiting);
    const satisfied = countSatisfied(flows, unsettled, level);
    if (satisfied > 0) {
      for (let at = 0; at < satisfied; at++) settle(unsettled[at], flows[unsettled[at]].demand);
      unsettled = unsettled.slice(satisfied);
      continue;
    }
    const left: number[] = [];
    for (const index of unsettled) {
      if (flows[index].links.includes(link)) settle(index, level);
      else left.push(index);
    }
    unsettled = left;
  }
  return rates;
}

/** The link that fills first, and at which rate for each of its flows; level Infinity when no flow waits for a link. */
function lowestLevel(free: readonly number[], waiting: readonly number[]): { level: number; link: number } {
  let level = Infinity;
  let lowest = -1;
  for (let link = 0; link < free.length; link++) {
    if (waiting[link] === 0) continue;
    const share = Math.floor(free[link] / waiting[link]);
    if (share < level) {
      level = share;
      lowest = link;
    }
  }
  return { level, link: lowest };
}

/** How many of the unsettled flows, which are in order of demand, want no more than `level`. */
function countSatisfied(flows: readonly Flow[], unsettled: readonly number[], level: number): number {
  let count = 0;
  while (count < unsettled.length && flows[unsettled[count]].demand <= level) count++;
  return count;
}

export interface LinkLoad {
  /** Bytes a second on each directed link. */
  readonly carried: number[];
  /** Highest rate of a flow on each. */
  readonly highest: number[];
}

export function linkLoads(flows: readonly Flow[], rates: readonly number[], links: number): LinkLoad {
  const carried = new Array<number>(links).fill(0);
  const highest = new Array<number>(links).fill(0);
  for (let index = 0; index < flows.length; index++) {
    for (const link of flows[index].links) {
      carried[link] += rates[index];
      highest[link] = Math.max(highest[link], rates[index]);
    }
  }
  return { carried, highest };
}

/**
 * What a flow would get on its links if it wanted all it can have: what is free beside its present rate, or, where
 * nothing is, as much as the largest flow there has.
 * @returns bytes a second, and the link that sets it (-1 without links)
 */
export function offeredRate(
  links: readonly number[],
  present: number,
  load: LinkLoad,
  capacities: readonly number[],
): { rate: number; link: number } {
  let rate = Infinity;
  let slowest = -1;
  for (const link of links) {
    const free = capacities[link] - load.carried[link] + present;
    const offered = Math.min(capacities[link], Math.max(free, load.highest[link]));
    if (offered < rate) {
      rate = offered;
      slowest = link;
    }
  }
  return { rate, link: slowest };
}
