import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ostreeCli, temporaryDirectory } from "./test-tree.ts";
import { heldLocks, parseLocks } from "./transaction.ts";

const sysrootLock =
  "import gi,sys; gi.require_version('OSTree','1.0'); from gi.repository import OSTree,Gio\n" +
  "s=OSTree.Sysroot.new(Gio.File.new_for_path(sys.argv[1])); s.load(None); s.lock()";
const repositoryLock = (exclusive: boolean): string =>
  "import gi,sys; gi.require_version('OSTree','1.0'); from gi.repository import OSTree,Gio\n" +
  `r=OSTree.Repo.new(Gio.File.new_for_path(sys.argv[1]+'/ostree/repo')); r.open(None); r.lock_push(OSTree.RepoLockType.${exclusive ? "EXCLUSIVE" : "SHARED"}, None)`;

/** Another program that holds a lock of libostree until it is disposed. */
async function holder(script: string, sysroot: string) {
  const child = spawn("/usr/bin/python3", ["-c", `${script}\nprint("held", flush=True); sys.stdin.read()`, sysroot], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return {
    name: `python3 (pid ${child.pid})`,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await once(child, "close");
    },
  };
}

async function emptySysroot(directory: string): Promise<string> {
  const sysroot = join(directory, "sysroot");
  await mkdir(sysroot);
  await ostreeCli("admin", "init-fs", "--modern", sysroot);
  return sysroot;
}

test("sees that somebody holds the sysroot, who it is, and when it is over", async () => {
  await using directory = await temporaryDirectory();
  const sysroot = await emptySysroot(directory.path);
  expect(await heldLocks({ sysroot })).toEqual([]);
  {
    await using other = await holder(sysrootLock, sysroot);
    expect(await heldLocks({ sysroot })).toEqual([{ lock: "sysroot", holders: [other.name] }]);
  }
  expect(await heldLocks({ sysroot })).toEqual([]);
});

test("sees who deletes from the repository, and does not mind who only reads or pulls", async () => {
  await using directory = await temporaryDirectory();
  const sysroot = await emptySysroot(directory.path);
  {
    await using other = await holder(repositoryLock(true), sysroot);
    expect(await heldLocks({ sysroot })).toEqual([{ lock: "repository", holders: [other.name] }]);
  }
  await using _ = await holder(repositoryLock(false), sysroot);
  expect(await heldLocks({ sysroot })).toEqual([]);
});

test("takes no other sysroot's lock for its own", async () => {
  await using first = await temporaryDirectory();
  await using second = await temporaryDirectory();
  await using _ = await holder(sysrootLock, await emptySysroot(first.path));
  expect(await heldLocks({ sysroot: await emptySysroot(second.path) })).toEqual([]);
});

test("reads /proc/locks, and passes over who only waits", () => {
  const text = `1: POSIX  ADVISORY  WRITE 812 fd:01:131090 0 EOF
1: -> POSIX  ADVISORY  WRITE 900 fd:01:131090 0 EOF
2: FLOCK  ADVISORY  READ 12 00:1a:77 0 EOF
3: OFDLCK ADVISORY  WRITE -1 103:02:5636642 201 201
garbage
`;
  expect(parseLocks(text)).toEqual([
    { exclusive: true, device: "253:1", inode: "131090" },
    { exclusive: false, device: "0:26", inode: "77" },
    { exclusive: true, device: "259:2", inode: "5636642" },
  ]);
});
