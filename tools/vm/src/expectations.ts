import { deepEqual, equal } from "node:assert/strict";
import type { Facts, Fleet } from "./fleet.ts";
import type { Release } from "./release-line.ts";

/**
 * The machine runs this release and would boot it again; its own /etc and /var are as it left them, the release's /etc is the release's; /usr cannot be written to
 * and nothing has failed.
 */
export async function expectRuns(fleet: Fleet, name: string, release: Release): Promise<Facts> {
  const facts = await fleet.facts(name);
  const { booted, default: next, shipped, edited, local, kept, usr, failed, staged } = facts;
  deepEqual(
    { booted, next, shipped, edited, local, kept, usr, failed, staged },
    {
      booted: release.checksum,
      next: release.checksum,
      shipped: `release ${release.version}`,
      edited: `edited on ${name}`,
      local: `local to ${name}`,
      kept: `kept on ${name}`,
      usr: "ro",
      failed: "",
      staged: "no",
    },
    `${name} is not as it should be on ${release.version}`,
  );
  return facts;
}

/** ostree finds nothing wrong with the machine's repository, and nothing of a download is left in it. */
export async function expectClean(fleet: Fleet, name: string): Promise<void> {
  // The agent lets go of what the attempt held when it has tidied up: a check in the middle of that misses what is being removed.
  const isTidied = (refs: string): boolean => !/^treeline\/(target|base)$/m.test(refs);
  await fleet.until(`${name} has tidied up`, () => fleet.run(name, "ostree refs"), isTidied);
  await fleet.run(name, "ostree fsck --quiet");
  const left = (await fleet.run(name, "find /sysroot/ostree/repo/tmp -maxdepth 1 -name 'staging-*' ! -name '*-lock'; find /sysroot/ostree/repo/state -name '*.commitpartial'")).trim();
  equal(left, "", `${name}: a download has left something in the repository`);
}
