/**
 * A hard disk serves one I/O in the time its arm and platter need; it does not serve "so many I/Os a second".
 *
 * Why.       Rates follow from where the data lies: random reads, streams and resilver differ by a factor of a hundred.
 * Intuition. Move the arm, wait until the sector comes round, read it as it passes.
 * Law.       service = (seek(x) + rotation) / gain(depth) + size / rate(lba).
 *            seek(x) = track + a·√x + b·x for a stroke x (share of the disk), 0 for x = 0. Over uniformly random pairs the mean
 *            of √x is 8/15 and that of x is 1/3, so a = 5·(A − F/3), b = F − a with A = average − track and
 *            F = full − track give exactly the data sheet's average and full stroke.
 *            rotation: the platter's angle is (time mod rev)/rev, a sector's its place on its track; the wait is what lies
 *            between, rev/2 on average.
 *            gain(d) = 1 + 2(d − 1)/(d + 10): the drive orders d commands by arm and angle; 1 at d = 1, 1.9 at 10, 3 at most.
 *            rate falls linearly from the outer edge (lba 0) to the inner.
 * Rules.     1. What goes on where the last I/O ended costs no positioning: the drive has read ahead, or its write
 *               cache gathers; a write that must be on the platter (flush) takes `FLUSH_NS` for the second command and
 *               then waits for its sector: where it goes on, that has just passed, and a revolution is lost.
 *            2. A short way ahead the head just lets the gap pass under it, when that is shorter than a seek.
 * State.     `head`, the byte after the last one touched; kept by the caller.
 * Differs.   The queue is served in the order of issue; reordering shows in `gain` only, for each I/O alike.
 * Omits.     Zoned tracks (one track length, the local rate's), sector remapping, recalibration.
 */
/** Write and cache flush are two commands, with the host between them. Too small: sync writes stream, which they never do. */
const FLUSH_NS = 100_000;

export interface HddFigures {
  sizeBytes: number;
  /** Time of one revolution, ns. */
  revolutionNs: number;
  trackNs: number;
  /** Coefficients of √x and x, ns. */
  rootNs: number;
  linearNs: number;
  outerBytesPerSecond: number;
  innerBytesPerSecond: number;
}

export interface HddPlate {
  sizeBytes: number;
  rpm: number;
  seekNsTrack: number;
  seekNsAverage: number;
  seekNsFull: number;
  transferBytesPerSecondOuter: number;
  transferBytesPerSecondInner: number;
}

/** Figures of a data sheet, made ready for the law. */
export function hddFigures(plate: HddPlate): HddFigures {
  const average = plate.seekNsAverage - plate.seekNsTrack;
  const full = plate.seekNsFull - plate.seekNsTrack;
  const root = Math.max(0, 5 * (average - full / 3));
  return {
    sizeBytes: plate.sizeBytes,
    revolutionNs: Math.round(60_000_000_000 / Math.max(1, plate.rpm)),
    trackNs: plate.seekNsTrack,
    rootNs: root,
    linearNs: full - root,
    outerBytesPerSecond: plate.transferBytesPerSecondOuter,
    innerBytesPerSecond: plate.transferBytesPerSecondInner,
  };
}

/** Arm movement over a share of the disk, ns, not rounded. */
export function seekNs(figures: HddFigures, stroke: number): number {
  if (stroke === 0) return 0;
  return figures.trackNs + figures.rootNs * Math.sqrt(stroke) + figures.linearNs * stroke;
}

/** How much faster a drive positions with `depth` commands to choose from. */
export function depthGain(depth: number): number {
  return 1 + (2 * (depth - 1)) / (depth + 10);
}

/** Media rate at a byte of the disk, bytes a second. */
export function mediaRate(figures: HddFigures, lba: number): number {
  const share = Math.min(1, lba / figures.sizeBytes);
  return figures.outerBytesPerSecond - (figures.outerBytesPerSecond - figures.innerBytesPerSecond) * share;
}

/** From where and when, where to, with how many commands in the drive. */
export interface HddAccess {
  head: number;
  lba: number;
  sizeBytes: number;
  /** Start of service, ns. */
  at: number;
  depth: number;
  flush: boolean;
}

/** Time in the device, integer ns. */
export function hddServiceNs(figures: HddFigures, access: HddAccess): number {
  const rate = mediaRate(figures, access.lba);
  const transfer = (access.sizeBytes * 1_000_000_000) / rate;
  return Math.round(positioningNs(figures, access, rate) + transfer);
}

function positioningNs(figures: HddFigures, access: HddAccess, rate: number): number {
  const gap = access.lba - access.head;
  if (gap === 0 && !access.flush) return 0;
  const seek = seekNs(figures, Math.abs(gap) / figures.sizeBytes) + (access.flush ? FLUSH_NS : 0);
  const track = (rate * figures.revolutionNs) / 1_000_000_000;
  const target = ((access.lba % track) / track) * figures.revolutionNs;
  const angle = (access.at + seek) % figures.revolutionNs;
  const rotation = target >= angle ? target - angle : target - angle + figures.revolutionNs;
  const positioned = (seek + rotation) / depthGain(access.depth);
  if (gap > 0 && !access.flush) return Math.min(positioned, (gap * 1_000_000_000) / rate);
  return positioned;
}
