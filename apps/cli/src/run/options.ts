/** What `orrery run` was asked for, checked. */
export interface RunOptions {
  seed: number | undefined;
  /** Simulated length, ns; undefined: the scenario's own. */
  forNs: number | undefined;
  /** Simulated seconds a wall second; Infinity: as fast as it goes. */
  speed: number;
  log: string | undefined;
  otlp: string | undefined;
  traceFile: string | undefined;
  report: string | undefined;
  sets: readonly string[];
  json: boolean;
  /** `LOG@TIME`: a moment of another run. */
  from: string | undefined;
  /** `POINT:N`: for tests of crashes: dies by SIGKILL at the N-th such write. */
  crashAt: string | undefined;
}
