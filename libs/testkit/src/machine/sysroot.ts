import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, realpath, rm } from "node:fs/promises";
import path from "node:path";
import { run, runOrThrow } from "../command.ts";
import { TestkitError } from "../errors.ts";
import { type PlacedFiles, placeFile, relativeInside } from "../placed-file.ts";
import { defaultBootEntry } from "./boot-entry.ts";

export interface SysrootOptions {
  readonly sysroot: string;
  readonly osname: string;
  /** Repository the first deployment comes from. */
  readonly repo: string;
  /** Branch of it; the deployment's origin. Needed unless `commit` is given. */
  readonly ref?: string;
  /** Commit to deploy instead of the branch's newest; without `ref` the origin is a bare checksum, which `ostree admin upgrade` refuses. */
  readonly commit?: string;
  readonly kernelArguments: readonly string[];
  /** Configured without signature checks, and made the origin: `NAME:REF`. */
  readonly remote?: { readonly name: string; readonly url: string };
  /** Files below /etc and /var. */
  readonly files: PlacedFiles;
}

/**
 * ostree wants to be root to deploy; without root, root of a user namespace will do. Root gives up CAP_SYS_ADMIN for it: with that, ostree freezes
 * the host's file system for a moment, in which ostree fails in machines that run (see boot.sh).
 */
const asRoot: readonly string[] = process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-sys_admin"] : ["unshare", "--map-root-user"];

/** Where a path of the machine (/etc/…, /var/…, /usr/…) lies on the host, for the deployment given. */
export function pathInSysroot(options: {
  readonly sysroot: string;
  readonly osname: string;
  readonly deployment: string;
  readonly inside: string;
}): string {
  const relative = relativeInside("files", options.inside);
  return relative === "var" || relative.startsWith("var/")
    ? path.join(options.sysroot, "ostree/deploy", options.osname, relative)
    : path.join(options.deployment, relative);
}

/** Makes a sysroot with one deployment, as an installer does, and gives it a machine id of its own. */
export async function createSysroot(options: SysrootOptions): Promise<void> {
  const { sysroot, osname, ref, commit, remote } = options;
  const revision = commit ?? ref;
  if (revision === undefined) {
    const reason = "neither is given";
    throw new TestkitError({ code: "invalid-option", phase: "install", subject: "ref, commit", reason, remedy: "Say what to deploy." });
  }
  for (const raw of Object.keys(options.files)) {
    if (!/^(etc|var)\//.test(relativeInside("install", raw))) {
      const reason = "a machine's own files lie in /etc and /var";
      throw new TestkitError({
        code: "invalid-option",
        phase: "install",
        subject: `files["${raw}"]`,
        reason,
        remedy: "Ship it in the release.",
      });
    }
  }
  const repo = path.join(sysroot, "ostree/repo");
  const ostree = (...argv: string[]) => runOrThrow("install", [...asRoot, "ostree", ...argv]);
  await mkdir(sysroot, { recursive: true });
  await ostree("admin", "init-fs", "--modern", sysroot);
  await ostree("admin", "os-init", osname, `--sysroot=${sysroot}`);
  // Boot entries are ours to follow; and a test must not fail because the host's disk is nearly full.
  await ostree("config", `--repo=${repo}`, "set", "sysroot.bootloader", "none");
  await ostree("config", `--repo=${repo}`, "set", "core.min-free-space-percent", "0");
  if (remote !== undefined) {
    await ostree("remote", "add", `--repo=${repo}`, "--no-gpg-verify", remote.name, remote.url);
  }
  // --untrusted copies what it reads; otherwise ostree keeps the owner of the repository's files, whom a user namespace does not know.
  await ostree(
    "pull-local",
    "--untrusted",
    `--repo=${repo}`,
    ...(remote === undefined ? [] : [`--remote=${remote.name}`]),
    options.repo,
    revision,
  );
  const origin = ref === undefined ? revision : remote === undefined ? ref : `${remote.name}:${ref}`;
  if (commit !== undefined && ref !== undefined) {
    await ostree("refs", `--repo=${repo}`, "--force", `--create=${origin}`, commit);
  }
  const kargs = options.kernelArguments.map((argument) => `--karg=${argument}`);
  await ostree("admin", "deploy", `--sysroot=${sysroot}`, `--os=${osname}`, ...kargs, origin);
  const { deployment } = defaultBootEntry(sysroot);
  const own: PlacedFiles = { "etc/machine-id": { content: `${randomBytes(16).toString("hex")}\n`, mode: 0o444 } };
  for (const [inside, file] of Object.entries({ ...own, ...options.files })) {
    await placeFile(pathInSysroot({ sysroot, osname, deployment, inside }), file);
  }
  await mkdir(path.join(sysroot, "ostree/deploy", osname, "var/roothome"), { recursive: true, mode: 0o700 });
}

/** How deep below a directory sysroots are looked for: DIRECTORY/RUN/MACHINE/sysroot. */
const depth = 3;

async function deploymentsBelow(directory: string, levels: number): Promise<readonly string[]> {
  const stateroots = path.join(directory, "ostree/deploy");
  if (existsSync(stateroots)) {
    const found = (await readdir(stateroots)).map((osname) => path.join(stateroots, osname, "deploy"));
    const lists = found.filter((list) => existsSync(list)).map(async (list) => (await readdir(list)).map((name) => path.join(list, name)));
    return (await Promise.all(lists)).flat().filter((entry) => /\.\d+$/.test(entry));
  }
  if (levels === 0) {
    return [];
  }
  const children = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  return (await Promise.all(children.map((entry) => deploymentsBelow(path.join(directory, entry.name), levels - 1)))).flat();
}

/** A machine's disk stays mounted when what ran it was killed in a mount namespace that others share. */
async function unmountBelow(directory: string): Promise<void> {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n").map((line) => line.split(" ")[1] ?? "");
  const below = `${await realpath(directory)}/`;
  for (const mountPoint of mounts.filter((one) => one.startsWith(below)).reverse()) {
    await run(["umount", mountPoint]);
  }
}

/**
 * Removes a directory with machines or sysroots in it (itself one, or up to three levels below), those of a killed run too: ostree makes its
 * deployments immutable, which defeats `rm`. Missing directories are fine. Machines in it must be off.
 */
export async function removeSysroots(directory: string): Promise<void> {
  if (!existsSync(directory)) {
    return;
  }
  await unmountBelow(directory);
  const deployments = await deploymentsBelow(directory, depth);
  if (deployments.length > 0 && process.getuid?.() === 0) {
    // A file system without attributes has nothing to take off: whether it worked is seen by the removal.
    await run(["chattr", "-i", ...deployments]);
  }
  await rm(directory, { recursive: true, force: true });
}
