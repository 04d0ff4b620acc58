/** Names that a person may have meant, and the glob that files select by. */

/** Edits (insert, delete, replace, swap of neighbours) from one word to the other, at most `limit` + 1. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
      }
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/** The name nearest to `wrong`, when one is near enough to be a slip; ties go to the first by code unit. */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  if (wrong.length > 64) return undefined;
  const limit = Math.max(1, Math.min(3, Math.floor(wrong.length / 3)));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const name of [...names].sort(byCodeUnit)) {
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase(), limit);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** The end of a complaint about an unknown name: the near one, or what there is. */
export function suggest(wrong: string, names: readonly string[]): string {
  const near = nearest(wrong, names);
  if (near !== undefined) return `did you mean ${near}?`;
  const all = [...new Set(names)].sort(byCodeUnit);
  if (all.length === 0) return 'there are none';
  const shown = all.slice(0, 8);
  return `there ${all.length === 1 ? 'is' : 'are'} ${shown.join(', ')}${all.length > 8 ? ', …' : ''}`;
}

export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function isGlob(text: string): boolean {
  return /[*?[]/.test(text);
}

/** One place of a glob: any run of characters, any one, or one of some. */
type GlobPart =
  { readonly run: true } | { readonly run: false; readonly fits: (character: string) => boolean };

function partsOf(glob: string): GlobPart[] {
  const parts: GlobPart[] = [];
  for (let i = 0; i < glob.length; i++) {
    const character = glob[i]!;
    const end = character === '[' ? glob.indexOf(']', i + 2) : -1;
    if (character === '*') parts.push({ run: true });
    else if (character === '?') parts.push({ run: false, fits: () => true });
    else if (end > 0) {
      parts.push({ run: false, fits: setOf(glob.slice(i + 1, end)) });
      i = end;
    } else parts.push({ run: false, fits: (one) => one === character });
  }
  return parts;
}

/** The inside of brackets: `19`, `a-f`, `!0`. */
function setOf(inside: string): (character: string) => boolean {
  const negated = inside.startsWith('!');
  const ranges = (negated ? inside.slice(1) : inside).match(/.-.|./gs) ?? [];
  return (character) =>
    ranges.some((range) => character >= range[0]! && character <= range.at(-1)!) !== negated;
}

/** Whether `name` fits `glob`: `*` is any run of characters, `?` any one, `[1-3x]` one of those. */
export function matchesGlob(glob: string, name: string): boolean {
  if (!isGlob(glob)) return glob === name;
  const parts = partsOf(glob);
  let at = 0;
  let n = 0;
  let runAt = -1;
  let resume = 0;
  while (n < name.length) {
    const part = parts[at];
    if (part?.run === true) {
      runAt = at++;
      resume = n;
    } else if (part?.fits(name[n]!) === true) {
      at++;
      n++;
    } else if (runAt >= 0) {
      at = runAt + 1;
      n = ++resume;
    } else return false;
  }
  while (parts[at]?.run === true) at++;
  return at === parts.length;
}
