/** What a report page holds: plain data, embedded in the page as JSON and drawn there. Times are seconds. */

/** One line of a chart: a value a bucket, null where there was nothing to measure. */
export interface Series {
  name: string;
  values: (number | null)[];
}

/** A group of VMs: those of one entry of the datacenter file. */
export interface GroupSeries {
  name: string;
  vms: number;
  /** Requests a second. */
  rate: number[];
  /** Failed requests a second. */
  errors: number[];
  /** ms. */
  p50: (number | null)[];
  p99: (number | null)[];
  p999: (number | null)[];
  /** Mean ms of a request by account: the largest accounts, what grew most last; the first may be `n other`. */
  ledger: Series[];
}

export type Tone = 'good' | 'busy' | 'bad' | 'fault' | 'case';

export interface Segment {
  from: number;
  to: number;
  text: string;
  tone: Tone;
}

/** One row of the time line: a fault, a node, a pool, a case. */
export interface Lane {
  name: string;
  segments: Segment[];
}

export interface StoryRow {
  time: number;
  where: string;
  mark: string;
  text: string;
  source: string;
}

/** A vertical line through all charts. */
export interface Marker {
  time: number;
  text: string;
}

/** Cells are text; those under a head that begins with `>` are aligned to the right. */
export interface Table {
  title: string;
  head: string[];
  rows: string[][];
  /** Said in place of a table without rows. */
  empty: string;
}

/** What `why`, `when` or `slow` answered. */
export interface Answer {
  question: string;
  text: string;
}

export interface ReportData {
  name: string;
  title: string;
  seed: number;
  digest: string;
  /** What was run, in one line. */
  summary: string;
  /** Simulated seconds that the page covers. */
  seconds: number;
  /** Width of a bucket, s. */
  step: number;
  /** Start of each bucket, s. */
  x: number[];
  phases: { name: string; from: number; to: number }[];
  markers: Marker[];
  lanes: Lane[];
  lanesLeftOut: number;
  groups: GroupSeries[];
  /** Busiest disk of each pool, percent of the time. */
  pools: Series[];
  /** Percent of the rate. */
  links: Series[];
  /** Percent of the node's hardware threads. */
  cpu: Series[];
  /** GiB. */
  arc: Series[];
  story: StoryRow[];
  storyLeftOut: number;
  tables: Table[];
  answers: Answer[];
}
