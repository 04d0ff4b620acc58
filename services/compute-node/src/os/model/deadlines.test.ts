import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDeadline, makeDeadlines, nextDeadline, takeDue } from './deadlines.ts';

test('the living come out by time, then by age; the dead not at all', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean())), (entries) => {
      const deadlines = makeDeadlines();
      const living = new Set<number>();
      const expected: number[][] = [];
      entries.forEach(([at, lives], id) => {
        addDeadline(deadlines, at, id);
        if (!lives) return;
        living.add(id);
        expected.push([at, id]);
      });
      expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      for (const [at, id] of expected) {
        expect(nextDeadline(deadlines, living)).toBe(at);
        expect(takeDue(deadlines, living, at - 1)).toBe(-1);
        expect(takeDue(deadlines, living, at)).toBe(id);
      }
      expect(nextDeadline(deadlines, living)).toBe(-1);
    }),
  );
});
