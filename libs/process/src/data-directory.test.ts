import { execFileSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { DirectoryInUseError, lockDirectory } from "./data-directory.ts";
import { startChild } from "./test-child.ts";
import { temporaryDirectory } from "./test-directory.ts";

const root = process.getuid?.() === 0;
const nobody = 65_534;

const holder = (dir: string): string => `
  import { lockDirectory } from("data-directory.ts");
  try {
    await lockDirectory(${JSON.stringify(dir)}, "the child");
    console.log("locked");
    setInterval(() => {}, 1000);
  } catch (error) {
    console.log(JSON.stringify({ name: error.name, code: error.code, phase: error.phase, message: error.message }));
  }`;

describe("lockDirectory", () => {
  it("creates the directory closed to others, and leaves only the lock file behind", async () => {
    await using temporary = await temporaryDirectory();
    const dir = path.join(temporary.dir, "a", "b");
    const lock = await lockDirectory(dir, "treeline-server");
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    expect(await readFile(path.join(dir, "lock.pid"), "utf8")).toBe(`${process.pid} treeline-server\n`);
    await lock.release();
    await lock.release();
    expect(await readdir(dir)).toEqual(["lock.db"]);
  });

  it("refuses a second holder in the same process until the first lets go", async () => {
    await using temporary = await temporaryDirectory();
    const lock = await lockDirectory(temporary.dir, "first");
    await expect(lockDirectory(temporary.dir, "second")).rejects.toBeInstanceOf(DirectoryInUseError);
    await expect(lockDirectory(temporary.dir, "third")).rejects.toMatchObject({
      subject: temporary.dir,
      holder: { pid: process.pid, owner: "first" },
    });
    await lock.release();
    await (await lockDirectory(temporary.dir, "second")).release();
  });

  it("refuses a second process and names the first", async () => {
    await using temporary = await temporaryDirectory();
    const lock = await lockDirectory(temporary.dir, "treeline-server");
    using child = startChild(holder(temporary.dir));
    const refusal = JSON.parse(await child.nextLine()) as { name: string; message: string };
    expect(refusal.name).toBe("DirectoryInUseError");
    expect(refusal.message).toContain(`${temporary.dir} is in use by treeline-server (pid ${process.pid})`);
    await lock.release();
  });

  it("is free again after the holder was killed with SIGKILL", async () => {
    await using temporary = await temporaryDirectory();
    using child = startChild(holder(temporary.dir));
    expect(await child.nextLine()).toBe("locked");
    await expect(lockDirectory(temporary.dir, "us")).rejects.toMatchObject({ holder: { pid: child.pid, owner: "the child" } });
    child.process.kill("SIGKILL");
    await child.ended;
    expect(await readFile(path.join(temporary.dir, "lock.pid"), "utf8")).toBe(`${child.pid} the child\n`);
    const lock = await lockDirectory(temporary.dir, "us");
    expect(await readFile(path.join(temporary.dir, "lock.pid"), "utf8")).toBe(`${process.pid} us\n`);
    await lock.release();
  });

  it("does not need the pid file to know", async () => {
    await using temporary = await temporaryDirectory();
    const lock = await lockDirectory(temporary.dir, "us");
    await writeFile(path.join(temporary.dir, "lock.pid"), "nonsense");
    await expect(lockDirectory(temporary.dir, "other")).rejects.toMatchObject({
      holder: undefined,
      message: expect.stringContaining("another process") as string,
    });
    await lock.release();
    await writeFile(path.join(temporary.dir, "lock.pid"), `${process.pid} stale\n`);
    await (await lockDirectory(temporary.dir, "us")).release();
  });

  it("says so when the path is a file, or below one", async () => {
    await using temporary = await temporaryDirectory();
    const file = path.join(temporary.dir, "file");
    await writeFile(file, "");
    for (const dir of [file, path.join(file, "below")]) {
      await expect(lockDirectory(dir, "us")).rejects.toMatchObject({ code: "not-a-directory", phase: "create", subject: dir });
    }
  });

  it("gives up below /proc, where nothing can be made", async () => {
    await expect(lockDirectory("/proc/treeline/data", "test")).rejects.toMatchObject({ name: "DataDirectoryError" });
  });

  it("says so when lock.db is no lock file", async () => {
    await using temporary = await temporaryDirectory();
    await mkdir(path.join(temporary.dir, "lock.db"));
    await expect(lockDirectory(temporary.dir, "us")).rejects.toMatchObject({ code: "io", phase: "lock" });
  });

  it.skipIf(!root)("says so when another user owns it", async () => {
    await using temporary = await temporaryDirectory();
    await chmod(temporary.dir, 0o755);
    for (const [dir, phase] of [
      [temporary.dir, "probe"],
      [path.join(temporary.dir, "new"), "create"],
    ] as const) {
      using child = startChild(holder(dir), { uid: nobody });
      const refusal = JSON.parse(await child.nextLine()) as { code: string; phase: string; message: string };
      expect(refusal).toMatchObject({ code: "permission-denied", phase });
      expect(refusal.message).toContain(`user ${nobody}`);
    }
  });

  it.skipIf(!canMount())("says so when the disk is full, or read-only", async () => {
    await using temporary = await temporaryDirectory();
    const full = mountTmpfs(path.join(temporary.dir, "full"), "size=16k");
    try {
      await writeFile(path.join(full, "filler"), Buffer.alloc(16_384)).catch(() => {});
      await expect(lockDirectory(full, "us")).rejects.toMatchObject({ code: "no-space", phase: "probe" });
      expect((await readdir(full)).filter((name) => name.startsWith(".probe"))).toEqual([]);
      execFileSync("mount", ["-o", "remount,ro", full]);
      await expect(lockDirectory(full, "us")).rejects.toMatchObject({ code: "read-only", phase: "probe" });
      await expect(lockDirectory(path.join(full, "new"), "us")).rejects.toMatchObject({ code: "read-only", phase: "create" });
    } finally {
      execFileSync("umount", [full]);
    }
  });
});

function mountTmpfs(dir: string, options: string): string {
  execFileSync("mkdir", ["-p", dir]);
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", dir], { stdio: "pipe" });
  return dir;
}

/** Containers often forbid mounting even to root. */
function canMount(): boolean {
  if (!root) return false;
  const dir = execFileSync("mktemp", ["-d"]).toString().trim();
  try {
    execFileSync("umount", [mountTmpfs(dir, "size=16k")]);
    return true;
  } catch {
    return false;
  } finally {
    execFileSync("rmdir", [dir]);
  }
}
