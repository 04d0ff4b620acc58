import { describe, expect, test } from 'vitest';
import { refOf } from './fact.ts';
import { HandMade } from './hand-made.case.ts';
import { findSubject } from './subject.ts';

describe('the index', () => {
  const made = new HandMade();
  const down = made.panic(100, 'cn-0001');

  test('holds facts before its moment, by actor and number', () => {
    expect(made.index({ until: 100e9 }).ofKind('nodePanicked')).toEqual([]);
    const index = made.index({ until: 100e9 + 1 });
    expect(index.at(down)?.payload).toMatchObject({ stateBefore: 'running', state: 'panicked' });
    expect(refOf(index.at(down)!)).toBe(`cn-0001#${down.n}`);
    expect(index.named(`cn-0001#${down.n}`)).toBe(index.at(down));
    expect(index.at({ actor: down.actor, n: down.n + 1 })).toBeUndefined();
  });

  test('without injections knows of none, and of all else', () => {
    const all = made.index();
    const without = made.index({ withoutInjections: true });
    expect(all.ofKind('faultInjected')).toHaveLength(1);
    expect(without.ofKind('faultInjected')).toEqual([]);
    expect(without.ofKind('commandAccepted')).toEqual([]);
    expect(without.ofKind('ereportPosted')).toHaveLength(1);
    expect(without.at(down)).toBeDefined();
  });

  test('learns the addresses of actors made while running', () => {
    const other = new HandMade();
    const actor = other.idOf('headnode') + 1;
    other.say(1, 'headnode', 'actorMade', { actor, address: 'headnode/job/1', kind: 'job' });
    expect(other.index().addressOf(actor)).toBe('headnode/job/1');
  });
});

describe('a subject is found by', () => {
  const made = new HandMade();
  const index = made.index();
  const db = made.datacenter.vms.find(({ alias }) => alias === 'db')!;
  const addressOf = (name: string) => {
    const found = findSubject(index, name);
    return found.ok ? found.subject.address : found.message;
  };

  test.each([
    ['cn-0001', 'cn-0001'],
    ['db', made.zone('db')],
    [db.uuid, made.zone('db')],
    [db.uuid.slice(0, 8), made.zone('db')],
    ['cn-0001/pool/zones', 'cn-0001/pool/zones'],
    ['cn-0002/zones', 'cn-0002/pool/zones'],
    ['cn-0001/c0t2d0', 'cn-0001/disk/c0t2d0'],
    ['visitors', 'client/visitors'],
    ['cn-0001/dimm/3', 'cn-0001/dimm/3'],
  ])('%s', (name, address) => expect(addressOf(name)).toBe(address));

  test('and an unclear or unknown name is answered with what could be meant', () => {
    expect(addressOf('zones')).toBe('zones could be cn-0001/pool/zones, cn-0002/pool/zones');
    expect(addressOf('cn-001')).toBe('there is no cn-001: did you mean cn-0001?');
    expect(addressOf('elephant')).toBe('there is no elephant: there are batch, cn-0001, cn-0002, db, web');
  });
});
