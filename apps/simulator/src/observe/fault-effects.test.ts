import { expect, test } from 'vitest';
import type { HostFact } from '@orrery/actor';
import type { FactKind, Facts } from '@orrery/proto';
import { FaultEffects } from './fault-effects.ts';

let n = 0;
function fact<K extends FactKind>(
  kind: K,
  payload: Partial<Facts[K]>,
  cause: { actor: number; n: number },
  time = 0,
): HostFact {
  return { actor: 1, n: ++n, time, address: 'cn-0001', kind, payload, cause } as unknown as HostFact;
}
const ref = (of: HostFact) => ({ actor: of.actor, n: of.n });

test('what goes back to a fault is its own, what does not is not', () => {
  const injected = fact('faultInjected', { faultId: 'f1' }, { actor: 0, n: 1 });
  const panicked = fact('nodeStateChanged', { state: 'panicked' }, ref(injected), 1e9);
  const facts = [
    injected,
    panicked,
    fact('nodeStateChanged', { state: 'running' }, ref(panicked), 61e9),
    fact('poolStateChanged', { pool: 'zones', state: 'DEGRADED' }, { actor: 0, n: 0 }),
    fact('blockHealed', { blocks: 1 }, ref(injected)),
  ];
  const effects = new FaultEffects();
  for (const each of facts) effects.observe(each);
  expect(effects.of('f1')).toBe('down 1m00s, 1 block healed');
  expect(effects.of('f2')).toBe('');
});

test('a node that somebody else brings back is down no longer', () => {
  const injected = fact('faultInjected', { faultId: 'h' }, { actor: 0, n: 1 });
  const hung = fact('nodeStateChanged', { state: 'hung' }, ref(injected), 1e9);
  const effects = new FaultEffects();
  for (const each of [injected, hung]) effects.observe(each);
  expect(effects.of('h')).toBe('still down');
  const nmi = { actor: 0, n: 2 };
  effects.observe(fact('nodeStateChanged', { state: 'panicked' }, nmi, 31e9));
  effects.observe(fact('nodeStateChanged', { state: 'running' }, nmi, 61e9));
  expect(effects.of('h')).toBe('down 1m00s');
});

test('a disk of a pool that was not well before is named', () => {
  const injected = fact('faultInjected', { faultId: 'd' }, { actor: 0, n: 1 });
  const effects = new FaultEffects();
  const vdev = (name: string) => fact('vdevStateChanged', { vdev: name, state: 'REMOVED' }, ref(injected));
  for (const each of [injected, vdev('c0t1d0'), vdev('mirror-0')]) effects.observe(each);
  expect(effects.of('d')).toBe('c0t1d0 REMOVED');
});
