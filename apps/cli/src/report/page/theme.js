/** Colours, from the page's style sheet, for what is drawn on a canvas. */

/** @param {string} name @returns {string} */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** @param {number} index @returns {string} colour of a chart's line; the ninth is for what is left over */
export function lineColour(index) {
  return colour(`c${Math.min(index, 8)}`);
}

/** Takes the system's theme until the reader chooses one. */
export function startTheme(redraw) {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = (isDark) => {
    root.dataset.theme = isDark ? 'dark' : 'light';
  };
  apply(dark.matches);
  dark.addEventListener('change', () => {
    apply(dark.matches);
    redraw();
  });
  document.getElementById('theme').addEventListener('click', () => {
    apply(root.dataset.theme !== 'dark');
    redraw();
  });
}
