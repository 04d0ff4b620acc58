/** What a live run's callers see of it: the state, the followers' feed and the requests taken, all read from its log. */
import type { Scenario } from '@orrery/spec';
import { FactFeed, foldCommand, foldFact, newView, type DatacenterView } from '@orrery/headnode/control';
import { addressesOf } from '../answers/addresses.ts';
import type { LiveLog } from './live-log.ts';
import { RequestBook } from './request-book.ts';

export class Intake {
  readonly view: DatacenterView;
  readonly feed: FactFeed;
  readonly book = new RequestBook();
  /** Ids that no new fault may have. */
  readonly faultIdsTaken: Set<string>;
  /** Commands that the log has. */
  commands = 0;
  private readonly log: LiveLog;

  constructor({ datacenter, timeline }: Scenario, log: LiveLog) {
    this.log = log;
    this.view = newView(datacenter, addressesOf(datacenter));
    this.feed = new FactFeed({
      history: log.history,
      controlWindowNs: datacenter.controlWindowNs,
      addressOf: (actor) => this.view.addresses.get(actor) ?? `#${actor}`,
    });
    this.faultIdsTaken = new Set(
      timeline.flatMap(({ command }) => (command.kind === 'inject' ? [command.faultId] : [])),
    );
    this.take();
  }

  /** Takes what the log has got since. */
  take(): void {
    for (const batch of this.log.fresh()) {
      for (const fact of batch.facts) foldFact(this.view, fact);
      for (const record of batch.commands) {
        this.commands++;
        foldCommand(this.view, record);
        this.book.add(record);
      }
      this.feed.append(batch);
    }
  }
}
