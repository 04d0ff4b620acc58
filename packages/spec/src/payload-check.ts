/** Whether a value is a `vmadm create` payload, property by property. */
import { complain, type Context } from './context.ts';
import { isInside, parseIpv4, parseSubnet } from './ipv4.ts';
import { nearest } from './near.ts';
import {
  diskProperties,
  filesystemProperties,
  hasBrand,
  nicProperties,
  readOnlyProperties,
  vmProperties,
  type Property,
} from './payload-properties.ts';
import { shown, type Path } from './problem.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Check {
  readonly context: Context;
  readonly brand: string;
  /** Names of what is accepted without effect: `nics.*.allowed_ips`. */
  readonly idle: Set<string>;
}

const brandWords: Readonly<Record<string, string>> = {
  os: 'zones (joyent, joyent-minimal, builder, lx)',
  hvm: 'kvm and bhyve',
  kvm: 'kvm',
  bhyve: 'bhyve',
};

/** Complains of every property that is wrong; collects in `idle` what has no effect. */
export function checkPayload(context: Context, path: Path, payload: Fields, idle: Set<string>): boolean {
  const before = context.report.problems.length;
  const brand = typeof payload['brand'] === 'string' ? payload['brand'] : 'joyent';
  checkFields({ context, brand, idle }, path, payload, vmProperties, '');
  return context.report.problems.length === before;
}

function checkFields(
  check: Check,
  path: Path,
  fields: Fields,
  table: Readonly<Record<string, Property>>,
  prefix: string,
): void {
  for (const [key, value] of Object.entries(fields)) {
    const at = [...path, key];
    const property = Object.hasOwn(table, key) ? table[key]! : undefined;
    if (property === undefined) {
      complain(check.context, at, unknownProperty(key, Object.keys(table)), 'key');
    } else if (!hasBrand(property.brands, check.brand)) {
      const whose = brandWords[property.brands] ?? property.brands;
      complain(check.context, at, `is a property of ${whose}, not of brand ${check.brand}`, 'key');
    } else {
      checkValue(check, at, value, property, `${prefix}${key}`);
      if (!property.effect && property.note !== true) check.idle.add(`${prefix}${key}`);
    }
  }
}

function unknownProperty(key: string, known: readonly string[]): string {
  if (readOnlyProperties.includes(key)) return 'is set by the system: vmadm create does not take it';
  const near = nearest(key, known);
  return `is not a property that vmadm create takes${near === undefined ? '' : `; did you mean ${near}?`}`;
}

const listTables: Readonly<Record<string, Readonly<Record<string, Property>>>> = {
  nics: nicProperties,
  disks: diskProperties,
  filesystems: filesystemProperties,
};

function checkValue(check: Check, path: Path, value: unknown, property: Property, name: string): void {
  const table = listTables[property.type];
  if (table === undefined) {
    const list: readonly unknown[] = Array.isArray(value) ? value : [];
    const wrong = property.type === 'ips' ? list.findIndex((ip) => !isAddress(ip)) : -1;
    const at = wrong < 0 ? path : [...path, wrong];
    const found = wrong < 0 ? value : list[wrong];
    const expected = wrong < 0 ? expectation(value, property) : 'an address (10.0.0.5/24, dhcp, addrconf)';
    if (expected !== undefined) complain(check.context, at, `expected ${expected}, found ${shown(found)}`);
    return;
  }
  if (!Array.isArray(value)) {
    complain(check.context, path, `expected a list of ${name}, found ${shown(value)}`);
    return;
  }
  for (const [i, item] of value.entries()) {
    if (isFields(item)) checkFields(check, [...path, i], item, table, `${name}.*.`);
    else complain(check.context, [...path, i], `expected a map, found ${shown(item)}`);
  }
}

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const macForm = /^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i;
const compressionForm = /^(on|off|gzip|gzip-[1-9]|lz4|lzjb|zle)$/;

/** What was expected instead of the value; undefined when the value is right. */
function expectation(value: unknown, property: Property): string | undefined {
  const text = typeof value === 'string' ? value : undefined;
  switch (property.type) {
    case 'integer':
      return integerExpectation(value, property);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'uuid':
      return text !== undefined && uuidForm.test(text) ? undefined : 'a UUID';
    case 'mac':
      return text !== undefined && macForm.test(text) ? undefined : 'a MAC address';
    case 'ipv4':
      return text !== undefined && parseIpv4(text) !== undefined ? undefined : 'an IPv4 address';
    case 'object':
      return isFields(value) ? undefined : 'a map';
    case 'array':
      return Array.isArray(value) ? undefined : 'a list';
    case 'strings':
      return isTexts(value) ? undefined : 'a list of texts';
    case 'ips':
      return isTexts(value) && value.every(isAddress)
        ? undefined
        : 'a list of addresses (10.0.0.5/24, dhcp, addrconf)';
    case 'compression':
      return text !== undefined && compressionForm.test(text)
        ? undefined
        : 'one of on, off, gzip, gzip-N, lz4, lzjb, zle';
    case 'blocksize':
      return isBlockSize(value) ? undefined : 'a power of two from 512 to 131072 (bytes)';
    case 'password':
      return text !== undefined && text.length <= 8 ? undefined : 'a text of at most 8 characters';
    default:
      return textExpectation(text, property);
  }
}

function integerExpectation(value: unknown, property: Property): string | undefined {
  const least = property.least ?? 0;
  const most = property.most ?? Number.MAX_SAFE_INTEGER;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most)
    return undefined;
  return `a whole number from ${least}${property.most === undefined ? '' : ` to ${most}`}`;
}

function textExpectation(text: string | undefined, property: Property): string | undefined {
  if (property.words !== undefined) {
    return text !== undefined && property.words.includes(text)
      ? undefined
      : `one of ${property.words.join(', ')}`;
  }
  return text === undefined ? 'a text' : undefined;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isBlockSize(value: unknown): boolean {
  return [512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072].includes(value as number);
}

/** IPv6 addresses are taken by their look: the simulation routes by IPv4. */
function isAddress(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  if (text === 'dhcp' || text === 'addrconf') return true;
  if (/^[0-9a-f:]*:[0-9a-f:]*(\/\d{1,3})?$/i.test(text)) return true;
  const subnet = parseSubnet(text.includes('/') ? text : `${text}/32`);
  return subnet !== undefined && isInside(subnet, parseIpv4(text.split('/')[0]!)!);
}
