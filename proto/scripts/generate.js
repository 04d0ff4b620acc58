// Generates from proto/orrery/v1/*.proto: gen/codec.js (protobufjs static code), gen/codec.d.ts, and
// src/gen/vocabulary.ts: an interface for each message (all fields required but `optional` ones and sub-messages marked so),
// constants for each enum, the registries of message and fact kinds, and for each service its methods' types and paths.
// Written only when something changed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const protoDir = join(root, 'orrery/v1');
const gen = join(root, 'gen');
const files = readdirSync(protoDir)
  .filter((file) => file.endsWith('.proto'))
  .sort();
const stamp = createHash('sha256');
for (const file of files) stamp.update(readFileSync(join(protoDir, file)));
stamp.update(readFileSync(fileURLToPath(import.meta.url)));
const digest = stamp.digest('hex');
const stampFile = join(gen, '.stamp');
if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === digest) process.exit(0);
mkdirSync(gen, { recursive: true });
mkdirSync(join(root, 'src/gen'), { recursive: true });

const paths = files.map((file) => join(protoDir, file));
const cli = join(dirname(createRequire(import.meta.url).resolve('protobufjs-cli/package.json')), 'bin/pbjs');
const temporary = join(gen, `codec.${process.pid}.js`);
execFileSync(process.execPath, [
  cli,
  '-t',
  'static-module',
  '-w',
  'es6',
  '--es6',
  '--force-number',
  '--no-verify',
  '--no-delimited',
  '--no-comments',
  '--no-service',
  '-p',
  root,
  '-o',
  temporary,
  ...paths,
]);
renameSync(temporary, join(gen, 'codec.js'));
writeFileSync(join(gen, 'codec.d.ts'), 'export const orrery: { v1: Record<string, unknown> };\n');

const pool = new protobuf.Root();
pool.resolvePath = (_origin, target) =>
  join(root, target.startsWith('/') ? target.slice(root.length + 1) : target);
pool.loadSync(
  files.map((file) => `orrery/v1/${file}`),
  { keepCase: false },
);
pool.resolveAll();
const space = pool.lookup('orrery.v1');

const scalar = (type) =>
  type === 'string' ? 'string' : type === 'bool' ? 'boolean' : type === 'bytes' ? 'Uint8Array' : 'number';
const lines = ['// Generated from proto/orrery/v1 by proto/scripts/generate.js.', ''];
const comment = (text, indent = '') => (text ? [`${indent}/** ${text.replaceAll('\n', ' ')} */`] : []);
const registries = { Messages: [], Facts: [] };
const lowerFirst = (name) => name.charAt(0).toLowerCase() + name.slice(1);
const methodLines = (service) => {
  const methods = Object.values(service.methods);
  const table = `${lowerFirst(service.name)}Methods`;
  return [
    ...comment(service.comment),
    `export interface ${service.name}Methods {`,
    ...methods.map(
      (m) => `  ${lowerFirst(m.name)}: { request: ${m.requestType}; response: ${m.responseType} };`,
    ),
    '}',
    '',
    `export const ${table} = {`,
    ...methods.map(
      (m) =>
        `  ${lowerFirst(m.name)}: { path: '/${service.fullName.slice(1)}/${m.name}', request: '${m.requestType}', response: '${m.responseType}', stream: ${m.responseStream === true} },`,
    ),
    '} as const;',
    '',
  ];
};
for (const item of space.nestedArray) {
  if (item instanceof protobuf.Enum) {
    lines.push(...comment(item.comment), `export const ${item.name} = {`);
    for (const [name, value] of Object.entries(item.values)) lines.push(`  ${name}: ${value},`);
    lines.push(
      '} as const;',
      `export type ${item.name} = (typeof ${item.name})[keyof typeof ${item.name}];`,
      '',
    );
  } else if (item instanceof protobuf.Service) {
    lines.push(...methodLines(item));
  } else if (item instanceof protobuf.Type) {
    const registry = Object.keys(registries).find((name) => item.name.endsWith(name) && item.oneofs?.body);
    if (registry) {
      for (const field of item.fieldsArray) registries[registry].push(field);
      continue;
    }
    lines.push(...comment(item.comment), `export interface ${item.name} {`);
    for (const field of item.fieldsArray) {
      const single = field.resolvedType ? field.resolvedType.name : scalar(field.type);
      const type = field.map ? `Record<string, ${single}>` : single;
      const message = !field.map && field.resolvedType instanceof protobuf.Type;
      const optional = !field.repeated && (message || field.options?.proto3_optional);
      lines.push(...comment(field.comment, '  '));
      lines.push(`  ${field.name}${optional ? '?' : ''}: ${type}${field.repeated ? '[]' : ''};`);
    }
    lines.push('}', '');
  }
}
for (const [plural, fields] of Object.entries(registries)) {
  const singular = plural.slice(0, -1);
  fields.sort((a, b) => a.id - b.id);
  for (let i = 1; i < fields.length; i++)
    if (fields[i].id === fields[i - 1].id)
      throw new Error(`${plural}: number ${fields[i].id} is taken twice`);
  lines.push(
    `export interface ${plural} {`,
    ...fields.map((f) => `  ${f.name}: ${f.resolvedType.name};`),
    '}',
    '',
  );
  lines.push(`export type ${singular}Kind = keyof ${plural};`, '');
  lines.push(
    `export const ${singular.toLowerCase()}Numbers: { readonly [K in ${singular}Kind]: number } = {`,
  );
  lines.push(...fields.map((f) => `  ${f.name}: ${f.id},`), '};', '');
  lines.push(`export const ${singular.toLowerCase()}Types: { readonly [K in ${singular}Kind]: string } = {`);
  lines.push(...fields.map((f) => `  ${f.name}: '${f.resolvedType.name}',`), '};', '');
}
writeFileSync(join(root, 'src/gen/vocabulary.ts'), lines.join('\n'));
writeFileSync(stampFile, digest);
