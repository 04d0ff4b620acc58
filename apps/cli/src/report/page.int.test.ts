import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Observer } from '@orrery/simulator';
import { createReportCollector } from './collector.ts';
import { renderReport } from './render.ts';
import { sampleFacts, sampleScenario } from './sample.case.ts';

const executablePath = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

function writePage(): string {
  const scenario = sampleScenario();
  const collector = createReportCollector(scenario);
  const observer = new Observer(scenario);
  for (const each of sampleFacts()) {
    collector.observe(each);
    observer.observe(each);
  }
  const text = 'db-1 was down for 1m40s.\n  00:10:00.000  kernel panic: uncorrectable memory error';
  const data = collector.data(7, '5d0c8a1e93b7f264', observer, [{ question: 'orrery why db-1', text }]);
  const file = join(mkdtempSync(join(tmpdir(), 'orrery-report-')), 'report.html');
  writeFileSync(file, renderReport(data));
  return file;
}

/** How many pixels of a chart are painted, and in how many colours. */
const inked = (canvas: HTMLCanvasElement): { painted: number; colours: number } => {
  const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
  const colours = new Set<number>();
  let painted = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] < 200) continue;
    painted++;
    colours.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
  }
  return { painted, colours: colours.size };
};

describe.skipIf(executablePath === undefined)(
  'the page in a browser (skipped: no chromium; set CHROMIUM to one)',
  () => {
    let browser: Browser;
    let page: Page;
    const complaints: string[] = [];
    const requests: string[] = [];

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
      page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(pathToFileURL(writePage()).href);
      await page.waitForSelector('.u-over');
    }, 60_000);

    afterAll(() => browser.close());

    const range = () =>
      page.evaluate(() => [
        Number(document.documentElement.dataset.from),
        Number(document.documentElement.dataset.to),
      ]);

    test('every chart is drawn', async () => {
      const charts = await page.locator('.uplot canvas').all();
      expect(charts.length).toBe(10);
      for (const chart of charts) {
        const { painted, colours } = await chart.evaluate(inked);
        expect(painted).toBeGreaterThan(2_000);
        expect(colours).toBeGreaterThan(3);
      }
      expect(await page.locator('h1').textContent()).toBe('A disk dies, then a node');
      expect(await page.locator('.u-legend').count()).toBe(9);
    });

    test('dragging in one chart zooms all of them, and the whole run comes back', async () => {
      expect(await range()).toEqual([0, 900]);
      const before = await page
        .locator('.uplot canvas')
        .nth(4)
        .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
      const over = page.locator('.u-over').nth(1);
      await over.scrollIntoViewIfNeeded();
      const box = await over.boundingBox();
      if (box === null) throw new Error('the chart has no place');
      await page.mouse.move(box.x + box.width * 0.25, box.y + 50);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.5, box.y + 50, { steps: 5 });
      await page.mouse.up();
      const [from, to] = await range();
      expect(Math.abs(from - 225)).toBeLessThan(5);
      expect(Math.abs(to - 450)).toBeLessThan(5);
      await page.waitForTimeout(100);
      const zoomed = await page
        .locator('.uplot canvas')
        .nth(4)
        .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
      expect(zoomed).not.toBe(before);
      await page.locator('#reset').click();
      expect(await range()).toEqual([0, 900]);
      await page.waitForTimeout(100);
      const after = await page
        .locator('.uplot canvas')
        .nth(4)
        .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
      expect(after).toBe(before);
    });

    test('a line of the story leads to its moment; groups and percentiles can be chosen', async () => {
      await page.locator('.story button').first().click();
      const [from, to] = await range();
      expect((from + to) / 2).toBeCloseTo(120, 0);
      await page.keyboard.press('Escape');
      expect(await range()).toEqual([0, 900]);
      await page.getByRole('button', { name: 'p999' }).click();
      await page.getByRole('button', { name: 'db × 2' }).click();
      await page.locator('#theme').click();
      expect(await page.locator('.uplot canvas').count()).toBe(10);
    });

    test('nothing was asked of the network, and the browser has nothing to complain of', () => {
      expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([]);
      expect(requests).toHaveLength(1);
      expect(complaints).toEqual([]);
    });
  },
);
