import { open, readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { sysrootPath } from "./ostree.ts";

/** A lock of libostree that some process on this machine holds. */
export interface HeldLock {
  /** `sysroot`: deployments are being changed (ostree, rpm-ostree and bootc all take it). `repository`: objects are being deleted, and a pull would wait. */
  readonly lock: "sysroot" | "repository";
  /** Who has the lock's file open, as far as this process may see: "rpm-ostree (pid 812)". */
  readonly holders: readonly string[];
}

/**
 * The locks of a sysroot that are held now. libostree locks the open file (F_OFD_SETLK), which flock(1) does not see and for which the kernel names no
 * process; but /proc/locks lists it by device and inode. Looks only, takes nothing: whoever acts on the answer may still meet a lock.
 */
export async function heldLocks(options: { readonly sysroot?: string | undefined } = {}): Promise<readonly HeldLock[]> {
  const root = sysrootPath(options.sysroot);
  const files = [
    { lock: "sysroot", path: join(root, "ostree/lock") },
    { lock: "repository", path: join(root, "ostree/repo/.lock") },
  ] as const;
  const found: HeldLock[] = [];
  for (const { lock, path } of files) {
    const place = await placeOf(path);
    if (place === null) continue;
    const isHeld = parseLocks(await readFile("/proc/locks", "utf8")).some(
      // Pulls share the repository's lock with each other; only who has it alone is in the way.
      ({ exclusive, device, inode }) => device === place.device && inode === place.inode && (exclusive || lock === "sysroot"),
    );
    if (isHeld) found.push({ lock, holders: await holdersOf(path) });
  }
  return found;
}

export interface KernelLock {
  readonly exclusive: boolean;
  /** MAJOR:MINOR in decimal. */
  readonly device: string;
  readonly inode: string;
}

/** Reads the text of /proc/locks, see proc(5). Pure. Who only waits for a lock ("->") holds nothing. */
export function parseLocks(text: string): readonly KernelLock[] {
  return text.split("\n").flatMap((line) => {
    const [, access, major = "", minor = "", inode = ""] =
      /^\d+: \S+ +\S+ +(READ|WRITE) +-?\d+ ([0-9a-f]+):([0-9a-f]+):(\d+) /.exec(line) ?? [];
    return access === undefined
      ? []
      : [{ exclusive: access === "WRITE", device: `${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}`, inode }];
  });
}

/**
 * Device and inode of a file as /proc/locks names them; null when there is no such file. The device is the file system's, by its mount: stat() gives another
 * one for a btrfs subvolume.
 */
async function placeOf(path: string): Promise<{ readonly device: string; readonly inode: string } | null> {
  try {
    await using file = await open(path, "r");
    const { ino } = await file.stat({ bigint: true });
    const mount = /^mnt_id:\s*(\d+)$/m.exec(await readFile(`/proc/self/fdinfo/${file.fd}`, "utf8"))?.[1] ?? "";
    const mounts = await readFile("/proc/self/mountinfo", "utf8");
    const device = new RegExp(`^${mount} \\d+ (\\d+:\\d+) `, "m").exec(mounts)?.[1];
    return device === undefined ? null : { device, inode: String(ino) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Processes that have the file open. Whom we may not look at, or who ends meanwhile, is passed over. */
async function holdersOf(path: string): Promise<readonly string[]> {
  const wanted = await stat(path).catch(() => null);
  if (wanted === null) return [];
  const holders: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const link = `/proc/${pid}/fd/${fd}`;
      // The name first: it costs no more than a look, and spares a stat of every socket and device.
      if (!(await readlink(link).catch(() => "")).endsWith("lock")) continue;
      const held = await stat(link).catch(() => null);
      if (held?.ino !== wanted.ino || held.dev !== wanted.dev) continue;
      const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "?");
      holders.push(`${name.trim()} (pid ${pid})`);
      break;
    }
  }
  return holders;
}
