/** Gathers a report while a run goes on; what it keeps is bounded by buckets, groups and lanes, not by the run. */
import { SECOND } from '@orrery/kernel';
import type { HostFact } from '@orrery/actor';
import type { FactKind, Facts } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import { StoryTeller, type Observer } from '@orrery/simulator';
import { bucketWidth } from './buckets.ts';
import { addClientServed, addZoneServed, createGroups, groupSeries } from './groups.ts';
import { createLanes, finishLanes, observeLanes } from './lanes.ts';
import type { Answer, ReportData, StoryRow } from './model.ts';
import { createParts, observeParts, partSeries } from './parts.ts';
import { reportTables } from './report-tables.ts';

/** Lines of the story on the page. */
const STORY_MAX = 1_000;

/** Facts that say what a second held; the run's last second has none, and no bucket. */
const measured: ReadonlySet<FactKind> = new Set<FactKind>([
  'zoneServed',
  'clientServed',
  'nodeServed',
  'diskServed',
]);

export interface ReportCollector {
  observe(fact: HostFact): void;
  /**
   * The page's data, once the run is over.
   * @param observer whose tables and checks are shown
   * @param answers what `why`, `when` and `slow` said, if they were asked
   */
  data(seed: number, digest: string, observer: Observer, answers?: readonly Answer[]): ReportData;
}

export function createReportCollector(scenario: Scenario): ReportCollector {
  const widthNs = bucketWidth(scenario.durationNs);
  const groups = createGroups(scenario, widthNs);
  const parts = createParts(scenario.datacenter, widthNs);
  const lanes = createLanes(scenario);
  const story: StoryRow[] = [];
  let told = 0;
  const teller = new StoryTeller((line) => {
    told++;
    if (story.length < STORY_MAX) story.push({ ...line, time: line.time / SECOND });
  });
  let now = 0;
  let reported = 0;
  return {
    observe: (fact) => {
      now = fact.time;
      if (measured.has(fact.kind)) reported = now;
      if (fact.kind === 'zoneServed')
        addZoneServed(groups, fact.address, fact.payload as Facts['zoneServed'], now);
      else if (fact.kind === 'clientServed') addClientServed(groups, fact.payload as Facts['clientServed']);
      else {
        observeParts(parts, fact);
        observeLanes(lanes, fact);
        teller.observe(fact);
      }
    },
    data: (seed, digest, observer, answers = []) => {
      teller.flush();
      const seconds = Math.ceil(now / SECOND);
      const buckets = Math.max(1, Math.floor(reported / widthNs));
      const finished = finishLanes(lanes, seconds);
      const { title, name, phases, datacenter } = scenario;
      return {
        name,
        title: title === '' ? name : title,
        seed,
        digest,
        summary: `${datacenter.nodes.length} nodes, ${datacenter.vms.length} VMs`,
        seconds,
        step: widthNs / SECOND,
        x: Array.from({ length: buckets }, (_, at) => (at * widthNs) / SECOND),
        phases: phases.map((phase) => ({
          name: phase.name,
          from: phase.fromNs / SECOND,
          to: phase.toNs / SECOND,
        })),
        markers: lanes.markers,
        lanes: finished.lanes,
        lanesLeftOut: finished.leftOut,
        groups: groupSeries(groups, buckets),
        ...partSeries(parts, buckets),
        story,
        storyLeftOut: told - story.length,
        tables: reportTables(scenario, observer),
        answers: [...answers],
      };
    },
  };
}
