/**
 * The `count` smallest of many items, in order, without sorting all of them: a page of a large list costs one look at each item.
 * `compare` must be a total order.
 */
export function smallest<Item>(items: Iterable<Item>, count: number, compare: (a: Item, b: Item) => number): readonly Item[] {
  let kept: Item[] = [];
  let last: Item | undefined;
  for (const item of items) {
    if (last !== undefined && compare(item, last) >= 0) continue;
    kept.push(item);
    if (kept.length < 2 * count + 16) continue;
    kept = kept.sort(compare).slice(0, count);
    last = kept.at(-1);
  }
  return kept.sort(compare).slice(0, count);
}

/** How many of the first items fit into one message by their size in characters; at least one. */
export function fitting<Item>(items: readonly Item[], maxCharacters: number, sizeOf: (item: Item) => number): number {
  let characters = 0;
  const tooMany = items.findIndex((item, index) => {
    characters += sizeOf(item);
    return characters > maxCharacters && index > 0;
  });
  return tooMany < 0 ? items.length : tooMany;
}

/** The size of a page as asked for, within bounds; 0 asks for the default. */
export function pageSizeOf(asked: number, { usual, most }: { readonly usual: number; readonly most: number }): number {
  return Math.min(asked === 0 ? usual : asked, most);
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
