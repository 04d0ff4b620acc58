/** Gathers, for each active story, what the zones on its hosts serve, and tells it as one phase a zone. */
import type { LedgerEntry } from '@orrery/proto';
import { hostOf, leafOf } from '../address.ts';
import { ledgerAccounts } from '../ledger-names.ts';
import type { Attributes } from '../span.ts';
import type { ObservedFact } from './fact.ts';
import {
  addServed,
  baselineOf,
  type Impact,
  meanNs,
  noteServed,
  nothingServed,
  type Served,
} from './impact.ts';
import { type Library, tellPoint } from './library.ts';
import type { Story } from './story.ts';

/** Zones told by one story: those that lost most; a switch's fault has hundreds. */
const ZONES_MAX = 20;
/** Accounts told of each zone: those that grew most. */
const ACCOUNTS_MAX = 3;

/** Adds what a zone served in one second to its baseline, and to the stories of its host. */
export function observeServed(library: Library, fact: ObservedFact<'zoneServed'>): void {
  const { address, payload } = fact;
  const host = hostOf(address);
  for (const story of library.stories) {
    if (story.over !== Infinity || !story.hosts.includes(host) || payload.from < story.start) continue;
    let impact = story.impacts.get(address);
    if (impact === undefined) {
      impact = { before: baselineOf(library.baselines, address, story.start), during: nothingServed() };
      story.impacts.set(address, impact);
    }
    addServed(impact.during, payload);
  }
  noteServed(library.baselines, address, payload);
}

/** Requests times what each took longer than before, and the errors first of all. */
function lossOf({ before, during }: Impact): number {
  const longer = before === undefined ? 0 : meanNs(during) - meanNs(before);
  return during.errors * 1e12 + Math.max(0, longer) * during.requests;
}

/** Of a story's beginning its zones are told early, ns: who looks at a fault that has just been injected sees whom it hit. */
const BEGINNING_NS = 5_000_000_000;

/** Tells how the zones of a story served in its beginning; `now` in ns. */
export function tellBeginning(library: Library, story: Story, now: number): void {
  if (story.begun || now < story.start + BEGINNING_NS) return;
  story.begun = true;
  tellZones(library, story, now, ' at first');
}

/** Tells how the zones of a story served, once it is over; `end` in ns. */
export function tellImpacts(library: Library, story: Story, end: number): void {
  tellZones(library, story, end, '');
  story.impacts.clear();
}

function tellZones(library: Library, story: Story, end: number, when: string): void {
  const worst = [...story.impacts].sort((a, b) => lossOf(b[1]) - lossOf(a[1])).slice(0, ZONES_MAX);
  const over = story.over;
  for (const [address, impact] of worst) {
    if (impact.during.requests + impact.during.errors === 0) continue;
    const alias = library.aliases.get(leafOf(address)) ?? leafOf(address);
    const attributes = impactAttributes(impact);
    attributes['smartos.vm.alias'] = alias;
    const start = {
      key: `impact:${address}${when}`,
      service: 'compute-node' as const,
      host: hostOf(address),
      time: end,
    };
    tellPoint(library, story, { ...start, name: `${alias} serves${when}`, attributes }, story.start);
  }
  story.over = over;
}

function impactAttributes({ before, during }: Impact): Attributes {
  const attributes: Attributes = {
    'smartos.joined': 'host',
    'smartos.requests': during.requests,
    'smartos.errors': during.errors,
    'smartos.latency_ms': meanNs(during) / 1e6,
  };
  if (before === undefined) return attributes;
  attributes['smartos.latency_ms.before'] = meanNs(before) / 1e6;
  const was = means(before);
  const grown = [...means(during)]
    .map(([account, ns]): [string, number] => [account, ns - (was.get(account) ?? 0)])
    .filter(([, ns]) => ns > 0)
    .sort((a, b) => b[1] - a[1])
    .slice(0, ACCOUNTS_MAX);
  for (const [account, ns] of grown) attributes[`smartos.ledger.${account}_ms.grown`] = ns / 1e6;
  return attributes;
}

function means({ requests, ledger }: Served): Map<string, number> {
  const sums = ledgerAccounts(ledger as LedgerEntry[]);
  for (const [account, ns] of sums) sums.set(account, ns / Math.max(1, requests));
  return sums;
}
