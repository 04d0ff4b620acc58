/** Who hears of a message, and when. */
export { boundaryAfter, dueTime, type BusRules, type Place } from './due.ts';
