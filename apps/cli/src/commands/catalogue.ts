/** `orrery fault catalog`: what can be broken and mended, with parameters. */
import { suggest, type CatalogueParam, type FaultRow, type RepairRow } from '@orrery/spec';
import { catalogue } from '@orrery/simulator';
import { Refusal } from '../exit.ts';
import { layOut } from '../output/tables.ts';
import type { Terminal } from '../terminal.ts';

const paramText = (param: CatalogueParam) =>
  `${param.name}=${param.default === '' ? `<${param.unit}>` : param.default}`;

export function catalogueCommand(terminal: Terminal, name: string | undefined, json: boolean): number {
  const faults = catalogue.faults.filter((fault) => name === undefined || fault.kind === name);
  const repairs = catalogue.repairs.filter((repair) => name === undefined || repair.kind === name);
  if (faults.length + repairs.length === 0) {
    const kinds = new Set([...catalogue.faults, ...catalogue.repairs].map((each) => each.kind));
    const hint = suggest(name ?? '', [...kinds]);
    throw new Refusal(
      `fault catalog: expected a fault or a repair, found "${name}": ${hint}; orrery fault catalog lists all`,
    );
  }
  if (json) {
    terminal.out(JSON.stringify({ faults, repairs }));
    return 0;
  }
  if (faults.length > 0) {
    const rows = faults.map((fault) => [fault.kind, fault.target, fault.params.map(paramText).join(' ')]);
    for (const line of layOut(['Fault', 'part', 'parameters'], rows)) terminal.out(line);
  }
  if (repairs.length > 0) {
    if (faults.length > 0) terminal.out('');
    const rows = repairs.map((repair) => [
      repair.kind,
      repair.targets.join(', '),
      repair.params.map(paramText).join(' '),
    ]);
    for (const line of layOut(['Repair', 'part', 'parameters'], rows)) terminal.out(line);
  }
  if (name !== undefined) for (const line of details(faults[0] ?? repairs[0])) terminal.out(line);
  return 0;
}

function details(entry: FaultRow | RepairRow): string[] {
  const { effect, params } = entry;
  const { symptom, revert } = 'symptom' in entry ? entry : {};
  const lines: string[] = [];
  for (const [label, text] of Object.entries({ effect, symptom, revert })) {
    if (text !== undefined) lines.push('', `${label}: ${text}`);
  }
  for (const param of params) {
    const allowed = param.allowed.length > 0 ? `one of ${param.allowed.join(', ')}` : `a ${param.unit}`;
    lines.push(
      '',
      `${param.name}: ${allowed}${param.default === '' ? ', must be given' : `, default ${param.default}`}`,
    );
  }
  return lines;
}
