import { access } from "node:fs/promises";
import { join } from "node:path";
import { requireChecksum } from "./argument.ts";
import { ostree } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";

/** The file name of an object in an archive repository: CHECKSUM.SUFFIX. */
export type ObjectName = string;

const form = /^([0-9a-f]{2})([0-9a-f]{62}\.(?:commit|commitmeta|dirtree|dirmeta|filez))$/;

/** Whether `text` is the name of an object of an archive repository. Check names that come from outside before making paths of them. */
export const isObjectName = (text: string): text is ObjectName => form.test(text);

/** `objects/ab/cdef….SUFFIX`, or null when the name is none. */
export function objectFile(name: ObjectName): string | null {
  const [, folder, rest] = form.exec(name) ?? [];
  return folder !== undefined && rest !== undefined ? `objects/${folder}/${rest}` : null;
}

/** What `ostree ls -R -C` prints for a directory (two checksums) and for everything else (one). A name may go on over the next lines: those match neither. */
const directoryLine = /^d[0-7]{5} +\d+ +\d+ +\d+ ([0-9a-f]{64}) ([0-9a-f]{64}) \//;
const fileLine = /^[-l][0-7]{5} +\d+ +\d+ +\d+ ([0-9a-f]{64}) \//;

/** Reads the text of `ostree ls -R -C`. Pure. Each object once, in the order of the tree. */
export function parseObjects(text: string): readonly ObjectName[] {
  const names = new Set<ObjectName>();
  for (const line of text.split("\n")) {
    const directory = directoryLine.exec(line);
    const file = directory ? null : fileLine.exec(line);
    if (directory) names.add(`${directory[1]}.dirtree`).add(`${directory[2]}.dirmeta`);
    else if (file) names.add(`${file[1]}.filez`);
  }
  return [...names];
}

/** Bytes of listing for one commit: a system of half a million files still fits. */
const listingLimit = 128 * 1024 * 1024;

/**
 * Every object that makes up a commit in an archive repository, the commit itself first, then its detached metadata if there are any. All of the
 * commit must be there. @throws OstreeError missing-object
 */
export async function objectsOf(
  options: { readonly repo: string; readonly checksum: string } & Cancellable,
): Promise<readonly ObjectName[]> {
  const { repo, signal } = options;
  const checksum = requireChecksum(options.checksum, "list objects");
  const { stdout } = await ostree({
    args: ["ls", `--repo=${repo}`, "--recursive", "--checksum", checksum],
    phase: "list objects",
    subject: checksum,
    signal,
    outputLimit: listingLimit,
  });
  const detached = `${checksum}.commitmeta`;
  const hasDetached = (await missingObjects({ repo, names: [detached] })).length === 0;
  return [`${checksum}.commit`, ...(hasDetached ? [detached] : []), ...parseObjects(stdout)];
}

/** Those of `names` that a repository does not hold, in the same order. A name that is none counts as missing. */
export async function missingObjects(options: {
  readonly repo: string;
  readonly names: readonly ObjectName[];
}): Promise<readonly ObjectName[]> {
  const missing: ObjectName[] = [];
  for (const name of options.names) {
    const file = objectFile(name);
    const there =
      file !== null &&
      (await access(join(options.repo, file)).then(
        () => true,
        () => false,
      ));
    if (!there) missing.push(name);
  }
  return missing;
}
