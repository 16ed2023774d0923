/** How often something may still be tried. */
export interface Tries {
  left: number;
}

/**
 * A small part of the items with which the test still succeeds, by delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing
 * input", IEEE TSE 28(2), 2002): halves, then quarters and so on, are kept alone or left out. Minimal when there are tries enough, else the smallest found.
 * The test is never asked about the whole, which is known to succeed.
 */
export async function ddmin<Item>(
  items: readonly Item[],
  test: (part: readonly Item[]) => Promise<boolean>,
  tries: Tries,
): Promise<readonly Item[]> {
  const succeeds = async (part: readonly Item[]): Promise<boolean> => {
    if (tries.left <= 0) return false;
    tries.left--;
    return test(part);
  };
  if (items.length > 0 && (await succeeds([]))) return [];
  let current = items;
  let pieces = 2;
  while (current.length >= 2 && tries.left > 0) {
    const chunks = cut(current, pieces);
    const smaller =
      (await firstThat(chunks, succeeds)) ?? (pieces > 2 ? await firstThat(complements(current, chunks), succeeds) : undefined);
    if (smaller !== undefined) {
      pieces = Math.max(2, Math.min(smaller.length, chunks.includes(smaller) ? 2 : pieces - 1));
      current = smaller;
    } else if (pieces >= current.length) break;
    else pieces = Math.min(current.length, pieces * 2);
  }
  return current;
}

function cut<Item>(items: readonly Item[], pieces: number): readonly (readonly Item[])[] {
  return Array.from({ length: pieces }, (_, index) =>
    items.slice(Math.floor((index * items.length) / pieces), Math.floor(((index + 1) * items.length) / pieces)),
  );
}

function complements<Item>(items: readonly Item[], chunks: readonly (readonly Item[])[]): readonly (readonly Item[])[] {
  return chunks.map((chunk) => items.filter((item) => !chunk.includes(item)));
}

async function firstThat<Item>(parts: readonly Item[], holds: (part: Item) => Promise<boolean>): Promise<Item | undefined> {
  for (const part of parts) if (await holds(part)) return part;
  return undefined;
}
