/** Payloads in the wild write whole numbers as text (`"ram": "1024"`), which vmadm takes: they are numbers from here on. */
import { isFields, type Fields } from './payload-check.ts';
import { diskProperties, nicProperties, vmProperties, type Property } from './payload-properties.ts';

const digits = /^\d{1,15}$/;

/** The same payload with every integer property that is written as digits made a number. */
export function withNumbers(payload: Fields): Fields {
  const numbered = numbersOf(payload, vmProperties);
  return {
    ...numbered,
    ...listOf(numbered, 'nics', nicProperties),
    ...listOf(numbered, 'disks', diskProperties),
  };
}

type Table = Readonly<Record<string, Property>>;

function numbersOf(fields: Fields, table: Table): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      const integer = Object.hasOwn(table, key) && table[key]?.type === 'integer';
      return [key, integer && typeof value === 'string' && digits.test(value) ? Number(value) : value];
    }),
  );
}

function listOf(fields: Fields, key: string, table: Table): Fields {
  const list: unknown = fields[key];
  if (!Array.isArray(list)) return {};
  return { [key]: list.map((item: unknown) => (isFields(item) ? numbersOf(item, table) : item)) };
}
