/** A small datacenter drawn by a seed, as the file that a user would write. */
import type { Draws } from '../proof/draws.ts';

type Layout = (disks: readonly string[]) => string;

const mirrors: Layout = (disks) =>
  pairs(disks)
    .map((pair) => `{ mirror: [${pair.join(', ')}] }`)
    .join(', ');
const layouts: readonly { least: number; text: Layout }[] = [
  { least: 1, text: (disks) => disks.map((disk) => `{ disk: ${disk} }`).join(', ') },
  { least: 2, text: mirrors },
  { least: 3, text: (disks) => `{ raidz1: [${disks.join(', ')}] }` },
  { least: 4, text: (disks) => `{ raidz2: [${disks.join(', ')}] }` },
];

function pairs(disks: readonly string[]): string[][] {
  const found: string[][] = [];
  for (let i = 0; i + 1 < disks.length; i += 2) found.push(disks.slice(i, i + 2));
  return found;
}

function profileOf(draws: Draws, name: string): string {
  const layout = draws.of(layouts);
  const count =
    layout.text === mirrors ? 2 * draws.between(1, 3) : draws.between(layout.least, layout.least + 3);
  const spares = draws.between(0, 1);
  const slog = draws.chance(0.4);
  const kind = draws.of(['hdd', 'hdd', 'ssd']);
  const names = (from: number, many: number) => Array.from({ length: many }, (_, i) => `c0t${from + i}d0`);
  const lines = [
    `  ${name}:`,
    `    cpus: ${draws.of([2, 4, 8, 16])}`,
    `    memory: ${draws.of([16, 32, 64])}GiB`,
    '    disks:',
    `      - { name: c0t0d0, count: ${count + spares}, kind: ${kind}, size: ${draws.of(['300GB', '500GB', '1TB'])} }`,
    ...(slog ? ['      - { name: c1t0d0, kind: ssd, size: 100GB }'] : []),
    '    pools:',
    '      zones:',
    `        vdevs: [${layout.text(names(0, count))}]`,
    ...(spares > 0 ? [`        spares: [${names(count, spares).join(', ')}]`] : []),
    ...(slog ? ['        logs: [{ disk: c1t0d0 }]'] : []),
    `        used: ${draws.between(1, 8)}GiB`,
    '    timings: { post: 10s, platform_load: 5s, boot: 10s, dump: 5s, spread: 15% }',
  ];
  return lines.join('\n');
}

function stepsOf(draws: Draws, callee: string): string {
  const steps = [
    () => `{ cpu: ${draws.between(100, 4000)}us }`,
    () =>
      `{ read: { bytes: ${draws.of([8, 16, 64])}KiB, count: ${draws.between(1, 4)}, pattern: ${draws.of(['uniform', 'zipf'])} } }`,
    () => `{ write: ${draws.between(4, 64)}KiB }`,
    () => `{ sync-write: ${draws.between(4, 32)}KiB }`,
  ];
  const drawn = Array.from({ length: draws.between(1, 4) }, () => draws.of(steps)());
  if (callee !== '')
    drawn.push(`{ call: { to: '${callee}', program: query, timeout: ${draws.between(1, 5)}s } }`);
  return `[${drawn.join(', ')}]`;
}

/** One or two racks of one to three nodes, a tier or two of VMs, and clients that ask them. */
export function datacenterText(draws: Draws): string {
  const profiles = Array.from({ length: draws.between(1, 2) }, (_, i) => `p${i}`);
  const racks = Array.from(
    { length: draws.between(1, 2) },
    (_, i) => `  r${i}: { nodes: { count: ${draws.between(1, 2)}, profile: ${draws.of(profiles)} } }`,
  );
  const brand = draws.of(['joyent', 'lx']);
  const image = brand === 'lx' ? 'debian-12-lx' : 'base-64';
  return [
    'name: drawn',
    `start: ${draws.chance(0.85) ? 'running' : 'off'}`,
    `caches: ${draws.of(['warm', 'cold'])}`,
    `lookahead: ${draws.of(['250us', '500us', '1ms'])}`,
    'racks:',
    ...racks,
    'profiles:',
    ...profiles.map((name) => profileOf(draws, name)),
    'packages:',
    `  web: { memory: 512MiB, quota: 10GiB, cpu_cap: ${draws.of([50, 100, 250])}, cpu_shares: ${draws.between(50, 300)} }`,
    `  db: { memory: 2GiB, quota: 20GiB, cpu_cap: ${draws.of([100, 200, 400])}, cpu_shares: ${draws.between(50, 300)} }`,
    'vms:',
    `  - { name: web, count: ${draws.between(1, 6)}, package: web, image: ${image}, brand: ${brand}, workers: ${draws.between(1, 16)} }`,
    `  - { name: db, count: ${draws.between(1, 2)}, package: db, image: base-64, workers: ${draws.between(4, 32)}, data: 2GiB, working_set: 256MiB, record_size: ${draws.of([8, 16, 128])}KiB }`,
    'programs:',
    `  page: { steps: ${stepsOf(draws, draws.chance(0.7) ? 'db-*' : '')}, reply: ${draws.between(1, 64)}KiB }`,
    `  query: { steps: ${stepsOf(draws, '')}, reply: 4KiB }`,
    'workloads:',
    `  - { name: visitors, from: outside, to: 'web-*', rate: ${draws.between(1, 60)}/s, program: page, timeout: ${draws.between(2, 10)}s }`,
    '',
  ].join('\n');
}
