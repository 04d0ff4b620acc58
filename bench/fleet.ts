/** A large fleet at rest: how fast its time passes, what it weighs, and whether a silent node is missed. */
import type { FleetResult } from './fleet-run.ts';
import { alternate, atLeast, median, under, type Findings, type Scale, type Target } from './measure.ts';
import { inChild, type PartResult } from './processes.ts';

type Run = FleetResult & PartResult;

/** The heap may not grow past this: without a limit the collector takes its time, and memory that nobody needs. */
const FLAGS = ['--max-old-space-size=230', '--max-semi-space-size=4'];

export async function fleet(scale: Scale): Promise<Findings> {
  const [nodes, each, forSeconds] = scale.tiny ? [4, 2, 90] : [2000, 10, 3600];
  const runs: Run[] = [];
  const { rates, calibration } = await alternate(scale, {
    fleet: async () => {
      const run = await inChild<Run>('fleet', [nodes, each, forSeconds], FLAGS);
      runs.push(run);
      return run.simSeconds / run.wallSeconds;
    },
    bare: async () => {
      const run = await inChild<PartResult>('heartbeats', [nodes, forSeconds], FLAGS);
      return forSeconds / run.wallSeconds;
    },
  });
  const nodesOnly = await inChild<Run>('fleet', [nodes, 0, 90], FLAGS);
  const empty = await inChild<Run>('fleet', [1, 0, 90], FLAGS);
  const memory = median(runs.map((run) => run.rssMiB));
  const kibEach = (more: number, less: number, count: number) => ((more - less) * 1024) / count;
  const what = `${nodes.toLocaleString('en')} nodes, ${(nodes * each).toLocaleString('en')} idle zones`;
  const stale = runs[0].staleAfterSeconds;
  const missed: Target = {
    what: 'a node without power is missed by the head node',
    wanted: 'within 17 s of simulated time',
    found: stale < 0 ? 'never' : `after ${stale} s`,
    ok: stale > 0 && stale <= 17,
  };
  const baseline = { what: 'bare heartbeats', value: rates.bare };
  const nodeKib = kibEach(nodesOnly.rssMiB, empty.rssMiB, nodes);
  const zoneKib = kibEach(memory, nodesOnly.rssMiB, nodes * each);
  return {
    rows: [
      { what: `${what}, over real time`, value: rates.fleet, unit: 'simulated s/s', baseline, calibration },
      { what: `${what}, memory`, value: memory, unit: 'MiB', calibration },
      { what: 'memory of a node', value: nodeKib, unit: 'KiB', calibration },
      { what: 'memory of an idle zone', value: zoneKib, unit: 'KiB', calibration },
    ],
    targets: scale.tiny
      ? [missed]
      : [
          atLeast(`${what}, over real time`, rates.fleet, 500, ' ×'),
          under(`${what}, memory`, memory, 300, ' MiB'),
          missed,
        ],
    notes: [],
  };
}
