/** What was promised, line by line, and what shows it. */
import { prove as lineD1 } from './d1.ts';
import { prove as lineD2 } from './d2.ts';
import { prove as lineD3 } from './d3.ts';
import { prove as lineD4 } from './d4.ts';
import { prove as lineD5 } from './d5.ts';
import { prove as lineD6 } from './d6.ts';
import { prove as lineD7 } from './d7.ts';
import { prove as line1 } from './line-1.ts';
import { prove as line2 } from './line-2.ts';
import { prove as line3 } from './line-3.ts';
import { prove as line4 } from './line-4.ts';
import { prove as line5 } from './line-5.ts';
import { prove as line6 } from './line-6.ts';
import { prove as line7 } from './line-7.ts';
import { prove as line8 } from './line-8.ts';
import { prove as line9 } from './line-9.ts';
import type { Prove } from './proof.ts';

interface Line {
  what: string;
  prove: Prove;
  /** It wants the machine for itself: no part of `npm test`. */
  alone?: boolean;
}

export const lines: Readonly<Record<string, Line>> = {
  1: { what: 'a clean clone installs, shows its demo and passes its tests', prove: line1 },
  2: { what: 'one digest, however a run is watched, killed, resumed or replayed', prove: line2 },
  3: { what: 'drawn datacenters and faults break nothing and balance', prove: line3 },
  4: { what: 'every fault and repair shows its symptom', prove: line4 },
  5: { what: 'a real Jaeger has the story, to the nanosecond', prove: line5 },
  6: { what: 'why, when and slow answer as expected', prove: line6 },
  7: { what: 'benches find what was promised', prove: line7 },
  8: { what: 'shares, caps and disk rates are the arithmetic', prove: line8 },
  9: { what: 'broken input and damaged logs are refused or cut, and said so', prove: line9 },
  d1: { what: 'services over NATS have the facts and the digest of one process', prove: lineD1 },
  d2: { what: 'so they have whatever is killed, cut, delayed or said twice', prove: lineD2 },
  d3: {
    what: 'the containers bear load, show a fault in Jaeger, and outlive every death',
    prove: lineD3,
    alone: true,
  },
  d4: { what: 'as processes, the deployed datacenter holds real time', prove: lineD4, alone: true },
  d5: { what: 'tests start their broker and their Jaeger themselves', prove: lineD5 },
  d6: {
    what: 'the control API says what it is, refuses with reasons, bears a thousand followers',
    prove: lineD6,
  },
  d7: { what: 'a sweep has every result once, however its workers die', prove: lineD7 },
};
