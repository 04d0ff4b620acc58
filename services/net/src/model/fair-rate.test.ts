import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairRates, linkLoads, offeredRate, type Flow } from './fair-rate.ts';

const MUCH = 1_000_000;

describe('max-min fair rates', () => {
  it('share one link equally among those who want more', () => {
    const flows: Flow[] = [
      { links: [0], demand: MUCH },
      { links: [0], demand: MUCH },
      { links: [0], demand: MUCH },
    ];
    expect(fairRates(flows, [900])).toEqual([300, 300, 300]);
  });

  it('give a small demand what it wants, and its rest to the others', () => {
    const flows: Flow[] = [
      { links: [0], demand: 100 },
      { links: [0], demand: MUCH },
      { links: [0], demand: MUCH },
    ];
    expect(fairRates(flows, [900])).toEqual([100, 400, 400]);
  });

  it('follow the textbook: a long flow over two links, two beside it on the second', () => {
    // Link 1 (600) is shared by three: 200 each. Then link 0 (1000) has 800 left for the fourth flow.
    const flows: Flow[] = [
      { links: [0, 1], demand: MUCH },
      { links: [1], demand: MUCH },
      { links: [1], demand: MUCH },
      { links: [0], demand: MUCH },
    ];
    expect(fairRates(flows, [1000, 600])).toEqual([200, 200, 200, 800]);
  });

  it('round down: 100 among three leaves one byte a second unused', () => {
    const flow: Flow = { links: [0], demand: MUCH };
    expect(fairRates([flow, flow, flow], [100])).toEqual([33, 33, 33]);
  });

  it('give everything to a flow without links, and nothing over a dead one', () => {
    expect(
      fairRates(
        [
          { links: [], demand: 5 },
          { links: [0], demand: 5 },
        ],
        [0],
      ),
    ).toEqual([5, 0]);
  });

  it('keep their rules for any flows', () => {
    const links = 5;
    const flow = fc.record({
      links: fc.uniqueArray(fc.integer({ min: 0, max: links - 1 }), { minLength: 1, maxLength: 3 }),
      demand: fc.integer({ min: 0, max: 2000 }),
    });
    const capacities = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: links, maxLength: links });
    fc.assert(
      fc.property(fc.array(flow, { maxLength: 12 }), capacities, (flows, caps) => {
        const rates = fairRates(flows, caps);
        const { carried, highest } = linkLoads(flows, rates, links);
        for (let link = 0; link < links; link++) expect(carried[link]).toBeLessThanOrEqual(caps[link]);
        rates.forEach((rate, index) => {
          expect(rate).toBeLessThanOrEqual(flows[index].demand);
          if (rate === flows[index].demand) return;
          const held = flows[index].links.some(
            (link) => caps[link] - carried[link] < flows.length && highest[link] <= rate + flows.length,
          );
          expect(held).toBe(true);
        });
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});

describe('the rate offered to a flow', () => {
  it('is what is free, or what the largest has where nothing is', () => {
    const flows: Flow[] = [
      { links: [0], demand: MUCH },
      { links: [0, 1], demand: 100 },
    ];
    const capacities = [1000, 400];
    const rates = fairRates(flows, capacities);
    expect(rates).toEqual([900, 100]);
    const load = linkLoads(flows, rates, 2);
    expect(offeredRate([1], 0, load, capacities)).toEqual({ rate: 300, link: 1 });
    expect(offeredRate([0, 1], 100, load, capacities)).toEqual({ rate: 400, link: 1 });
    expect(offeredRate([0], 0, load, capacities)).toEqual({ rate: 900, link: 0 });
  });
});
