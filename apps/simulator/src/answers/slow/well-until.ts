/** Since when something that a subject depends on was not well: its node, its pool, itself, and whom it calls. */
import { calleesOf } from '../callees.ts';
import type { FactIndex } from '../fact-index.ts';
import { historyOf, poolOf } from '../history.ts';
import { unwellSince } from '../pool-causes.ts';
import { vmSubject, type Subject } from '../subject.ts';

/** First such time from `from` on, ns; Infinity when there was none. */
export function wellUntil(index: FactIndex, subject: Subject, from: number): number {
  let first = Infinity;
  for (const vm of dependsOn(index, subject)) {
    for (const one of [vm, { ...vm, kind: 'node' as const, address: vm.node }]) {
      const change = historyOf(index, one).find(({ well, fact }) => !well && fact.time >= from);
      first = Math.min(first, change?.fact.time ?? Infinity);
    }
    first = Math.min(first, unwellSince(index, poolOf(index, vm), from));
  }
  return first;
}

/** The VMs that work for a subject's requests, itself included. */
function dependsOn(index: FactIndex, subject: Subject): Subject[] {
  const found = new Map<string, Subject>();
  const name = subject.address.slice(subject.address.indexOf('/') + 1);
  const waiting =
    subject.vm === undefined
      ? [...(index.datacenter.workloads.find((workload) => workload.name === name)?.to ?? [])]
      : [subject.vm.uuid];
  for (let uuid = waiting.shift(); uuid !== undefined; uuid = waiting.shift()) {
    const vm = found.has(uuid) ? undefined : vmSubject(index, uuid);
    if (vm === undefined) continue;
    found.set(uuid, vm);
    waiting.push(...calleesOf(index.datacenter, uuid).map((callee) => callee.uuid));
  }
  return [...found.values()];
}
