/** Actor messages: an address, a mailbox (the queue), a payload and a cause, handled by a function on plain state. */
import { createHost, defineActor, type Placement } from '@orrery/actor';
import { MS } from '@orrery/kernel';
import type { FactRef } from '@orrery/proto';
import { alternate, atLeast, seconds, type Findings, type Scale } from './measure.ts';

const ACTORS = 1000;

interface Peer {
  next: number;
  heard: number;
}

const peer = defineActor<Peer, { next: string }>({
  name: 'peer',
  service: 'compute-node',
  init: (context, init) => {
    context.timer('go', 0, 'tick', { name: 'go', number: 0 });
    return { next: context.lookup(init.next) ?? 0, heard: 0 };
  },
  on: {
    tick: (context, state, message) => {
      if (message.name === 'go') context.emit('syslogWritten', { text: 'go' });
      state.heard += 1;
      context.send(state.next, 'tick', { name: 'pass', number: message.number + 1 });
    },
  },
});

function throughHost(messages: number): number {
  const placements: Placement[] = [];
  for (let i = 0; i < ACTORS; i++) {
    const init = { next: `peer-${(i + 1) % ACTORS}` };
    placements.push({ address: `peer-${i}`, kind: 'peer', locality: `peer-${i}`, init });
  }
  const host = createHost({
    seed: 1,
    services: [{ name: 'compute-node', loose: false, kinds: [peer] }],
    placements,
    rules: { lookaheadNs: MS, controlWindowNs: 50 * MS },
    keepFacts: false,
  });
  const spent = seconds(() => host.runUntil((messages / ACTORS) * MS));
  return host.events / spent;
}

interface Letter {
  to: number;
  kind: string;
  payload: { name: string; number: number };
  cause: FactRef;
}

/** Objects with a table of methods, called from one array of letters: no order, no time. */
function throughArray(messages: number): number {
  let turn: Letter[] = [];
  let following: Letter[] = [];
  const cause = { actor: 1, n: 1 };
  const peers = Array.from({ length: ACTORS }, (_, i) => ({
    heard: 0,
    on: new Map([
      [
        'tick',
        function (this: { heard: number }, letter: Letter) {
          this.heard += 1;
          const payload = { name: 'pass', number: letter.payload.number + 1 };
          following.push({ to: (i + 1) % ACTORS, kind: 'tick', payload, cause: letter.cause });
        },
      ],
    ]),
  }));
  for (let to = 0; to < ACTORS; to++)
    turn.push({ to, kind: 'tick', payload: { name: 'go', number: 0 }, cause });
  let count = 0;
  const spent = seconds(() => {
    while (count < messages) {
      for (const letter of turn) peers[letter.to].on.get(letter.kind)?.call(peers[letter.to], letter);
      count += turn.length;
      turn = following;
      following = [];
    }
  });
  return count / spent;
}

export async function messages(scale: Scale): Promise<Findings> {
  const count = scale.tiny ? 5_000 : 3_000_000;
  const { rates, calibration } = await alternate(scale, {
    host: () => throughHost(count),
    array: () => throughArray(count),
  });
  const what = 'actor messages: mailbox, cause, payload';
  const baseline = { what: 'an array, without order or time', value: rates.array };
  return {
    rows: [{ what, value: rates.host, unit: 'messages/s', baseline, calibration }],
    targets: [atLeast(what, rates.host, 1.5e6, ' messages/s')],
    notes: [],
  };
}
