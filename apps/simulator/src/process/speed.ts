/** Simulated over real time, of the last while. */

/** Readings go back so far, ms: shorter jumps about, longer hides a stall. */
const SPAN_MS = 10_000;
/** At most so many readings are kept. */
const READINGS_MAX = 100;

export class Speed {
  private readings: { simulatedNs: number; atMs: number }[] = [];

  /** @param simulatedNs so far; @param atMs of any clock that only goes forward */
  read(simulatedNs: number, atMs: number): void {
    const { readings } = this;
    const last = readings.at(-1);
    if (last !== undefined && (simulatedNs < last.simulatedNs || atMs < last.atMs)) this.readings = [];
    if (last !== undefined && atMs - last.atMs < SPAN_MS / READINGS_MAX) return;
    this.readings.push({ simulatedNs, atMs });
    while (this.readings.length > 2 && atMs - this.readings[0].atMs > SPAN_MS) this.readings.shift();
  }

  /** Simulated seconds a second; 0 before there is anything to tell. */
  get ratio(): number {
    const first = this.readings[0];
    const last = this.readings.at(-1);
    if (first === undefined || last === undefined || last.atMs === first.atMs) return 0;
    return (last.simulatedNs - first.simulatedNs) / 1e6 / (last.atMs - first.atMs);
  }
}
