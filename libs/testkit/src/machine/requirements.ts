import { accessSync, constants } from "node:fs";
import path from "node:path";
import { run } from "../command.ts";

/** Something this computer lacks to run machines. */
export interface MissingRequirement {
  /** The program, or what else is missing. */
  readonly name: string;
  /** The Debian package that has it; undefined when no package helps. */
  readonly debianPackage: string | undefined;
  /** What needs it. */
  readonly neededFor: string;
  /** False: machines run without it, with less. */
  readonly required: boolean;
}

const programs: readonly {
  readonly name: string;
  readonly debianPackage: string;
  readonly neededFor: string;
  readonly required: boolean;
}[] = [
  { name: "ostree", debianPackage: "ostree", neededFor: "composing releases, and everything inside a machine", required: true },
  { name: "bash", debianPackage: "bash", neededFor: "booting", required: true },
  { name: "unshare", debianPackage: "util-linux", neededFor: "a machine's namespaces", required: true },
  { name: "nsenter", debianPackage: "util-linux", neededFor: "running a command inside a machine", required: true },
  { name: "setpriv", debianPackage: "util-linux", neededFor: "ending machines with the process that runs them", required: true },
  { name: "findmnt", debianPackage: "util-linux", neededFor: "read-only mounts", required: true },
  { name: "mount", debianPackage: "mount", neededFor: "a machine's file systems", required: true },
  { name: "hostname", debianPackage: "hostname", neededFor: "a machine's name", required: true },
  { name: "chattr", debianPackage: "e2fsprogs", neededFor: "removing machines", required: true },
  { name: "xfs_io", debianPackage: "xfsprogs", neededFor: "power cuts that lose what was not synced", required: false },
  { name: "ip", debianPackage: "iproute2", neededFor: "a network of its own for each machine", required: false },
];

function isInstalled(name: string, searchPath: string): boolean {
  return searchPath.split(":").some((directory) => {
    try {
      accessSync(path.join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface RequirementsOptions {
  /** Where programs are looked for; default: where machines and this library look. */
  readonly searchPath?: string;
}

/** What this computer lacks to run machines, most basic first; empty when nothing. */
export async function requirements(options: RequirementsOptions = {}): Promise<readonly MissingRequirement[]> {
  const { searchPath = "/usr/sbin:/usr/bin:/sbin:/bin" } = options;
  const missing: MissingRequirement[] = programs.filter(({ name }) => !isInstalled(name, searchPath));
  if (isInstalled("unshare", searchPath)) {
    const root = process.getuid?.() === 0;
    const flags = ["--mount", "--uts", "--ipc", "--pid", "--fork", ...(root ? [] : ["--map-root-user"])];
    const trial = await run(["unshare", ...flags, "true"]);
    if (trial.code !== 0) {
      const name = root
        ? `namespaces (${trial.stderr.trim()})`
        : `user namespaces, or root (${trial.stderr.trim()}; see sysctl user.max_user_namespaces)`;
      missing.push({ name, debianPackage: undefined, neededFor: "booting", required: true });
    }
  }
  const bindings = 'import gi; gi.require_version("OSTree", "1.0"); from gi.repository import OSTree';
  const python = isInstalled("python3", searchPath) ? await run(["/usr/bin/python3", "-c", bindings]).catch(() => undefined) : undefined;
  if (python?.code !== 0) {
    const debianPackage = "python3-gi gir1.2-ostree-1.0";
    missing.push({
      name: "OSTree's GObject bindings",
      debianPackage,
      neededFor: "going back to a deployment with its own /etc",
      required: false,
    });
  }
  return missing;
}
