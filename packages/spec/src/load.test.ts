import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogue, filesOf, fixtureFiles } from './fixtures.case.ts';
import { jsonSchemas } from './json-schema.ts';
import { loadDatacenter, loadScenario } from './load.ts';
import type { Datacenter } from './model.ts';
import { formatProblem } from './problem.ts';
import type { Scenario } from './scenario-model.ts';
import { vmOfPayload } from './payload.ts';
import { starterFiles } from './starter.ts';
import { resolveTarget } from './targets.ts';

const starter = Object.fromEntries(starterFiles.map((file) => [file.path, file.text]));

function datacenter(files: Readonly<Record<string, string>>, sets: readonly string[] = []): Datacenter {
  const loaded = loadDatacenter(filesOf(files), 'datacenter.yaml', { sets });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.value;
}

function scenario(text: string, sets: readonly string[] = []): Scenario {
  const loaded = loadScenario(filesOf({ ...starter, 'scenario.yaml': text }), 'scenario.yaml', catalogue, {
    sets,
  });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.value;
}

function complaints(text: string, sets: readonly string[] = []): string[] {
  const files = filesOf({ ...starter, 'scenario.yaml': text });
  const loaded = loadScenario(files, 'scenario.yaml', catalogue, { sets });
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
}

describe('the starter', () => {
  test('has two nodes and five VMs, spread', () => {
    const made = datacenter(starter);
    expect(made.nodes.map((node) => node.address)).toEqual(['cn-0001', 'cn-0002']);
    expect(made.vms.map((vm) => `${vm.alias} ${vm.node} ${vm.nics[0]!.ip}`)).toEqual([
      'db-0 cn-0001 10.0.0.14',
      'web-0 cn-0002 10.0.0.10',
      'web-1 cn-0001 10.0.0.11',
      'web-2 cn-0002 10.0.0.12',
      'web-3 cn-0001 10.0.0.13',
    ]);
    expect(made.lookaheadNs).toBe(250_000);
    expect(made.controlWindowNs).toBe(50_000_000);
    expect(made.workloads[0]!.to).toHaveLength(4);
    expect(made.programs.map((program) => program.name)).toEqual(['page', 'query']);
    expect(made.programs[1]!.steps[1]).toEqual({
      op: 'read',
      bytes: 16_384,
      count: 4,
      parallel: 1,
      pattern: 'zipf',
      skew: 1,
    });
  });

  test('has a story', () => {
    const story = scenario(starter['scenario.yaml']!);
    expect(story.timeline.map((entry) => `${entry.atNs / 1e9} ${entry.text} ${entry.source}`)).toEqual([
      '120 disk.fail mode=errors on cn-0001/disk/c0t2d0 scenario.yaml:9',
      '720 disk.replace on cn-0001/disk/c0t2d0 scenario.yaml:10',
    ]);
    expect(story.phases.map((phase) => phase.name)).toEqual(['before', 'during', 'after']);
    expect(story.checks.map((check) => check.kind)).toEqual(['case', 'pool', 'errors', 'conservation']);
  });
});

const head = 'datacenter: datacenter.yaml\nduration: 10m\n';

