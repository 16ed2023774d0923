import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Cancellable } from "./ostree.ts";
import { sysrootPath } from "./ostree.ts";
import { listTree } from "./list-tree.ts";
import { bootEntries, type DeploymentId } from "./status.ts";

/** The kernel of a commit: what ostree copies to /boot for it. */
export interface Kernel {
  /** Equal for commits that share one copy on /boot. */
  readonly id: string;
  readonly bytes: number;
}

/** Beside these, ostree copies everything in `dtb`, which is not counted: machines that need it have room to spare for it. */
const kernelFiles = /\/(?:vmlinuz|initramfs(?:\.img)?|initrd(?:\.img)?|devicetree|aboot\.img|aboot\.cfg|\.vmlinuz\.hmac)$/;

/** The kernel in /usr/lib/modules of a commit; undefined where it lies elsewhere (an old layout) or the commit boots nothing. @throws OstreeError */
export async function kernelOf(options: { readonly repo: string; readonly checksum: string } & Cancellable): Promise<Kernel | undefined> {
  const modules = "/usr/lib/modules";
  for (const { kind, path } of (await listTree({ ...options, path: modules })) ?? []) {
    if (kind !== "directory") continue;
    const files = ((await listTree({ ...options, path })) ?? []).filter((entry) => entry.kind === "file" && kernelFiles.test(entry.path));
    if (!files.some((entry) => entry.path.endsWith("/vmlinuz"))) continue;
    return {
      id: files.map((entry) => `${basename(entry.path)}=${entry.checksum ?? ""}`).join(),
      bytes: files.reduce((sum, { size }) => sum + size, 0),
    };
  }
  return undefined;
}

export interface BootedKernel {
  readonly deployment: DeploymentId;
  /** Directory on /boot; deployments with the same kernel share it. */
  readonly directory: string;
  readonly bytes: number;
}

/** What the kernels of deployments take on /boot, by its boot entries. Entries that are not ostree's are passed over. */
export async function kernelsOnBoot(options: { readonly sysroot?: string | undefined } = {}): Promise<readonly BootedKernel[]> {
  const root = sysrootPath(options.sysroot);
  const found: BootedKernel[] = [];
  for (const { deployment, text } of await bootEntries(options.sysroot)) {
    const linux = /^linux\s+(\S+)/m.exec(text)?.[1];
    if (linux === undefined) continue;
    // Whether /boot is a file system of its own or not, the directory is /boot/ostree/OSNAME-BOOTCHECKSUM.
    const directory = join(root, "boot/ostree", basename(dirname(linux)));
    found.push({ deployment, directory, bytes: await bytesIn(directory) });
  }
  return found;
}

async function bytesIn(directory: string): Promise<number> {
  const names = await readdir(directory).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(directory, name))
        .then(({ size }) => size)
        .catch(() => 0),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
