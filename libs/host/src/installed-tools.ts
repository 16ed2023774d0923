import { constants } from "node:fs";
import { access, lstat, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

/** Where programs are looked for: PATH if the process has one, and then where a host's own tools are. */
const systemPath = "/usr/sbin:/usr/bin:/sbin:/bin";

/** Where a program is looked for, in that order. `path`: as in the environment. */
export function programPlaces(name: string, path: string | undefined = process.env["PATH"]): readonly string[] {
  const directories = `${path ?? ""}:${systemPath}`.split(":").filter((part) => part.startsWith("/"));
  return [...new Set(directories.map((directory) => join(directory, name)))];
}

/** Whether a program is on this host. `path`: as in the environment. */
export async function hasProgram(name: string, path: string | undefined = process.env["PATH"]): Promise<boolean> {
  for (const file of programPlaces(name, path)) {
    const isProgram = await access(file, constants.X_OK).then(
      async () => (await stat(file)).isFile(),
      () => false,
    );
    if (isProgram) return true;
  }
  return false;
}

/** Where systemd looks for units, systemd.unit(5); the first that has a file decides. */
export const unitDirectories = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
];

/** Those of them that outlive a boot. */
export const lastingUnitDirectories = unitDirectories.filter((directory) => !directory.startsWith("/run/"));

export type UnitState = "present" | "missing" | "masked";

/** Whether a unit's file is on this host. Asks no systemd: a file that is there is what the next boot, and this shutdown, go by. */
export async function unitState(unit: string, directories: readonly string[] = unitDirectories): Promise<UnitState> {
  for (const directory of directories) {
    const file = join(directory, unit);
    const found = await lstat(file).catch(() => null);
    if (found === null) continue;
    // Masked is a link to /dev/null, or an empty file.
    const isMasked = found.isSymbolicLink() ? (await realpath(file).catch(() => "")) === "/dev/null" : found.size === 0;
    return isMasked ? "masked" : "present";
  }
  return "missing";
}

/** The file of a unit: where systemd finds it, or where it would lie if its package were installed. */
export async function unitFile(unit: string, directories: readonly string[] = unitDirectories): Promise<string> {
  for (const directory of directories) {
    const file = join(directory, unit);
    if ((await lstat(file).catch(() => null)) !== null) return file;
  }
  return join("/usr/lib/systemd/system", unit);
}

/** Whether systemd is this host's init, sd_booted(3). */
export async function isSystemdRunning(): Promise<boolean> {
  return await lstat("/run/systemd/system").then(
    (found) => found.isDirectory(),
    () => false,
  );
}
