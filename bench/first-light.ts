/** How fast the demo goes, with its facts kept. */
import { existsSync } from 'node:fs';
import { FIRST_LIGHT, type FirstLightResult } from './first-light-run.ts';
import { alternate, atLeast, median, type Findings, type Scale } from './measure.ts';
import { inChild, type PartResult } from './processes.ts';

type Run = FirstLightResult & PartResult;

export async function firstLight(scale: Scale): Promise<Findings> {
  const findings: Findings = { rows: [], targets: [], notes: [] };
  if (!existsSync(FIRST_LIGHT)) {
    findings.notes.push(`first-light was not run: ${FIRST_LIGHT} is not there`);
    return findings;
  }
  const runs: Run[] = [];
  const { rates, calibration } = await alternate(scale, {
    run: async () => {
      const run = await inChild<Run>('first-light', [scale.tiny ? 2 : 0], ['--expose-gc']);
      runs.push(run);
      return run.events / run.wallSeconds;
    },
    bare: async () => {
      const run = await inChild<PartResult>('heartbeats', scale.tiny ? [50, 20] : [1000, 5000]);
      return run.events / run.wallSeconds;
    },
  });
  const speed = median(runs.map((run) => run.simSeconds / run.wallSeconds));
  const perActor = median(runs.map((run) => (run.actorsMiB * 1_048_576) / run.actors));
  const baseline = { what: 'bare heartbeats', value: rates.bare };
  findings.rows.push(
    { what: 'first-light, facts kept', value: rates.run, unit: 'events/s', baseline, calibration },
    { what: 'first-light, over real time', value: speed, unit: 'simulated s/s', calibration },
    {
      what: `first-light, memory of ${runs[0].actors} actors`,
      value: perActor,
      unit: 'bytes each',
      calibration,
    },
  );
  if (new Set(runs.map((run) => run.digest)).size > 1) findings.notes.push('first-light: digests differ');
  if (!scale.tiny) {
    findings.targets.push(
      atLeast('first-light, facts kept', rates.run, 200e3, ' events/s'),
      atLeast('first-light, over real time', speed, 40, ' ×'),
    );
  }
  return findings;
}
