import { describe, expect, test } from 'vitest';
import { Rig, zoneConfigOf } from './rig.case.ts';
import { faults, repairs } from './faults.ts';
import { NODE } from './rig.case.ts';

describe('an idle node', () => {
  test('has one timer, its next heartbeat, however many zones it has', () => {
    const zones = Array.from({ length: 50 }, (_, index) => zoneConfigOf(`zone-${index}`));
    const rig = new Rig({ zones }).run(1);
    expect(rig.host.queue.size).toBe(1);
    const before = rig.host.events;
    rig.run(600);
    expect(rig.host.events - before).toBe(240);
  });

  test('keeps little of each zone', () => {
    const zones = Array.from({ length: 50 }, (_, index) => zoneConfigOf(`zone-${index}`));
    const rig = new Rig({ zones }).run(1);
    const cell = rig.host.cells.at(`${NODE}/zone/zone-7`);
    expect(JSON.stringify(cell?.state).length).toBeLessThan(1200);
    expect([cell?.timers, cell?.draws, cell?.streams]).toEqual([undefined, undefined, undefined]);
  });
});

describe('the catalogue', () => {
  test.each(faults.map((row) => [row.kind, row] as const))(
    '%s is known to its part, and reverts',
    (_, row) => {
      const part = row.target === 'node' ? '' : `${row.target}/1`;
      const params = row.params.map(({ name }) => ({ name, number: 1, text: '' }));
      const rig = new Rig().run(1).inject(row.kind, part, params).run(20).revert(row.kind, part).run(300);
      expect(rig.facts('faultInjected')).toMatchObject([
        { target: part === '' ? NODE : `${NODE}/${part}`, kind: row.kind },
      ]);
      expect(rig.facts('faultReverted')).toHaveLength(1);
      expect(rig.node.faults).toEqual([]);
    },
  );

  const parts = repairs.filter(({ kind }) => kind !== 'tunable.set');

  test.each(parts.map((row) => [row.kind, row] as const))('%s is known to its part', (_, row) => {
    const part = row.targets[0] === 'node' ? '' : `${row.targets[0]}/1`;
    const rig = new Rig().run(1).repair(row.kind, part).run(1);
    expect(rig.facts('partRepaired')).toMatchObject([{ kind: row.kind }]);
  });

  test('is sorted, and each symptom has its time', () => {
    for (const rows of [faults, repairs]) {
      const kinds = rows.map(({ kind }) => kind);
      expect(kinds).toEqual([...kinds].sort());
    }
    for (const { showsWithinNs, symptom } of faults) {
      expect(showsWithinNs).toBeGreaterThan(0);
      expect(symptom).not.toBe('');
    }
  });
});
