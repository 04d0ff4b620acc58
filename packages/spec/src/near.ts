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
  if (names.length === 0) return 'there are none';
  const shown = [...names].sort(byCodeUnit).slice(0, 8);
  return `there ${names.length === 1 ? 'is' : 'are'} ${shown.join(', ')}${names.length > 8 ? ', …' : ''}`;
}

export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function isGlob(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/** Whether `name` fits `glob`, in which `*` is any run of characters and `?` any one. */
export function matchesGlob(glob: string, name: string): boolean {
  let g = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (g < glob.length && glob[g] === '*') {
      star = g++;
      resume = n;
    } else if (g < glob.length && (glob[g] === '?' || glob[g] === name[n])) {
      g++;
      n++;
    } else if (star >= 0) {
      g = star + 1;
      n = ++resume;
    } else return false;
  }
  while (g < glob.length && glob[g] === '*') g++;
  return g === glob.length;
}
