/**
 * The known name that a mistyped one most likely meant; undefined when none is near. Near means at most a third of its letters
 * wrong, counted as insertions, deletions, replacements and swaps of neighbours (optimal string alignment distance). Case and
 * the separators `-` and `_` do not count.
 */
export function nearestName(typed: string, known: readonly string[]): string | undefined {
  const wanted = bare(typed);
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const distance = editDistance(wanted, bare(name));
    if (distance < least && distance <= Math.max(1, Math.floor(name.length / 3))) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

function bare(name: string): string {
  // A name longer than this is no typing mistake, and the distance costs length times length.
  return name.slice(0, 80).toLowerCase().replaceAll(/[-_]/g, "");
}

function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, replaced, swapped));
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
