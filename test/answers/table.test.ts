/** Questions to every scenario, and the answers that they must get: the same with injections and without. */
import { describe, expect, test } from 'vitest';
import { askSlow, askWhen, askWhy, indexOf, runScenario, type ScenarioRun } from './scenario-run.ts';

interface Row {
  question: 'why' | 'slow';
  of: string;
  /** Seconds. */
  at: number;
  verdict: string;
  /** Kind and part of the root; undefined: none. */
  root: readonly [kind: string, part: RegExp] | undefined;
  /** Kind of the injection that `why` names last. */
  injection?: string;
  /** In the headline. */
  says?: RegExp;
}

const why = (of: string, at: number, verdict: string, root: Row['root'], more: Partial<Row> = {}): Row => ({
  question: 'why',
  of,
  at,
  verdict,
  root,
  ...more,
});
const slow = (of: string, at: number, verdict: string, root: Row['root'], more: Partial<Row> = {}): Row => ({
  ...why(of, at, verdict, root, more),
  question: 'slow',
});

const badDisk = { injection: 'disk.fail' };
const badDimm = { injection: 'memory.uncorrectable' };

const table: Record<string, Row[]> = {
  'disk-dies': [
    why('cn-0001/pool/zones', 125, 'degraded', ['fault', /^cn-0001\/disk\/c0t2d0$/], badDisk),
    why('cn-0001/pool/zones', 600, 'degraded', ['fault', /^cn-0001\/disk\/c0t2d0$/], badDisk),
    why('cn-0001/disk/c0t2d0', 200, 'down', ['fault', /^cn-0001\/disk\/c0t2d0$/], badDisk),
    why('cn-0001/pool/zones', 1300, 'up', ['fault', /^cn-0001\/disk\/c0t2d0$/], badDisk),
    why('cn-0001', 60, 'up', undefined, { says: /nothing happened/ }),
    slow('db', 200, 'slow', ['resilver', /^cn-0001\/disk\/c0t2d0$/]),
    slow('db', 110, 'not slow', undefined),
  ],
  'node-panics': [
    why('cn-0002', 185, 'down', ['fault', /^cn-0002\/dimm\/3$/], badDimm),
    why('db', 240, 'down', ['fault', /^cn-0002\/dimm\/3$/], { ...badDimm, says: /stopped for 1m00s/ }),
    why('web-0', 240, 'errors', ['fault', /^cn-0002\/dimm\/3$/], {
      ...badDimm,
      says: /calls db, which does not/,
    }),
    why('visitors', 240, 'errors', ['fault', /^cn-0002\/dimm\/3$/], badDimm),
    why('cn-0002/dimm/3', 400, 'degraded', ['fault', /^cn-0002\/dimm\/3$/], badDimm),
    why('db', 480, 'slow', ['cold-arc', /^cn-0002$/], badDimm),
    slow('db', 480, 'slow', ['cold-arc', /^cn-0002$/]),
    slow('web-0', 480, 'slow', ['cold-arc', /^cn-0002$/]),
    slow('visitors', 480, 'slow', ['cold-arc', /^cn-0002$/]),
    slow('db', 240, 'down', undefined),
  ],
  'noisy-neighbour': [
    slow('victim', 360, 'slow', ['neighbour', /^cn-0001\/zone\//], { says: /slower/ }),
    slow('customers', 360, 'slow', ['neighbour', /^cn-0001\/zone\//]),
    why('victim', 360, 'slow', ['neighbour', /^cn-0001\/zone\//]),
    slow('victim', 110, 'not slow', undefined),
  ],
  'limping-disk': [
    slow('files', 300, 'slow', ['disk', /^cn-0001\/disk\/c0t3d0$/]),
    slow('readers', 300, 'slow', ['disk', /^cn-0001\/disk\/c0t3d0$/]),
    why('files', 300, 'slow', ['disk', /^cn-0001\/disk\/c0t3d0$/]),
    slow('files', 590, 'not slow', undefined),
    why('files', 170, 'up', undefined),
  ],
  'silent-corruption': [
    why('cn-mirror/pool/zones', 200, 'up', ['fault', /^cn-mirror\/disk\/c0t0d0$/], {
      injection: 'disk.corrupt',
      says: /nothing is lost, \d+ bad blocks? on c0t0d0 healed/,
    }),
    why('cn-mirror/pool/zones', 720, 'degraded', ['fault', /^cn-mirror\/disk\/c0t0d0$/], {
      injection: 'disk.corrupt',
    }),
    why('cn-stripe/pool/zones', 720, 'degraded', ['fault', /^cn-stripe\/disk\/c0t0d0$/], {
      injection: 'disk.corrupt',
    }),
    why('bare', 720, 'errors', ['fault', /^cn-stripe\/disk\/c0t0d0$/], { injection: 'disk.corrupt' }),
    why('safe', 110, 'up', undefined),
  ],
  'rack-loses-switch': [
    why('switch/tor-r1', 180, 'down', ['fault', /^switch\/tor-r1$/], { injection: 'switch.fail' }),
    why('web', 180, 'unreachable', ['fault', /^switch\/tor-r1$/], { injection: 'switch.fail' }),
    why('cn-0001', 180, 'unreachable', ['fault', /^switch\/tor-r1$/], { injection: 'switch.fail' }),
    why('visitors', 180, 'errors', ['fault', /^switch\/tor-r1$/], { injection: 'switch.fail' }),
    why('web', 400, 'up', undefined),
  ],
  'provision-burst': [
    why('headnode', 60, 'provisioning', ['queue', /^allocation_ticket$/]),
    why('burst-50', 120, 'up', ['queue', /^allocation_ticket$/], { says: /provisioning took/ }),
  ],
  'first-light': [
    why('cn-0009', 420, 'down', ['fault', /^cn-0009\/dimm\/3$/], badDimm),
    why('db-1', 420, 'down', ['fault', /^cn-0009\/dimm\/3$/], badDimm),
    why('cn-0001/pool/zones', 300, 'degraded', ['fault', /^cn-0001\/disk\/c0t2d0$/], badDisk),
    slow('db-1', 540, 'slow', ['cold-arc', /^cn-0009$/]),
    slow('visitors', 550, 'slow', ['cold-arc', /^cn-0009$/]),
    why('app-7', 240, 'up', undefined),
  ],
};

describe.each(Object.entries(table))('%s', (name, rows) => {
  let made: ScenarioRun | undefined;
  const run = () => (made ??= runScenario(name));

  test.each(rows)('$question $of at $at s: $verdict', (row) => {
    const at = row.at * 1e9;
    const index = indexOf(run(), at);
    const ask = row.question === 'why' ? askWhy : askSlow;
    const answer = ask(run(), row.of, at);
    const told = `${answer.verdict}: ${answer.headline} ${JSON.stringify(answer.root)}`;
    expect(answer.verdict, told).toBe(row.verdict);
    expect(answer.root?.kind, told).toBe(row.root?.[0]);
    if (row.root !== undefined) expect(answer.root?.part, told).toMatch(row.root[1]);
    if (row.says !== undefined) expect(answer.headline).toMatch(row.says);
    const blind = ask(run(), row.of, at, true);
    if (answer.question === 'slow') expect(blind).toEqual(answer);
    else {
      expect(answer.injection?.kind, told).toBe(row.injection);
      expect({ ...blind, injection: answer.injection }).toEqual(answer);
    }
    const steps = answer.question === 'why' ? answer.steps : answer.growths.flatMap(({ because }) => because);
    for (const { fact } of steps) expect(index.named(fact), fact).toBeDefined();
  });
});

describe('when', () => {
  test('only a person can help, that is the answer', () => {
    const run = runScenario('rack-loses-switch', { untilNs: 180e9 });
    expect(askWhen(run, 'switch/tor-r1', 180e9, 5)).toMatchObject({ verdict: 'person', forks: 0 });
    expect(askWhen(run, 'web', 180e9, 5).person).toContain('somebody to mend');
    expect(askWhen(run, 'cn-0006', 180e9, 5).verdict).toBe('up');
  });

  test('a resilver onto the spare is waited for, and then a person with a disk', () => {
    const run = runScenario('disk-dies', { untilNs: 600e9 });
    const early = askWhen(run, 'cn-0001/pool/zones', 125e9, 3);
    expect(early).toMatchObject({
      verdict: 'back',
      goal: 'resilvered',
      person: 'a new disk (disk.replace cn-0001/disk/c0t2d0)',
    });
    expect(early.phases.map(({ name }) => name)).toEqual(['diagnosis and spare', 'resilver']);
    expect(askWhen(run, 'cn-0001/pool/zones', 600e9, 20)).toMatchObject({ verdict: 'person', forks: 3 });
  });

  test('a node is told with its phases and its zones', () => {
    const run = runScenario('node-panics', { untilNs: 190e9 });
    const answer = askWhen(run, 'cn-0002', 190e9, 3);
    expect(answer.phases.map(({ name }) => name)).toEqual(['dump', 'POST', 'platform load', 'boot']);
    expect(answer.zones?.count).toBeGreaterThan(0);
    expect(answer.notes).toEqual(['DIMM 3 erred: it should be replaced (dimm.replace cn-0002/dimm/3).']);
  });
});