describe('timelines', () => {
  test('faults get numbers by time, defaults of the catalogue, and can be reverted by number or kind', () => {
    const story = scenario(
      `${head}timeline:
  - { at: 3m, revert: f1 }
  - { at: 2m, inject: node.power, on: cn-0002, for: 30s }
  - { at: 1m, inject: disk.slow, with: { factor: 4, ramp: 10s }, on: cn-0001/disk/c0t1d0, id: limp }
  - { at: 4m, revert: node.power, on: cn-0002 }
`.replace('revert: f1', 'revert: limp'),
    );
    expect(story.timeline.map((entry) => entry.text)).toEqual([
      'disk.slow factor=4 share=100% ramp=10s on cn-0001/disk/c0t1d0',
      'node.power on cn-0002',
      'revert limp disk.slow on cn-0001/disk/c0t1d0',
      'revert f2 node.power on cn-0002',
    ]);
    expect(story.timeline[1]!.command).toMatchObject({ faultId: 'f2', forNs: 30e9 });
  });

  test('a kind may take parts of several kinds', () => {
    const text = `${head}timeline:
  - { at: 1m, inject: link.down, on: cn-0001/nic/ixgbe0 }
  - { at: 2m, inject: link.down, on: uplink/tor-r1 }
`;
    expect(scenario(text).timeline.map((entry) => entry.text)).toEqual([
      'link.down on cn-0001/nic/ixgbe0',
      'link.down on uplink/tor-r1',
    ]);
    expect(complaints(text.replace('uplink/tor-r1', 'cn-0001'))).toEqual([
      'scenario.yaml:5:38  timeline[1].on  "cn-0001": is a node, expected a nic or uplink',
    ]);
  });

  test('VMs are created from entries and payloads, started and stopped by glob', () => {
    const story = scenario(`${head}timeline:
  - { at: 1m, vm: create, count: 100, entry: { name: burst, image: base-64, package: small, workers: 4 } }
  - { at: 1m, vm: create, server: cn-0002, payload: { alias: one, ram: 256 } }
  - { at: 2m, vm: stop, on: web-* }
`);
    expect(story.timeline.map((entry) => entry.text)).toEqual([
      'vm create × 100',
      'vm create',
      'vm stop web-0',
      'vm stop web-1',
      'vm stop web-2',
      'vm stop web-3',
    ]);
    const { command } = story.timeline[0]!;
    const payload: unknown = command.kind === 'vm' ? JSON.parse(command.payloadJson) : {};
    expect(payload).toMatchObject({
      alias: 'burst',
      ram: 1024,
      quota: 10,
      cpu_cap: 200,
      internal_metadata: { 'orrery:workers': 4 },
    });
    expect(story.timeline[1]!.command).toMatchObject({ server: 'cn-0002', count: 1 });
  });
});

describe('checks', () => {
  test('bounds are durations or multiples of other phases', () => {
    const story = scenario(`${head}phases: { calm: { from: 0s, to: 1m }, storm: { from: 1m } }
checks:
  - { latency: web, phase: storm, percentile: 50, below: 3x calm, above: 1ms }
  - { fact: FaultInjected, seen: false, before: 1m }
  - { case: any, present: false }
`);
    expect(story.checks[0]).toMatchObject({
      of: { name: 'web' },
      percentile: 50,
      below: { kind: 'ratio', ratio: 3, phase: 'calm' },
      above: { kind: 'ns', ns: 1_000_000 },
      source: 'scenario.yaml:5',
    });
    expect(story.checks[1]).toMatchObject({ fact: 'faultInjected', least: 0, most: 0, toNs: 60e9 });
    expect(story.checks[2]).toMatchObject({ messageId: '', present: false, node: '' });
  });
});

describe('--set', () => {
  test('changes the scenario and the datacenter it names, items by number or name', () => {
    const sets = [
      'seed=9',
      'datacenter.vms.web.count=2',
      'datacenter.vms[1].cpu_cap=150',
      'datacenter.tunables.x=1',
    ];
    const text = `${head}seed: 1\n`;
    const files = filesOf({ ...starter, 'scenario.yaml': text });
    const loaded = loadScenario(files, 'scenario.yaml', { ...catalogue, tunables: ['x'] }, { sets });
    expect(loaded.ok && loaded.value.seed).toBe(9);
    expect(loaded.ok && loaded.value.datacenter.vms.map((vm) => `${vm.alias} ${vm.limits.cpuCap}`)).toEqual([
      'db-0 150',
      'web-0 200',
      'web-1 200',
    ]);
  });

  test('is checked like the rest, and says where it came from', () => {
    expect(
      complaints(head, [
        'seed=many',
        'datacenter.vms.web.cpucap=1',
        'nonsense',
        'datacenter.vms.wbe.count=1',
      ]),
    ).toEqual([
      '--set nonsense  expected path=value, for instance vms.web.cpu_cap=250',
      '--set seed=many  seed  expected a whole number of any kind, found "many"',
      '--set vms.wbe.count=1  the file has no such place',
      '--set vms.web.cpucap=1  vms[0].cpucap  is not a known setting; did you mean cpu_cap?',
    ]);
  });
});

