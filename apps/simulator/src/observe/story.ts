/**
 * The story is the run as an operator would tell it: one line a fact that they would care about; it is no log.
 *
 * Facts that come in a crowd are told once: at one instant (links of a switch, zones of a node that stops) as one line;
 * again and again (ereports, healed blocks, damaged files) the first, and the number of the others before the node's
 * next line; zones that boot together when the last of them is up.
 */
import type { HostFact } from '@orrery/actor';
import type { Facts } from '@orrery/proto';
import { formatNs, type Scenario } from '@orrery/spec';
import { Symptoms } from './symptoms.ts';
import { Provisioning, ZoneBoots } from './zone-crowds.ts';
import {
  burstText,
  healedText,
  partOf,
  someOf,
  tell,
  whereOf,
  type Mark,
  type StoryLine,
} from './tellers.ts';

/** Facts of one kind and part within so long of the first are one line, ns. */
const TOGETHER_NS = 1_000_000_000;
/** Damaged files of a pool, or failed jobs of one reason, that are told one by one. */
const SINGLY_MAX = 3;

/** Facts of one sort: those not yet told, and how to tell `count` of them, or `count` more. */
interface Tally {
  where: string;
  mark: Mark;
  /** Of the first that is not told, ns. */
  since: number;
  untold: number;
  /** How many were told so far; from then on only the number of others is. */
  told: number;
  text: (count: number, more: boolean) => string;
}

/** What happened to several parts at the same moment. */
interface Instant {
  key: string;
  time: number;
  lines: StoryLine[];
  members: string[];
  together: (members: readonly string[]) => { where: string; text: string };
}

export class StoryTeller {
  private readonly print: (line: StoryLine) => void;
  private readonly tallies = new Map<string, Tally>();
  private readonly boots = new ZoneBoots();
  private readonly provisioning = new Provisioning();
  private readonly symptoms: Symptoms | undefined;
  /** Cases that fmd told nobody of: nor is their end told. */
  private readonly untold = new Set<string>();
  private instant: Instant | undefined;
  private now = 0;

  /** @param scenario whose VMs' symptoms are told too */
  constructor(print: (line: StoryLine) => void, scenario?: Scenario) {
    this.print = print;
    this.symptoms = scenario === undefined ? undefined : new Symptoms(scenario);
  }

  observe(fact: HostFact): void {
    this.now = fact.time;
    if (this.instant !== undefined && this.instant.time < fact.time) this.endInstant();
    if (this.tallies.size > 0) this.tellFresh(fact.time - TOGETHER_NS);
    const symptoms = this.symptoms?.observe(fact) ?? [];
    for (const line of symptoms) this.say(line);
    switch (fact.kind) {
      case 'ereportPosted':
        return this.addEreport(fact.payload as Facts['ereportPosted']);
      case 'blockHealed':
        return this.addHealed(fact, fact.payload as Facts['blockHealed']);
      case 'dataLost':
        return this.addSingly(`lost ${fact.address}`, fact, (count) => {
          const { pool } = fact.payload as Facts['dataLost'];
          return `${pool}: ${count} more file${count === 1 ? '' : 's'} damaged`;
        });
      case 'cpuCapChanged':
        return this.addBurst(fact, fact.payload as Facts['cpuCapChanged']);
      case 'pageRetired':
        return this.addPage(fact.address, fact.payload as Facts['pageRetired']);
      case 'suspectListed':
        return this.addCase(fact, fact.payload as Facts['suspectListed']);
      case 'caseStateChanged':
        return this.untold.has((fact.payload as Facts['caseStateChanged']).uuid)
          ? undefined
          : this.say(tell(fact));
      case 'jobStateChanged':
        return this.addJob(fact, fact.payload as Facts['jobStateChanged']);
      case 'zoneStateChanged':
        return this.addZone(fact, fact.payload as Facts['zoneStateChanged']);
      case 'zoneBooted':
        return this.addBoot(fact, fact.payload as Facts['zoneBooted']);
      case 'linkStateChanged':
      case 'serverStatusChanged':
      case 'syslogWritten':
        return this.addInstant(fact);
      default:
        this.say(tell(fact));
    }
  }

  /** Tells what waits for company; to be called when the run ends. */
  flush(): void {
    this.endInstant();
    for (const tally of this.tallies.values()) this.settle(tally);
  }

  /** @param closes whether the node's tallies are settled before it: the next of a kind does not close those of its kin */
  private say(line: StoryLine | undefined, closes = true): void {
    if (line === undefined) return;
    this.endInstant();
    this.tellFresh(Infinity);
    if (closes) for (const tally of this.tallies.values()) if (tally.where === line.where) this.settle(tally);
    this.print(line);
  }

  /** Tells the first of each sort whose company is complete. */
  private tellFresh(before: number): void {
    for (const tally of this.tallies.values()) {
      if (tally.told === 0 && tally.since <= before) this.settle(tally);
    }
  }

  private settle(tally: Tally): void {
    const { where, mark, untold, told, since } = tally;
    if (untold === 0) return;
    tally.untold = 0;
    tally.told += untold;
    const time = told === 0 ? since : this.now;
    this.print({ time, where, mark, text: tally.text(untold, told > 0), source: '' });
  }

  private count(key: string, where: string, mark: Mark, count: number, text: Tally['text']): void {
    let tally = this.tallies.get(key);
    if (tally === undefined) {
      tally = { where, mark, since: this.now, untold: 0, told: 0, text };
      this.tallies.set(key, tally);
    }
    if (tally.untold === 0) tally.since = this.now;
    tally.untold += count;
  }

