import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** What a repository leaves free on its file system, whatever is asked of it. */
export type Reserve = { readonly bytes: number } | { readonly percent: number };

/** ostree.repo-config(5): what holds when a repository's configuration says nothing. */
const defaultReserve: Reserve = { percent: 3 };
const unit = { MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 } as const;

/** The reserve of a repository (`core.min-free-space-size`, `core.min-free-space-percent`). */
export async function readReserve(repo: string): Promise<Reserve> {
  return parseReserve(await readFile(join(repo, "config"), "utf8"));
}

/** Reads it from the text of a repository's `config`. Pure. ostree takes the size where both are given, and so does this. */
export function parseReserve(text: string): Reserve {
  const core = new Map<string, string>();
  let section = "";
  for (const line of text.split("\n").map((raw) => raw.trim())) {
    const named = /^\[(.*)\]$/.exec(line);
    if (named) section = named[1] ?? "";
    const [, key, value] = /^([\w-]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (section === "core" && key !== undefined && value !== undefined) core.set(key, value);
  }
  const [, amount, suffix] = /^(\d{1,9})(MB|GB|TB)$/.exec(core.get("min-free-space-size") ?? "") ?? [];
  if (amount !== undefined) return { bytes: Number(amount) * unit[suffix as keyof typeof unit] };
  const percent = core.get("min-free-space-percent") ?? "";
  return /^\d{1,2}$/.test(percent) ? { percent: Number(percent) } : defaultReserve;
}
