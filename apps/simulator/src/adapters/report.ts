/** What a service's process tells the process that started it, when that listens. */
export type Report =
  /** The headnode's: simulated time that all have reached, ns. */
  | { is: 'at'; time: number }
  /** Nothing more is to be done. */
  | { is: 'over' }
  | { is: 'stopped'; detail: string };
