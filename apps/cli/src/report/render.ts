/** Writes a report as one HTML page that needs nothing else: no request leaves it, and its policy forbids any. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SECOND } from '@orrery/kernel';
import { formatTime } from '@orrery/spec';
import type { Answer, ReportData, StoryRow, Table } from './model.ts';

/** The page's own files lie among the sources, whether this runs from there or from the build. */
const pageFolder = fileURLToPath(new URL('../../src/report/page/', import.meta.url));
/** In order of dependence. */
const scripts = ['format.js', 'theme.js', 'zoom.js', 'charts.js', 'timeline.js', 'main.js'];
const IMPORTS = /^import [^;]*;\n/gm;
const EXPORTS = /^export (?=function|const|let)/gm;

function uplotFile(name: string): string {
  const folder = dirname(createRequire(import.meta.url).resolve('uplot'));
  return readFileSync(join(folder, name), 'utf8');
}

/** The page's modules as one script: their imports of each other are dropped, since they share a scope. */
function pageScript(): string {
  const text = scripts.map((name) => readFileSync(join(pageFolder, name), 'utf8')).join('\n');
  return `(() => {\n'use strict';\n${text.replace(IMPORTS, '').replace(EXPORTS, '')}\n})();`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** JSON that cannot end the script element it stands in. */
export function embedJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

function tableHtml({ title, head, rows, empty }: Table): string {
  const heading = `<h2>${escapeHtml(title)}</h2>`;
  if (rows.length === 0) return `<section>${heading}<p class="empty">${escapeHtml(empty)}</p></section>`;
  const cell = (tag: string, text: string, column: number) => {
    const right = head[column].startsWith('>');
    const mark = text === '✓' ? 'ok' : text === '✗' ? 'bad' : '';
    const classes = [right ? 'right' : '', tag === 'td' ? mark : ''].filter((name) => name !== '').join(' ');
    return `<${tag}${classes === '' ? '' : ` class="${classes}"`}>${escapeHtml(text)}</${tag}>`;
  };
  const heads = head.map((text, column) => cell('th', text.replace(/^>/, ''), column)).join('');
  const body = rows
    .map((row) => `<tr>${row.map((text, at) => cell('td', text, at)).join('')}</tr>`)
    .join('\n');
  return `<section>${heading}<div class="scroll"><table><thead><tr>${heads}</tr></thead>\n<tbody>${body}</tbody></table></div></section>`;
}

const markClasses: Readonly<Record<string, string>> = { '✗': 'bad', '!': 'warn', '✓': 'ok', '+': 'hand' };

function storyHtml(story: readonly StoryRow[], leftOut: number): string {
  if (story.length === 0) return '';
  const rows = story.map(({ time, where, mark, text, source }) => {
    const clock = formatTime(Math.round(time * SECOND));
    const cells = [
      `<td><button type="button" data-at="${time}" title="Zoom to this moment">${clock}</button></td>`,
      `<td>${escapeHtml(where)}</td>`,
      `<td class="${markClasses[mark] ?? ''}">${escapeHtml(mark.trim())}</td>`,
      `<td>${escapeHtml(text)}</td>`,
      `<td class="source">${escapeHtml(source)}</td>`,
    ];
    return `<tr>${cells.join('')}</tr>`;
  });
  const more = leftOut === 0 ? '' : `<p class="empty">and ${leftOut} more lines, which the log has</p>`;
  return `<section><h2>What happened</h2><div class="scroll tall"><table class="story"><tbody>${rows.join('\n')}</tbody></table></div>${more}</section>`;
}

function answersHtml(answers: readonly Answer[]): string {
  if (answers.length === 0) return '';
  const items = answers.map(
    ({ question, text }) =>
      `<figure><figcaption>${escapeHtml(question)}</figcaption><pre>${escapeHtml(text)}</pre></figure>`,
  );
  return `<section class="answers"><h2>Questions and answers</h2>${items.join('')}</section>`;
}

function headHtml(data: ReportData): string {
  const facts = [
    ['Simulated', formatTime(Math.round(data.seconds * SECOND)).slice(0, 8)],
    ['Datacenter', data.summary],
    ['Seed', String(data.seed)],
    ['Digest', data.digest],
  ];
  const list = facts
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`)
    .join('');
  return `<header><div><p class="name">${escapeHtml(data.name)}</p><h1>${escapeHtml(data.title)}</h1></div><dl>${list}</dl></header>`;
}

/** One self-contained page. */
export function renderReport(data: ReportData): string {
  const styles = uplotFile('uPlot.min.css') + readFileSync(join(pageFolder, 'page.css'), 'utf8');
  const { story, storyLeftOut, tables, answers, ...drawn } = data;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeHtml(data.title)}</title>
<style>
${styles}
</style>
</head>
<body>
${headHtml(data)}
<nav id="bar"><span id="range"></span><button type="button" id="reset">Show all</button><span class="hint">Drag in any chart to zoom all of them; double-click or Esc to go back</span><button type="button" id="theme">Dark or light</button></nav>
<main id="charts"></main>
${answersHtml(answers)}
${storyHtml(story, storyLeftOut)}
${tables.map(tableHtml).join('\n')}
<footer>A run of Orrery. The same scenario and seed give the same digest.</footer>
<script type="application/json" id="data">${embedJson(drawn)}</script>
<script>${uplotFile('uPlot.iife.min.js')}</script>
<script>${pageScript()}</script>
</body>
</html>
`;
}
