import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFilesLog } from './adapters/files/index.ts';
import { foldInto, type DigestTable } from './digest.ts';
import { header } from './sample.case.ts';

const facts = 100_000;
const perSecondMin = 200_000;

/** Facts a second into a folder, each folded into its actor's digest, with 60 bytes of payload. */
function rate(folder: string): number {
  const payload = new Uint8Array(60).fill(7);
  const table: DigestTable = new Map();
  const start = performance.now();
  const writer = createFilesLog(folder, header);
  for (let i = 0; i < facts; i++) {
    const actor = (i % 200) * 2 ** 20;
    const fact = {
      actor,
      n: 1 + Math.floor(i / 200),
      time: i * 1000,
      kind: 205,
      cause: { actor, n: i },
      payload,
    };
    foldInto(table, fact);
    writer.appendFact(fact);
  }
  writer.close();
  return (facts / (performance.now() - start)) * 1000;
}

describe('the log', () => {
  it(`takes at least ${perSecondMin} facts a second`, () => {
    const root = mkdtempSync(join(tmpdir(), 'orrery-speed-'));
    const rates = [0, 1, 2].map((round) => rate(join(root, String(round))));
    rmSync(root, { recursive: true });
    expect(Math.max(...rates)).toBeGreaterThan(perSecondMin);
  });
});
