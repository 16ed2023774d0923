import { chmod, mkdir, readdir, readFile, readlink, symlink } from "node:fs/promises";
import path from "node:path";
import { TestkitError } from "../errors.ts";
import { hostDirectories } from "../host-directories.ts";
import { type PlacedFiles, placeFile, relativeInside } from "../placed-file.ts";
import { writeFiller } from "./filler.ts";

export interface TreeOptions {
  /** What os-release, the kernel's name and the commit's `version` say: letters, digits and `._+~-`. */
  readonly version: string;
  /** MiB of deterministic data in /usr/share/data; default 1. */
  readonly sizeMiB?: number;
  /** Two seeds differ in about 5 % of the data; default: the version. */
  readonly seed?: string;
  /** More files, all below /usr (defaults of /etc go to /usr/etc), and not below what the machine mounts from its host. */
  readonly files?: PlacedFiles;
  /** Whether the release has a boot guard; default true. Machines run it as the units of the agent do. */
  readonly bootGuard?: boolean;
}

const topLevelLinks: Readonly<Record<string, string>> = {
  bin: "usr/bin",
  sbin: "usr/sbin",
  lib: "usr/lib",
  lib64: "usr/lib64",
  ostree: "sysroot/ostree",
  home: "var/home",
  root: "var/roothome",
};

const checkout = path.resolve(import.meta.dirname, "../../../..");

/** The boot guard as an image has it. */
async function bootGuardFiles(): Promise<PlacedFiles> {
  return {
    "usr/lib/treeline/boot-guard": { content: await readFile(path.join(checkout, "apps/agent/boot-guard/boot-guard")), mode: 0o755 },
    "usr/lib/treeline/set-default.py": await readFile(path.join(checkout, "libs/ostree/src/set-default.py")),
  };
}

function osRelease(version: string): string {
  // Without PRETTY_NAME ostree gives its boot entry no title.
  return `ID=fleetos\nNAME="FleetOS"\nVERSION_ID=${version}\nPRETTY_NAME="FleetOS ${version}"\nOSTREE_VERSION=${version}\n`;
}

function check(options: TreeOptions): void {
  const invalid = (subject: string, reason: string, remedy: string): never => {
    throw new TestkitError({ code: "invalid-option", phase: "compose", subject, reason, remedy });
  };
  if (!/^[A-Za-z0-9][A-Za-z0-9._+~-]*$/.test(options.version)) {
    invalid("version", `"${options.version}" cannot stand in a kernel's name`, "Use letters, digits and ._+~- only, e.g. 42.1.");
  }
  if (options.sizeMiB !== undefined && !(Number.isFinite(options.sizeMiB) && options.sizeMiB >= 0)) {
    invalid("sizeMiB", `${options.sizeMiB} is no size`, "Give a number of MiB, 0 or more.");
  }
  const mounted = hostDirectories();
  for (const raw of Object.keys(options.files ?? {})) {
    const relative = relativeInside("compose", raw);
    if (!relative.startsWith("usr/")) {
      invalid(`files["${raw}"]`, "an OSTree commit carries /usr only", "Put defaults of /etc below usr/etc; give /var to createMachine.");
    }
    const covering = mounted.find((directory) => relative.startsWith(`${directory}/`));
    if (covering !== undefined) {
      invalid(`files["${raw}"]`, `the machine mounts its host's ${covering} over it`, "Choose another directory, e.g. usr/lib/demo.");
    }
  }
}

/** Programs that Debian reaches through /etc/alternatives would be missing inside: health checks like to use awk. */
async function placeAlternatives(directory: string): Promise<void> {
  const target = await readlink("/etc/alternatives/awk").catch(() => undefined);
  if (target !== undefined) {
    await mkdir(path.join(directory, "usr/etc/alternatives"), { recursive: true });
    await symlink(target, path.join(directory, "usr/etc/alternatives/awk"));
  }
}

/** On some architectures the dynamic loader lies in /usr/lib itself, as a link into the multiarch directory. */
async function placeLoaderLinks(directory: string): Promise<void> {
  for (const name of (await readdir("/usr/lib")).filter((entry) => entry.startsWith("ld-linux"))) {
    await symlink(await readlink(`/usr/lib/${name}`), path.join(directory, "usr/lib", name));
  }
}

/**
 * Builds in `directory` (empty or absent) the smallest tree that `ostree admin deploy` accepts and a machine of this library boots.
 * Needs no root: whoever commits it sets the owners.
 */
export async function composeTree(directory: string, options: TreeOptions): Promise<void> {
  check(options);
  const { version, sizeMiB = 1, seed = version, files = {}, bootGuard = true } = options;
  const kernel = `usr/lib/modules/6.1.0-${version}`;
  const emptyDirectories = [
    "boot",
    "dev",
    "proc",
    "run",
    "sys",
    "sysroot",
    "tmp",
    "var",
    ...hostDirectories(),
    "usr/share/data",
    "usr/etc",
    kernel,
  ];
  for (const name of emptyDirectories) {
    await mkdir(path.join(directory, name), { recursive: true });
  }
  for (const [name, target] of Object.entries(topLevelLinks)) {
    await symlink(target, path.join(directory, name));
  }
  await chmod(path.join(directory, "tmp"), 0o1777);
  const own: PlacedFiles = {
    [`${kernel}/vmlinuz`]: `kernel ${version}\n`,
    [`${kernel}/initramfs.img`]: `initramfs ${version}\n`,
    "usr/lib/os-release": osRelease(version),
    "usr/etc/machine-id": "",
    "usr/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "usr/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "usr/etc/group": "root:x:0:\nnogroup:x:65534:\n",
    // One default that changes with the release and one that does not: what /etc merging is watched by.
    "usr/etc/app.conf": `release=${version}\n`,
    "usr/etc/keep.conf": "static=1\n",
  };
  for (const [name, file] of Object.entries({ ...own, ...(bootGuard ? await bootGuardFiles() : {}), ...files })) {
    await placeFile(path.join(directory, relativeInside("compose", name)), file);
  }
  await symlink("../usr/lib/os-release", path.join(directory, "usr/etc/os-release"));
  await placeAlternatives(directory);
  await placeLoaderLinks(directory);
  await writeFiller(path.join(directory, "usr/share/data"), sizeMiB, seed);
}
