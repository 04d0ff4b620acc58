import { expect, test } from 'vitest';
import { exp, log, pow } from './math.ts';

/** Arguments from every part of the range, made by integer arithmetic. */
function* fractions(count: number): Generator<number> {
  let state = 20_240_229;
  for (let n = 0; n < count; n++) {
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_648;
  }
}

const bits = (value: number): string => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
};

const error = (value: number, truth: number): number => Math.abs(value - truth) / Math.abs(truth);

test('the bits are those written down, on every engine', async () => {
  const lines: string[] = [];
  const add = (name: string, result: number, ...args: number[]) =>
    lines.push(`${name} ${args.map(bits).join(' ')} = ${bits(result)}`);
  for (const u of fractions(150)) {
    const wide = (u + 2 ** -20) * 2 ** Math.floor((u - 0.5) * 2000);
    const power = (u - 0.5) * 1400;
    add('log', log(wide), wide);
    add('exp', exp(power), power);
    add('pow', pow(wide, (0.5 - u) * 1.9), wide, (0.5 - u) * 1.9);
    add('pow', pow(u, 1 / (u + 0.1)), u, 1 / (u + 0.1));
  }
  await expect(lines.join('\n') + '\n').toMatchFileSnapshot('golden/math-bits.txt');
});

test('log and exp agree with the engine within 5e-16', () => {
  for (const u of fractions(20_000)) {
    const near = 0.6 + u * 0.9;
    const wide = u * 2 ** Math.floor((u - 0.5) * 2000);
    const power = (u - 0.5) * 1400;
    expect(error(log(near), Math.log(near))).toBeLessThan(5e-16);
    expect(error(log(wide), Math.log(wide))).toBeLessThan(5e-16);
    expect(error(exp(power), Math.exp(power))).toBeLessThan(5e-16);
  }
});

test('pow agrees with exact integer powers within 2e-15 over all results', () => {
  for (let base = 2n; base < 120n; base++) {
    for (let power = 1n; base ** power < 10n ** 308n; power += 5n) {
      const truth = Number(base ** power);
      expect(error(pow(Number(base), Number(power)), truth)).toBeLessThan(2e-15);
      expect(error(pow(Number(base), -Number(power)), 1 / truth)).toBeLessThan(2e-15);
    }
  }
});

test('pow is exact where an operator would notice', () => {
  for (let power = -1022; power <= 1023; power++) expect(pow(2, power)).toBe(2 ** power);
  for (let power = 0; power <= 15; power++) expect(pow(10, power)).toBe(10 ** power);
  expect(pow(2, -1074)).toBe(5e-324);
  expect(pow(9, 0.5)).toBe(3);
});

test('edges are those of IEEE 754', () => {
  expect([log(0), log(1), log(Infinity), log(-1)]).toEqual([-Infinity, 0, Infinity, NaN]);
  expect(error(log(5e-324), Math.log(5e-324))).toBeLessThan(5e-16);
  expect([exp(0), exp(-Infinity), exp(Infinity), exp(NaN)]).toEqual([1, 0, Infinity, NaN]);
  expect([exp(710), exp(-746), exp(-745.13)]).toEqual([Infinity, 0, 5e-324]);
  expect([pow(0, 2), pow(0, -2), pow(0, 0), pow(Infinity, 2), pow(Infinity, -2)]).toEqual([
    0,
    Infinity,
    1,
    Infinity,
    0,
  ]);
  expect([pow(0.5, Infinity), pow(2, -Infinity), pow(2, Infinity), pow(1, Infinity)]).toEqual([
    0,
    0,
    Infinity,
    1,
  ]);
  expect([pow(-2, 2), pow(2, NaN), pow(NaN, 1)]).toEqual([NaN, NaN, NaN]);
  expect([pow(10, 400), pow(10, -400)]).toEqual([Infinity, 0]);
});