test('targets', () => {
  const made = datacenter(starter);
  const at = (text: string, ...kinds: Parameters<typeof resolveTarget>[2]) =>
    resolveTarget(made, text, kinds);
  expect(at('cn-0001/dimm/3', 'dimm')).toEqual({ ok: true, kind: 'dimm', address: 'cn-0001/dimm/3' });
  expect(at('tor-r1', 'switch')).toEqual({ ok: true, kind: 'switch', address: 'switch/tor-r1' });
  expect(at('uplink/tor-r1', 'uplink')).toEqual({ ok: true, kind: 'uplink', address: 'uplink/tor-r1' });
  expect(at('web-1', 'vm', 'node')).toMatchObject({ ok: true, kind: 'vm' });
  expect(at('cn-0001/cpu/8', 'cpu')).toMatchObject({ ok: false });
  expect(at('cn-0001/fan/0', 'cpu')).toMatchObject({ ok: false });
});

test('a file over 4 MiB, one that is missing, and bytes that are no text', () => {
  const load = (content: string | Uint8Array | undefined) => {
    const loaded = loadDatacenter({ read: () => content }, 'x.yaml');
    return loaded.ok ? [] : loaded.problems.map(formatProblem);
  };
  expect(load('#'.repeat(4 * 1024 * 1024 + 1))).toEqual(['x.yaml  is too large: at most 4 MiB are read']);
  expect(load(undefined)).toEqual(['x.yaml  cannot be read: there is no such file']);
  expect(load(Uint8Array.of(97, 58, 32, 0xc3, 0x28))).toEqual(['x.yaml:1:4  is not UTF-8 text']);
});

test('JSON Schemas take the starter files’ keys', () => {
  const { datacenter: schema, scenario: story } = jsonSchemas();
  expect(Object.keys(schema['properties'] as object)).toContain('workloads');
  expect(Object.keys(story['properties'] as object)).toContain('timeline');
  expect(JSON.stringify(schema)).toContain('"default":"250us"');
});