  private addEreport({ class: name, detector, count }: Facts['ereportPosted']): void {
    this.count(`${name} ${detector}`, whereOf(detector), '!', count, (n, more) => {
      const times = more ? ` × ${n} more` : n === 1 ? '' : ` × ${n}`;
      return `${name} (${partOf(detector)})${times}`;
    });
  }

  private addPage(address: string, { dimm }: Facts['pageRetired']): void {
    this.count(`page ${address} ${dimm}`, whereOf(address), ' ', 1, (n, more) => {
      const pages = more ? `${n} more ${n === 1 ? 'page' : 'pages'}` : n === 1 ? 'page' : `${n} pages`;
      return `${pages} retired on DIMM ${dimm}`;
    });
  }

  private addCase(fact: HostFact, { uuid, message }: Facts['suspectListed']): void {
    if (!message) this.untold.add(uuid);
    this.say(tell(fact));
  }

  private addHealed(fact: HostFact, healed: Facts['blockHealed']): void {
    const key = `healed ${fact.address} ${healed.disk} ${healed.metadata}`;
    this.count(key, whereOf(fact.address), '✓', healed.blocks, (n, more) => {
      return `${healed.pool}: ${healedText(n, healed, more)}`;
    });
  }

  /** A zone that is always hot is held again and again; that its cap is back each time goes without saying. */
  private addBurst({ address }: HostFact, changed: Facts['cpuCapChanged']): void {
    if (changed.cap > changed.before) return;
    this.count(`burst ${changed.uuid}`, whereOf(address), '!', 1, (n, more) =>
      more ? `${burstText(changed)}, ${n} × more` : burstText(changed),
    );
  }

  /** The first few each with a line of its own, then only how many more. */
  private addSingly(key: string, fact: HostFact, more: (count: number) => string): void {
    const line = tell(fact);
    if (line === undefined) return;
    const tally = this.tallies.get(key);
    const told = tally?.told ?? 0;
    if (told >= SINGLY_MAX) return this.count(key, line.where, line.mark, 1, more);
    this.say(line, told === 0);
    this.tallies.set(key, {
      where: line.where,
      mark: line.mark,
      since: this.now,
      untold: 0,
      told: told + 1,
      text: more,
    });
  }

  private addJob(fact: HostFact, job: Facts['jobStateChanged']): void {
    if (job.execution === 'failed') {
      this.addSingly(`job ${job.kind} ${job.error}`, fact, (n) => `${n} more failed: ${job.error}`);
    }
    const done = this.provisioning.observe(fact.time, job);
    if (done === undefined) return;
    const zones = done.count === 1 ? '1 zone' : `${done.count} zones`;
    const text = `${zones} provisioned in ${formatNs(done.tookNs)}`;
    this.say({ time: fact.time, where: 'headnode', mark: '✓', text, source: '' });
  }

  private addZone(fact: HostFact, changed: Facts['zoneStateChanged']): void {
    const { uuid, alias, zoneState, zoneStateBefore } = changed;
    if (this.provisioning.owns(uuid)) return;
    const where = whereOf(fact.address);
    this.boots.changed(where, changed);
    if (zoneState !== 'installed' || ['configured', 'incomplete', ''].includes(zoneStateBefore)) return;
    const line: StoryLine = { time: fact.time, where, mark: ' ', text: `zone ${alias} stopped`, source: '' };
    this.join(`stopped ${where}`, line, alias, (names) => ({
      where,
      text: `${names.length} zones stopped`,
    }));
  }

  private addBoot(fact: HostFact, booted: Facts['zoneBooted']): void {
    if (this.provisioning.ends(booted.uuid)) return;
    const where = whereOf(fact.address);
    const up = this.boots.booted(where, booted);
    if (up === undefined) return;
    const text =
      up.count === 1
        ? `zone ${booted.alias} up in ${formatNs(up.slowestNs)}`
        : `${up.count} zones up, the slowest in ${formatNs(up.slowestNs)}`;
    this.say({ time: fact.time, where, mark: '✓', text, source: '' });
  }

  private addInstant(fact: HostFact): void {
    const line = tell(fact);
    if (line === undefined) return;
    if (fact.kind === 'linkStateChanged') {
      const { link, up } = fact.payload as Facts['linkStateChanged'];
      const state = up ? 'up' : 'down';
      this.join(`links ${state}`, line, link.replace('/nic/', ' ').replace('/', ' '), (links) => ({
        where: 'net',
        text: `${links.length} links ${state}: ${someOf(links)}`,
      }));
    } else if (fact.kind === 'serverStatusChanged') {
      const { server, statusBefore, status } = fact.payload as Facts['serverStatusChanged'];
      this.join(`servers ${statusBefore} ${status}`, line, server, (servers) => ({
        where: line.where,
        text: `head node: ${someOf(servers)} ${statusBefore} → ${status}`,
      }));
    } else {
      this.join(`syslog ${line.text}`, line, line.where, (nodes) => ({
        where: `${nodes.length} nodes`,
        text: line.text,
      }));
    }
  }

  private join(key: string, line: StoryLine, member: string, together: Instant['together']): void {
    if (this.instant?.key !== key) {
      this.endInstant();
      this.instant = { key, time: line.time, lines: [], members: [], together };
    }
    this.instant?.lines.push(line);
    this.instant?.members.push(member);
  }

  private endInstant(): void {
    const { instant } = this;
    if (instant === undefined) return;
    this.instant = undefined;
    const [first] = instant.lines;
    if (first === undefined) return;
    this.say(instant.members.length === 1 ? first : { ...first, ...instant.together(instant.members) });
  }
}
