import { existsSync } from "node:fs";
import { machineNetwork, requirements } from "@treeline/testkit";

const programs = [
  ["/usr/sbin/mkfs.ext4", "e2fsprogs"],
  ["/usr/sbin/xfs_io", "xfsprogs"],
  ["/usr/bin/strace", "strace"],
] as const;

/** What this computer lacks for the matrix, one line each that says what to do. */
export async function missingTools(): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return ["the fault matrix needs root: it mounts file systems"];
  const lacking = (await requirements()).filter(({ required }) => required).map(({ name, debianPackage }) => [name, debianPackage] as const);
  const missing = [...lacking, ...programs.filter(([file]) => !existsSync(file))];
  if (missing.length > 0) return missing.map(([name, from]) => `missing: ${name}${from === undefined ? "" : `; install it with: apt-get install ${from}`}`);
  const network = await machineNetwork();
  return network.kind === "own" ? [] : [`machines get no network of their own here: ${network.reason ?? "unknown reason"}`];
}
