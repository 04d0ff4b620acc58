/** Everything that is gathered from a run's facts while it goes on, for its tables, checks and summary. */
import type { HostFact } from '@orrery/actor';
import type { Scenario } from '@orrery/spec';
import { CheckKeeper, type CheckResult } from './observe/checks.ts';
import { FaultRows, type FaultRow } from './observe/fault-rows.ts';
import { FaultEffects } from './observe/fault-effects.ts';
import { JobSteps } from './observe/job-steps.ts';
import { Timelines } from './observe/timelines.ts';
import { UserWindows } from './observe/user-windows.ts';
import { VmFigures } from './observe/vm-figures.ts';

export class Observer {
  readonly vms: VmFigures;
  readonly timelines = new Timelines();
  readonly jobs = new JobSteps();
  readonly effects = new FaultEffects();
  private readonly checkKeeper: CheckKeeper;
  private readonly faultRows = new FaultRows();
  private readonly users: UserWindows;
  private now = 0;

  constructor(scenario: Scenario) {
    this.vms = new VmFigures(scenario);
    this.users = new UserWindows(scenario.datacenter);
    this.checkKeeper = new CheckKeeper(scenario);
  }

  observe(fact: HostFact): void {
    this.vms.observe(fact);
    this.timelines.observe(fact);
    this.checkKeeper.observe(fact);
    this.faultRows.observe(fact);
    this.jobs.observe(fact);
    this.effects.observe(fact);
    this.users.observe(fact);
    this.now = fact.time;
  }

  checks(): CheckResult[] {
    return this.checkKeeper.results(this.vms, this.timelines);
  }

  faults(): FaultRow[] {
    return this.faultRows.results(this.timelines, this.effects, this.users, this.now);
  }
}
