import { isSource, lineCount, type Rule } from './source-file.ts';

const LINES_MAX = 500;
const LINES_NINE_IN_TEN = 300;
const LINES_MEDIAN = 100;
const KERNEL_LINES_MAX = 600;
const README_LINES_MAX = 150;

/** No file over 500 lines, nine in ten under 300, the median under 100: a larger file holds two ideas. */
export const fileSizes: Rule = (files) => {
  const sizes = files
    .filter(isSource)
    .map(({ path, text }) => ({ path, lines: lineCount(text) }))
    .sort((a, b) => a.lines - b.lines);
  const wrong = sizes
    .filter(({ lines }) => lines > LINES_MAX)
    .map(({ path, lines }) => `${path}: ${lines} lines, over ${LINES_MAX}`);
  const middle = sizes[Math.floor(sizes.length / 2)];
  if (middle && middle.lines >= LINES_MEDIAN)
    wrong.push(`the median file has ${middle.lines} lines: ${middle.path}`);
  const large = sizes.filter(({ lines }) => lines >= LINES_NINE_IN_TEN);
  if (large.length > sizes.length / 10) {
    wrong.push(
      `${large.length} of ${sizes.length} files have ${LINES_NINE_IN_TEN} lines or more: ${large.map(({ path }) => path).join(', ')}`,
    );
  }
  return wrong;
};

/** The kernel can be read in one sitting. */
export const kernelSize: Rule = (files) => {
  const kernel = files.filter((file) => isSource(file) && file.path.startsWith('packages/kernel/'));
  const lines = kernel.reduce((sum, { text }) => sum + lineCount(text), 0);
  return lines < KERNEL_LINES_MAX ? [] : [`packages/kernel: ${lines} lines, not under ${KERNEL_LINES_MAX}`];
};

export const readmeSize: Rule = (files) =>
  files
    .filter(({ path, text }) => path === 'README.md' && lineCount(text) >= README_LINES_MAX)
    .map(({ text }) => `README.md: ${lineCount(text)} lines, not under ${README_LINES_MAX}`);
