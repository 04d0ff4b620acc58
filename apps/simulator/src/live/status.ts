/** The state of a live run in one message. */
import type { RunStatus } from '@orrery/proto';
import { caseOpen, faultActive, type DatacenterView } from '@orrery/headnode/control';

/** What the view cannot know. */
export type RunFigures = Omit<
  RunStatus,
  | 'nodes'
  | 'nodesRunning'
  | 'vms'
  | 'vmsRunning'
  | 'poolsDegraded'
  | 'faultsActive'
  | 'casesOpen'
  | 'controlWindowNs'
>;

export function statusOf(figures: RunFigures, view: DatacenterView): RunStatus {
  const count = <T>(items: Iterable<T>, test: (item: T) => boolean) => [...items].filter(test).length;
  return {
    ...figures,
    nodes: view.nodes.size,
    nodesRunning: count(view.nodes.values(), ({ state }) => state === 'running'),
    vms: view.vms.size,
    vmsRunning: count(view.vms.values(), ({ state }) => state === 'running'),
    poolsDegraded: count(view.pools.values(), ({ state, suspended }) => suspended || state !== 'ONLINE'),
    faultsActive: count(view.faults.values(), faultActive),
    casesOpen: count(view.cases.values(), caseOpen),
    controlWindowNs: view.datacenter.controlWindowNs,
  };
}
