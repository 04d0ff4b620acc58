/** What Ctrl-C and SIGTERM mean to a process that serves a live datacenter. */

/** @returns what stops listening */
export function onSignals(suspend: () => void): { stop: () => void } {
  process.once('SIGINT', suspend);
  process.once('SIGTERM', suspend);
  return {
    stop: () => {
      process.off('SIGINT', suspend);
      process.off('SIGTERM', suspend);
    },
  };
}
