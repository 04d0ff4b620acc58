/** Data that is gone, and data that was nearly gone: what a pool lost or healed, and on which disk. */
import type { WhyAnswer } from './answer.ts';
import { causesOf, injectionOf, rootOf, stepsOf } from './causes.ts';
import type { Fact } from './fact.ts';
import type { FactIndex } from './fact-index.ts';
import { fmdNow } from './now.ts';
import { counted } from './part-name.ts';
import { poolOf } from './history.ts';
import type { Subject } from './subject.ts';

/** Lost data of a VM, or of a pool or one of its disks; else what was healed there. Undefined when there is neither. */
export function explainDamage(index: FactIndex, subject: Subject): WhyAnswer | undefined {
  const lost = lostOf(index, subject);
  const healed = subject.kind === 'vm' ? [] : healedOf(index, subject);
  const fact = lost.at(-1) ?? healed.at(-1);
  if (fact === undefined) return undefined;
  const chain = causesOf(index, fact);
  const begin = chain.at(-1)?.time ?? fact.time;
  return {
    question: 'why',
    subject,
    at: index.until,
    verdict: lost.length > 0 ? 'errors' : 'up',
    headline: lost.length > 0 ? lostLine(subject, lost) : healedLine(subject, healed),
    steps: stepsOf(chain),
    root: rootOf(chain),
    injection: injectionOf(index, chain),
    now: subject.node === '' ? [] : fmdNow(index, subject.node, chain, begin),
  };
}

function lostOf(index: FactIndex, subject: Subject): readonly Fact<'dataLost'>[] {
  if (subject.kind === 'pool') return index.of(subject.address, 'dataLost');
  if (subject.kind !== 'vm') return [];
  const uuid = subject.vm?.uuid ?? '';
  return index.of(poolOf(index, subject), 'dataLost').filter(({ payload }) => payload.dataset.includes(uuid));
}

function healedOf(index: FactIndex, subject: Subject): readonly Fact<'blockHealed'>[] {
  if (subject.kind === 'pool') return index.of(subject.address, 'blockHealed');
  if (subject.kind !== 'disk') return [];
  const name = subject.address.slice(subject.address.lastIndexOf('/') + 1);
  const pools = `${subject.node}/pool/`;
  return index
    .ofKind('blockHealed')
    .filter(({ address, payload }) => payload.disk === name && address.startsWith(pools));
}

function lostLine(subject: Subject, lost: readonly Fact<'dataLost'>[]): string {
  const paths = [...new Set(lost.map(({ payload }) => payload.path))];
  const more = paths.length > 2 ? ` and ${paths.length - 2} more` : '';
  return `${subject.name} has lost data: ${paths.slice(0, 2).join(', ')}${more}.`;
}

function healedLine(subject: Subject, healed: readonly Fact<'blockHealed'>[]): string {
  const blocks = healed.reduce((sum, { payload }) => sum + payload.blocks, 0);
  const disks = [...new Set(healed.map(({ payload }) => payload.disk))].sort().join(', ');
  return `${subject.name} is well: nothing is lost, ${counted(blocks, 'bad block')} on ${disks} healed.`;
}
