/** Writes a run and kills itself at a point: `killed-writer FOLDER POINT NTH`. */
import { header, writeRun } from '../../sample.case.ts';
import { createFilesLog } from './index.ts';

const [folder, point, nth] = process.argv.slice(2);
let left = Number(nth);

const writer = createFilesLog(folder, header, {
  segmentBytes: 5000,
  crash: (at) => {
    if (at === point && --left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
writeRun(writer, { seconds: 30 });
