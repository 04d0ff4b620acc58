import { expect, test } from 'vitest';
import { jsonFault } from './json-place.ts';
import { macOf, uuidOf } from './hash.ts';
import { formatIpv4, parseIpv4, parseSubnet } from './ipv4.ts';
import { matchesGlob, nearest, suggest } from './near.ts';

test('a slip of one or two letters finds its name', () => {
  expect(nearest('cpucap', ['cpu_cap', 'cpu_shares'])).toBe('cpu_cap');
  expect(nearest('wbe', ['web', 'db'])).toBe('web');
  expect(nearest('something', ['web', 'db'])).toBeUndefined();
  expect(suggest('zz', ['b', 'a'])).toBe('there are a, b');
});

test('globs', () => {
  expect(matchesGlob('web-*', 'web-12')).toBe(true);
  expect(matchesGlob('web-?', 'web-12')).toBe(false);
  expect(matchesGlob('*-1*2', 'web-132')).toBe(true);
  expect(['cn-0001', 'cn-0002', 'cn-0009'].filter((name) => matchesGlob('cn-000[19]', name))).toHaveLength(2);
  expect(matchesGlob('web-[!0-3]', 'web-2')).toBe(false);
  expect(matchesGlob('web-[', 'web-[')).toBe(true);
  expect(matchesGlob(`${'*a'.repeat(40)}b`, 'a'.repeat(2000))).toBe(false);
});

test('names hash to proper UUIDs and MACs, without a clash in 100,000', () => {
  const names = Array.from({ length: 100_000 }, (_, i) => `dc/vm/web-${i}`);
  expect(new Set(names.map(uuidOf)).size).toBe(names.length);
  expect(new Set(names.map(macOf)).size).toBeGreaterThan(names.length - 2);
  expect(uuidOf('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(macOf('a')).toMatch(/^02(:[0-9a-f]{2}){5}$/);
});

test('IPv4 up to its end', () => {
  expect(parseIpv4('255.255.255.255')).toBe(4_294_967_295);
  expect(formatIpv4(4_294_967_295)).toBe('255.255.255.255');
  expect(parseSubnet('10.1.2.3/16')).toEqual({ base: parseIpv4('10.1.0.0'), prefix: 16, count: 65_536 });
});

test('JSON is told from what is not, with the place', () => {
  expect(jsonFault('{"a": [1, -2.5e3, "x\\u00e9\\n", true, null, {}]}\n')).toBeUndefined();
  expect(jsonFault('{"a": 01}')).toBe(6);
  expect(jsonFault('{"a": 1,}')).toBe(8);
  expect(jsonFault("{'a': 1}")).toBe(1);
  expect(jsonFault('[1] x')).toBe(4);
  expect(jsonFault('[1')).toBe(2);
});
