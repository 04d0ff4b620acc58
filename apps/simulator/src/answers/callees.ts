/** Who calls whom, by the datacenter's programs: a request's time at a VM includes its time at those it calls. */
import type { Datacenter, Program } from '@orrery/spec';

export interface Callee {
  readonly uuid: string;
  /** Calls to it in a mean request of the caller. */
  readonly calls: number;
}

/** Programs that each VM runs, by UUID. */
function programsOf(datacenter: Datacenter): Map<string, Set<string>> {
  const programs = new Map<string, Program>(datacenter.programs.map((program) => [program.name, program]));
  const runs = new Map<string, Set<string>>();
  const waiting: { uuid: string; name: string }[] = datacenter.workloads.flatMap(({ to, program: name }) =>
    to.map((uuid) => ({ uuid, name })),
  );
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const known = runs.get(next.uuid);
    if (known?.has(next.name) === true) continue;
    if (known === undefined) runs.set(next.uuid, new Set([next.name]));
    else known.add(next.name);
    for (const step of programs.get(next.name)?.steps ?? []) {
      if (step.op === 'call') for (const uuid of step.to) waiting.push({ uuid, name: step.program });
    }
  }
  return runs;
}

/** The VMs that `uuid` calls, by UUID. */
export function calleesOf(datacenter: Datacenter, uuid: string): Callee[] {
  return calleesAmong(datacenter, programsOf(datacenter).get(uuid) ?? new Set());
}

/** UUIDs of the VMs that are called, by the UUID of each VM that calls. */
export function calledBy(datacenter: Datacenter): Map<string, string[]> {
  const called = new Map<string, string[]>();
  for (const [uuid, names] of programsOf(datacenter)) {
    called.set(
      uuid,
      calleesAmong(datacenter, names).map((callee) => callee.uuid),
    );
  }
  return called;
}

function calleesAmong(datacenter: Datacenter, names: ReadonlySet<string>): Callee[] {
  const calls = new Map<string, number>();
  for (const name of names) {
    const program = datacenter.programs.find((one) => one.name === name);
    for (const step of program?.steps ?? []) {
      if (step.op !== 'call') continue;
      for (const to of step.to) calls.set(to, Math.max(calls.get(to) ?? 0, 1 / step.to.length));
    }
  }
  return [...calls]
    .map(([to, share]) => ({ uuid: to, calls: share }))
    .sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
}

/** The programs that a VM runs, in the file's order. */
export function programsAt(datacenter: Datacenter, uuid: string): Program[] {
  const names = programsOf(datacenter).get(uuid);
  return datacenter.programs.filter(({ name }) => names?.has(name) === true);
}
