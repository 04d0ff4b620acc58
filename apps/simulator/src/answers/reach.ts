/**
 * Whether a node's VMs can be reached from outside, by the state of the cables and switches on the way; it does not
 * ask the fabric's own model, which may be the thing in doubt.
 *
 * Law.   A way is: one of the node's NICs that carries the VM's tag, its switch, and uplinks from switch to switch to
 *        the border. A part that said it is down carries nothing.
 */
import type { Vm } from '@orrery/spec';
import type { Fact } from './fact.ts';
import type { FactIndex } from './fact-index.ts';

type Down = Fact<'linkStateChanged'> | Fact<'switchStateChanged'>;

/** What cut the way off: the last part of any way to go down; undefined when a way is left. */
export function cutOffBy(index: FactIndex, node: string, vm: Vm | undefined): Fact | undefined {
  const { datacenter } = index;
  const spec = datacenter.nodes.find(({ address }) => address === node);
  if (spec === undefined) return undefined;
  const met: Down[] = [];
  const open = (address: string): boolean => {
    const down = downFact(index, address);
    if (down !== undefined) met.push(down);
    return down === undefined;
  };
  const tag = vm?.nics.find(({ primary }) => primary)?.tag ?? vm?.nics[0]?.tag;
  const wired = spec.nics.filter((nic) => nic.switch !== '');
  const carrying = wired.filter(({ tags }) => tag === undefined || tags.includes(tag));
  const nics = carrying.length > 0 ? carrying : wired;
  const seen = new Set<string>();
  const waiting = nics.filter(({ name }) => open(`${node}/nic/${name}`)).map((nic) => nic.switch);
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (at === 'border') return undefined;
    if (seen.has(at) || !open(at)) continue;
    seen.add(at);
    for (const { address, from, to } of datacenter.uplinks) {
      if (from !== at && to !== at) continue;
      if (open(address)) waiting.push(from === at ? to : from);
    }
  }
  if (seen.size === 0 || datacenter.uplinks.some(({ to, from }) => to === 'border' || from === 'border')) {
    return latest(met);
  }
  return undefined;
}

/** The fact that says it is down now. */
export function downFact(index: FactIndex, address: string): Down | undefined {
  const link = index.of(address, 'linkStateChanged').at(-1);
  if (link !== undefined) return link.payload.up ? undefined : link;
  const last = index.of(address, 'switchStateChanged').at(-1);
  return last === undefined || last.payload.up ? undefined : last;
}

function latest(facts: readonly Down[]): Down | undefined {
  let found: Down | undefined;
  for (const fact of facts) if (found === undefined || fact.time > found.time) found = fact;
  return found;
}