describe('whatever the file', () => {
  const words = [
    'racks',
    'r1',
    'nodes',
    'count',
    'profile',
    'vms',
    'name',
    '*a',
    '&a',
    '<<',
    '__proto__',
    '!!x',
    '"',
    '{',
    '[',
    '2m',
  ];
  const line = fc.tuple(
    fc.integer({ min: 0, max: 4 }),
    fc.constantFrom(...words),
    fc.constantFrom(...words, '', '1', '- '),
  );
  const yamlish = fc
    .array(line, { maxLength: 20 })
    .map((lines) => lines.map(([n, a, b]) => `${'  '.repeat(n)}${a}: ${b}`).join('\n'));

  test('nothing throws, and every complaint has a place', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), yamlish), (text) => {
        for (const problem of problemsOf(text)) expect(problem.message).not.toBe('');
      }),
      { numRuns: 1000 },
    );
  });

  test('nor when any value of a good file is another', () => {
    const values = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value));
    const spots = [...starter['datacenter.yaml']!.matchAll(/: ([\w%-]+)/g)].map((spot) => [
      spot.index + 2,
      spot[1]!.length,
    ]);
    fc.assert(
      fc.property(fc.constantFrom(...spots), values, ([at, length], value) => {
        const text = starter['datacenter.yaml']!;
        for (const problem of problemsOf(text.slice(0, at) + value + text.slice(at! + length!))) {
          expect(problem.line).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('deep and wide ones are refused or read in time', () => {
    const deep = [`${'a: {'.repeat(5000)}`, `${'- '.repeat(5000)}1`, `${'? '.repeat(5000)}1`];
    const indented = Array.from({ length: 1500 }, (_, i) => `${' '.repeat(i)}a:`).join('\n');
    for (const text of [...deep, indented]) expect(problemsOf(text).length).toBeGreaterThan(0);
  });
});

function problemsOf(text: string) {
  const loaded = loadDatacenter(filesOf({ 'datacenter.yaml': text }), 'datacenter.yaml');
  const story = loadScenario(filesOf({ 'scenario.yaml': text }), 'scenario.yaml', catalogue);
  return [...(loaded.ok ? [] : loaded.problems), ...(story.ok ? [] : story.problems)];
}

test('expansion is deterministic, whatever the sizes', () => {
  const sizes = fc.record({
    racks: fc.integer({ min: 1, max: 4 }),
    nodes: fc.integer({ min: 1, max: 5 }),
    vms: fc.integer({ min: 1, max: 30 }),
  });
  fc.assert(
    fc.property(sizes, ({ racks, nodes, vms }) => {
      const text = `name: d
racks: { ${Array.from({ length: racks }, (_, i) => `r${i}: { nodes: { count: ${nodes}, profile: p } }`).join(', ')} }
profiles: { p: { disks: [{ name: c0t0d0, count: 3, kind: ssd, size: 1TB }] } }
vms: [{ name: a, count: ${vms}, image: base-64 }, { name: b, node: cn-0001, image: base-64 }]
`;
      const once = datacenter({ 'datacenter.yaml': text });
      expect(JSON.stringify(datacenter({ 'datacenter.yaml': text }))).toBe(JSON.stringify(once));
      const perNode = once.nodes.map((node) => once.vms.filter((vm) => vm.node === node.address).length);
      expect(Math.max(...perNode) - Math.min(...perNode)).toBeLessThanOrEqual(1);
      expect(new Set(once.vms.flatMap((vm) => vm.nics.map((nic) => nic.ip))).size).toBe(vms + 1);
    }),
    { numRuns: 50 },
  );
});

test('fixtures that are right are read without a word', () => {
  const loaded = loadDatacenter(fixtureFiles, 'small.yaml');
  expect(loaded.ok && loaded.warnings).toEqual([]);
});

describe('bursts', () => {
  const warnings = (limits: string): string[] => {
    const text = starter['datacenter.yaml']!.replace('cpu_cap: 400 }', `${limits} }`);
    const loaded = loadDatacenter(filesOf({ ...starter, 'datacenter.yaml': text }), 'datacenter.yaml', {});
    expect(loaded.ok).toBe(true);
    return loaded.warnings.map((problem) =>
      formatProblem(problem).replace(/^datacenter\.yaml:\d+:\d+ {2}/, ''),
    );
  };

  test('with a baseline below the cap and a time are taken without a word', () => {
    expect(warnings('cpu_cap: 400, cpu_baseline: 100, cpu_burst: 30s')).toEqual([]);
  });

  test.each([
    [
      'cpu_cap: 400, cpu_baseline: 100',
      'cpu_baseline 100 has no effect without a cpu_burst: burst time is unlimited',
    ],
    [
      'cpu_cap: 400, cpu_baseline: 400, cpu_burst: 30s',
      'cpu_baseline 400 has no effect: it is not below the cpu_cap, 400',
    ],
    ['cpu_baseline: 100, cpu_burst: 30s', 'cpu_baseline 100 has no effect without a cpu_cap'],
    ['cpu_cap: 400, cpu_burst: 30s', 'cpu_burst has no effect without a cpu_baseline'],
  ])('%s is said once', (limits, message) => {
    expect(warnings(limits)).toEqual([`vms[1].cpu_baseline  ${message}`]);
  });

  test('of a VM that a client creates travel beside what vmadm knows', () => {
    const story = scenario(`${head}timeline:
  - { at: 1m, vm: create, entry: { name: hot, package: small, image: base-64, cpu_baseline: 50, cpu_burst: 10s } }
`);
    const { command } = story.timeline[0]!;
    const payloadJson = command.kind === 'vm' ? command.payloadJson : '';
    expect(JSON.parse(payloadJson)).toMatchObject({
      internal_metadata: { 'orrery:cpu_baseline': 50, 'orrery:cpu_burst': '10000000000ns' },
    });
    const identity = { uuid: '', alias: 'hot', node: 'cn-0001' };
    expect(vmOfPayload(payloadJson, story.datacenter, identity)).toMatchObject({
      vm: { limits: { cpuCap: 200, cpuBaseline: 50, cpuBurstNs: 10_000_000_000 } },
      warnings: [],
    });
  });
});

test('limits that nothing is held to are said once', () => {
  const text = starter['datacenter.yaml']!.replace(
    /^( *)- name: db$/m,
    '$&\n$1  max_lwps: 500\n$1  tmpfs: 1GiB',
  );
  expect(text).toContain('max_lwps');
  const loaded = loadDatacenter(filesOf({ ...starter, 'datacenter.yaml': text }), 'datacenter.yaml', {});
  expect(loaded.warnings.map(formatProblem)).toEqual([
    expect.stringMatching(
      /^datacenter\.yaml:\d+:\d+ {2}vms\[\d\] {2}accepted, without effect: max_lwps, tmpfs$/,
    ),
  ]);
});
