import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import type { Mutation } from "./mutation.ts";

const root = new URL("../../../../", import.meta.url);

/** From now on the module of this thread is loaded with the defect. The file itself is not touched. */
export function mutate(mutation: Mutation): void {
  const url = new URL(mutation.file, root).href;
  registerHooks({
    load(loaded, context, nextLoad) {
      const result = nextLoad(loaded, context);
      if (loaded !== url) return result;
      return { ...result, source: mutated(String(result.source), mutation) };
    },
  });
}

/** @throws Error when the text is not there exactly once: then the defect must be written anew */
export function mutated(source: string, { name, file, find, replace }: Mutation): string {
  const found = source.split(find).length - 1;
  if (found !== 1)
    throw new Error(`mutant ${name}: its text occurs ${found} times in ${file}, not once; write it anew against the source as it is now`);
  return source.replace(find, () => replace);
}

/** The same, without loading anything. */
export function requireApplicable(mutation: Mutation): void {
  mutated(readFileSync(new URL(mutation.file, root), "utf8"), mutation);
}
