/** The wall clock as a live run needs it; handed in, since nothing here knows Node. */
export interface Clock {
  /** Monotonic, ms. */
  now(): number;
  /** Calls back after so many ms, at once after what else waits when 0. @returns a function that forgets it */
  after(ms: number, call: () => void): () => void;
}
