/** The wall clock of this process. */
import type { Clock } from '@orrery/simulator';

export const nodeClock: Clock = {
  now: () => performance.now(),
  after: (ms, call) => {
    if (ms < 1) {
      const handle = setImmediate(call);
      return () => clearImmediate(handle);
    }
    const handle = setTimeout(call, ms);
    return () => clearTimeout(handle);
  },
};
