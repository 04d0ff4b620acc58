/** The front door: from files to an expanded datacenter or scenario, or to everything that is wrong with them. */
import { isMap } from 'yaml';
import type { Context } from './context.ts';
import { expandCheck, expandPhases } from './checks.ts';
import { expandDatacenter, type Expanded } from './datacenter.ts';
import type { Datacenter } from './model.ts';
import { warnOfIdle, type IdleProperties } from './payload.ts';
import { newReport, shown, sortProblems, type Problem, type Report } from './problem.ts';
import type { Catalogue, PrintOptions, Scenario } from './scenario-model.ts';
import {
  checkSchema,
  phaseSchema,
  scenarioFrame,
  timelineSchema,
  type ScenarioFrame,
} from './scenario-schema.ts';
import { applySets } from './sets.ts';
import { parseItem, parseList, parseMap } from './shape.ts';
import { problemAt, readSource, siblingPath, valueOf, type FileSource, type Source } from './source.ts';
import { expandTimeline } from './timeline.ts';
import { selectVms } from './workloads.ts';

export type Loaded<Value> =
  | { readonly ok: true; readonly value: Value; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

export interface LoadOptions {
  /** `path=value`, each as given to `--set`. */
  readonly sets?: readonly string[];
  /** Names that `tunables` may have; undefined: any. */
  readonly tunables?: readonly string[];
}

/** Reads a datacenter file, with the payload and sysinfo files that it names. */
export function loadDatacenter(
  files: FileSource,
  path: string,
  options: LoadOptions = {},
): Loaded<Datacenter> {
  const report = newReport();
  const expanded = readDatacenter(files, path, options, report);
  return loaded(report, expanded?.datacenter);
}

/** Reads a scenario file, its datacenter and what they name; faults and repairs are checked by the catalogue. */
export function loadScenario(
  files: FileSource,
  path: string,
  catalogue: Catalogue,
  options: Omit<LoadOptions, 'tunables'> = {},
): Loaded<Scenario> {
  const report = newReport();
  const inDatacenter = (text: string): boolean => text.startsWith('datacenter.');
  const read = readSource(files, path, 'YAML', report);
  if (read === undefined) return loaded<Scenario>(report, undefined);
  const sets = options.sets ?? [];
  const named = typeof peek(read, 'datacenter') === 'string';
  const own = named ? sets.filter((text) => !inDatacenter(text)) : sets;
  const source = applySets(read, own, report.problems);
  const context: Context = { files, source, report };
  const value = valueOf(source, report);
  const frame = parseItem(scenarioFrame, value, source, [], report);
  if (frame === undefined) return loaded<Scenario>(report, undefined);
  const handed = named ? sets.filter(inDatacenter).map((text) => text.slice('datacenter.'.length)) : [];
  const expanded = datacenterOf(
    context,
    frame.value,
    { sets: handed, tunables: catalogue.tunables },
    nameOf(path),
  );
  if (expanded === undefined) return loaded<Scenario>(report, undefined);
  return loaded(report, expandScenario(context, frame.value, expanded, catalogue, nameOf(path)));
}

function peek(source: Source, key: string): unknown {
  return isMap(source.document.contents) ? source.document.getIn([key]) : undefined;
}

function loaded<Value>(report: Report, value: Value | undefined): Loaded<Value> {
  const warnings = sortProblems(report.warnings);
  if (report.problems.length === 0 && value !== undefined) return { ok: true, value, warnings };
  return { ok: false, problems: sortProblems(report.problems), warnings };
}

/** `scenarios/disk-dies/scenario.yaml` is called disk-dies, `small.yaml` small. */
function nameOf(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const file = (parts.at(-1) ?? 'datacenter').replace(/\.ya?ml$/, '');
  const name = (file === 'scenario' || file === 'datacenter') && parts.length > 1 ? parts.at(-2)! : file;
  return /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name) ? name : 'datacenter';
}

function readDatacenter(
  files: FileSource,
  path: string,
  options: LoadOptions,
  report: Report,
): Expanded | undefined {
  const read = readSource(files, path, 'YAML', report);
  if (read === undefined) return undefined;
  const source = applySets(read, options.sets ?? [], report.problems);
  const before = report.problems.length;
  const value = valueOf(source, report);
  if (report.problems.length > before) return undefined;
  return expandDatacenter({ files, source, report }, value, nameOf(path), options.tunables);
}

function datacenterOf(
  context: Context,
  frame: ScenarioFrame,
  options: LoadOptions,
  name: string,
): Expanded | undefined {
  const { files, source, report } = context;
  if (typeof frame.datacenter !== 'string') {
    const inline: Context = { ...context, source: { ...source, base: ['datacenter'] } };
    return expandDatacenter(inline, frame.datacenter, name, options.tunables);
  }
  const path = siblingPath(source.file, frame.datacenter);
  if (files.read(path) !== undefined) return readDatacenter(files, path, options, report);
  const message = `expected a datacenter file, found ${shown(frame.datacenter)}: no such file`;
  report.problems.push(problemAt(source, ['datacenter'], message));
  return undefined;
}

function expandScenario(
  context: Context,
  frame: ScenarioFrame,
  expanded: Expanded,
  catalogue: Catalogue,
  fallbackName: string,
): Scenario {
  const { source, report } = context;
  const durationNs = frame.duration;
  const idle: IdleProperties = { names: new Set(), first: undefined };
  const items = parseList(timelineSchema, frame.timeline, source, 'timeline', report);
  const timeline = expandTimeline({ context, expanded, catalogue, durationNs, idle }, items.items);
  warnOfIdle(idle);
  const phaseItems = parseMap(phaseSchema, frame.phases, source, 'phases', report);
  const phases = expandPhases(context, phaseItems, durationNs);
  const scope = { context, expanded, durationNs, phases, brokenPhases: phaseItems.broken };
  const checks = parseList(checkSchema, frame.checks, source, 'checks', report);
  const name = frame.name ?? fallbackName;
  return {
    name,
    title: frame.title ?? name,
    datacenter: expanded.datacenter,
    seed: frame.seed,
    durationNs,
    timeline,
    phases,
    checks: checks.items.map((item) => expandCheck(scope, item)),
    print: printOf(context, frame, expanded),
  };
}

function printOf(context: Context, frame: ScenarioFrame, expanded: Expanded): PrintOptions {
  const { print } = frame;
  const vms = print?.vms === undefined ? [] : selectVms(context, ['print', 'vms'], print.vms, expanded.index);
  return {
    story: print?.story ?? true,
    tables: print?.tables ?? ['vms', 'jobs', 'ledger', 'pools', 'faults', 'checks'],
    vms,
  };
}
