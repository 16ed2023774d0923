import { mkdir, open, readFile, rm, statfs } from "node:fs/promises";
import path from "node:path";
import { run, runOrThrow } from "../command.ts";
import { TestkitError } from "../errors.ts";

export interface DiskOptions {
  /** The file that is the disk; it must not exist. Sparse: it takes what is written to it. */
  readonly image: string;
  /** Where it is mounted; made when missing. */
  readonly mountPoint: string;
  readonly sizeMiB: number;
}

/**
 * Data and names wait in memory until somebody asks for them to be on disk: for 5 minutes instead of 5 seconds, and a rename over a file
 * brings no flush of its own. The harshest that ext4 may be, so that a missing fsync shows.
 */
const mountOptions = "loop,commit=300,noauto_da_alloc";
const releaseMillis = 10_000;
const pollMillis = 20;

const fillSlackBytes = 1024 * 1024;
/** More than are there: full to the last block. */
const extraBlocks = 64;

/**
 * A disk of a machine's own: an ext4 in a file. Losing power (`crash`) loses what was not synced: the file system is shut down without a flush, unmounted,
 * and mounted again as after a power cut, by the replay of its journal.
 *
 * A mount namespace that is made while the disk is mounted keeps it mounted until that namespace ends. So whoever uses more than one such machine at a time
 * gives each a process with a mount namespace of its own (`unshare --mount`); then a disk also ends with its process, however that ends.
 */
export class Disk {
  readonly mountPoint: string;
  readonly #image: string;

  private constructor({ image, mountPoint }: DiskOptions) {
    this.#image = image;
    this.mountPoint = mountPoint;
  }

  /** Makes an empty disk and mounts it. Needs root. */
  static async create(options: DiskOptions): Promise<Disk> {
    const { image, mountPoint, sizeMiB } = options;
    const file = await open(image, "wx", 0o600);
    await file.truncate(sizeMiB * 1024 * 1024).finally(() => file.close());
    // No blocks kept back for root: full is full.
    await runOrThrow("disk", ["mkfs.ext4", "-q", "-F", "-m", "0", "-b", "4096", "-J", "size=4", image]);
    await mkdir(mountPoint, { recursive: true });
    const disk = new Disk(options);
    await disk.attach();
    return disk;
  }

  /** Mounts it; what a power cut left is put right by the file system's journal. */
  async attach(): Promise<void> {
    await runOrThrow("disk", ["mount", "-o", mountOptions, this.#image, this.mountPoint]);
  }

  /** Unmounts it; everything is on the disk then. Fine to repeat. */
  async detach(): Promise<void> {
    if (await this.#isMounted()) await runOrThrow("disk", ["umount", this.mountPoint]);
    await this.#released();
  }

  /** The power goes: what was not synced is lost. Nothing may use the disk any more. It is mounted again when this returns. */
  async crash(): Promise<void> {
    // ostree freezes the file system for a moment; power cannot go in it, because it has synced everything before. Frozen, it could not be unmounted.
    await run(["fsfreeze", "--unfreeze", this.mountPoint]);
    await runOrThrow("disk", ["xfs_io", "-x", "-c", "shutdown", this.mountPoint]);
    await this.detach();
    await this.attach();
  }

  /** What was written so far outlives the power. */
  async sync(): Promise<void> {
    await runOrThrow("disk", ["sync", "--file-system", this.mountPoint]);
  }

  /** Takes all space but `leaveBytes` away. Returns how to give it back. */
  async fill(leaveBytes: number): Promise<() => Promise<void>> {
    const filler = path.join(this.mountPoint, "filler");
    await this.sync();
    const { bavail, bsize } = await statfs(this.mountPoint);
    // What the file system needs to keep books on the filler is not known before: the rest is taken byte by byte.
    const atOnce = bavail * bsize - leaveBytes - fillSlackBytes;
    if (atOnce > 0) await runOrThrow("disk", ["fallocate", "--length", String(atOnce), filler]);
    await this.sync();
    const left = await statfs(this.mountPoint);
    const rest = Math.floor((left.bavail * left.bsize - leaveBytes) / bsize) + (leaveBytes === 0 ? extraBlocks : 0);
    if (rest > 0) await run(["dd", "if=/dev/zero", `of=${filler}`, "oflag=append", "conv=notrunc,fsync", `bs=${bsize}`, `count=${rest}`]);
    return () => rm(filler, { force: true });
  }

  async #isMounted(): Promise<boolean> {
    const mounts = await readFile("/proc/self/mounts", "utf8");
    return mounts.split("\n").some((line) => line.split(" ")[1] === this.mountPoint);
  }

  /** Mounted twice at once, a file system destroys itself. */
  async #released(): Promise<void> {
    for (let waited = 0; waited < releaseMillis; waited += pollMillis) {
      if ((await runOrThrow("disk", ["losetup", "--associated", this.#image])).trim() === "") return;
      await new Promise((resolve) => setTimeout(resolve, pollMillis));
    }
    const reason = "another mount namespace still has it mounted";
    const remedy = "Give each process that has machines with disks a mount namespace of its own.";
    throw new TestkitError({ code: "disk-busy", phase: "detach", subject: this.#image, reason, remedy });
  }
}
