/** `schedules.ts [count] [first seed]`: the window protocol under a hostile scheduler; prints what was done, or the violation. */
import { runSchedules } from '../src/proof/schedules.case.ts';

const [count = '100000', first = '1'] = process.argv.slice(2);
const begin = performance.now();
const total = Number(count);
const onDone = (done: number): void => {
  const minutes = (performance.now() - begin) / 60_000;
  if (done % 5000 === 0) console.error(`${done} of ${total} schedules, ${minutes.toFixed(1)} min`);
};
console.log(JSON.stringify(runSchedules({ first: Number(first), count: total, onDone })));
