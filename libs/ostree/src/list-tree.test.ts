import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kernelOf } from "./kernel.ts";
import { listBare, readBareFile } from "./bare-tree.ts";
import { entriesOf, followLinks, listTree, parseEntries, readTreeFile, type TreeEntry } from "./list-tree.ts";
import { OstreeError } from "./ostree-error.ts";
import { commitTree, initArchive } from "./repository.ts";
import { ostreeCli, ref, temporaryDirectory, writeTree } from "./test-tree.ts";

/** A commit of the usual tree with a few links in it. */
async function scene(directory: string, mode: "archive" | "bare" = "archive") {
  const repo = join(directory, "archive");
  const tree = join(directory, "tree");
  await mkdir(repo);
  await initArchive({ repo });
  await writeTree(tree, "1");
  await writeFile(join(tree, "usr/bin/agent"), "#!/bin/sh\n", { mode: 0o755 });
  await symlink("../var/usrlocal", join(tree, "usr/local"));
  await symlink("/usr/bin", join(tree, "usr/absolute"));
  await symlink("agent", join(tree, "usr/bin/alias"));
  await symlink("../../etc/app.conf", join(tree, "usr/share/data/up"));
  await symlink("loop", join(tree, "usr/bin/loop"));
  await symlink("../../nothing here", join(tree, "usr/bin/dangling"));
  const checksum = await commitTree({ repo, ref, tree, version: "1" });
  if (mode === "archive") return { repo, checksum };
  const bare = join(directory, "bare");
  await ostreeCli("init", `--repo=${bare}`, "--mode=bare");
  await ostreeCli("pull-local", `--repo=${bare}`, repo, checksum);
  return { repo: bare, checksum };
}

const modes = ["archive", "bare"] as const;

test.each(modes)("lists a directory of a commit, a file, and says when there is nothing (%s)", async (mode) => {
  await using directory = await temporaryDirectory();
  const it = await scene(directory.path, mode);
  expect((await listTree({ ...it, path: "/usr/bin" }))?.map(({ kind, path, target }) => [kind, path, target])).toEqual([
    ["file", "/usr/bin/agent", undefined],
    ["link", "/usr/bin/alias", "agent"],
    ["link", "/usr/bin/dangling", "../../nothing here"],
    ["link", "/usr/bin/loop", "loop"],
  ]);
  expect(await listTree({ ...it, path: "/usr/bin/agent" })).toMatchObject([
    { kind: "file", mode: 0o755, size: 10, checksum: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ]);
  expect(await listTree({ ...it, path: "/usr/sbin" })).toBeNull();
  expect(await listTree({ ...it, path: "/usr/bin/agent/x" })).toBeNull();
});

test.each(modes)("follows links to where a path leads, and stops where the commit holds nothing more (%s)", async (mode) => {
  await using directory = await temporaryDirectory();
  const it = await scene(directory.path, mode);
  const leads = [
    ["/usr/bin/agent", "/usr/bin/agent", "file"],
    ["/bin/agent", "/usr/bin/agent", "file"],
    ["/usr/absolute/alias", "/usr/bin/agent", "file"],
    ["/usr/share/data/up", "/usr/etc/app.conf", "file"],
    ["/usr/lib/../bin/./agent", "/usr/bin/agent", "file"],
    ["/usr/bin", "/usr/bin", "directory"],
    ["/usr/local/bin/agent", "/var/usrlocal/bin/agent", undefined],
    ["/usr/bin/other", "/usr/bin/other", undefined],
    ["/usr/bin/agent/x", "/usr/bin/agent/x", undefined],
    ["/usr/bin/dangling", "/nothing here", undefined],
    ["/usr/bin/loop", "/usr/bin/loop", undefined],
    ["/opt/agent", "/opt/agent", undefined],
    ["/", "/", "directory"],
  ] as const;
  const { at: entryAt } = entriesOf(it);
  for (const [path, at, kind] of leads) {
    const found = await followLinks(path, entryAt);
    expect([path, found.path, found.entry?.kind]).toEqual([path, at, kind]);
  }
});

test.each(modes)("reads a commit directory by directory, each once (%s)", async (mode) => {
  await using directory = await temporaryDirectory();
  const it = await scene(directory.path, mode);
  const { at, names } = entriesOf(it);
  expect(await names("/usr/bin")).toEqual(["agent", "alias", "dangling", "loop"]);
  expect(await names("usr/none")).toEqual([]);
  expect([await names("/usr/sbin"), await names("/usr/bin/agent"), await names("/bin")]).toEqual([[], [], []]);
  // What was read once is not asked for again.
  await rm(it.repo, { recursive: true });
  expect(await at("/usr/bin/alias")).toMatchObject({ kind: "link", target: "agent" });
  expect([await at("/usr/bin/other"), await at("/usr/bin/agent/x")]).toEqual([null, null]);
  await expect(at("/usr/share/data")).rejects.toThrow();
});

test.each(modes)("reads a file of a commit (%s)", async (mode) => {
  await using directory = await temporaryDirectory();
  const it = await scene(directory.path, mode);
  expect(await readTreeFile({ ...it, path: "/usr/bin/agent" })).toBe("#!/bin/sh\n");
  for (const path of ["/usr/bin/other", "/usr/bin", "/usr/bin/agent/x"]) {
    await expect(readTreeFile({ ...it, path }), path).rejects.toThrow(OstreeError);
  }
});

test("sees the same in the objects of a bare repository as ostree itself", async () => {
  await using directory = await temporaryDirectory();
  const { repo, checksum } = await scene(directory.path, "bare");
  const say = ({ kind, mode, path, size, target, checksum: sum }: TreeEntry): string => [kind, mode, path, size, target, sum].join(" ");
  const paths = [
    "/",
    "/usr",
    "/usr/bin",
    "/usr/share/data",
    "/usr/lib/modules",
    "/usr/bin/agent",
    "/usr/bin/alias",
    "/var",
    "/opt",
    "/usr/bin/agent/x",
  ];
  for (const path of paths) {
    const said = await ostreeCli("ls", `--repo=${repo}`, "--checksum", "--", checksum, path).catch(() => null);
    const known = said === null ? null : parseEntries(said).map(say).toSorted();
    expect((await listBare({ repo, checksum, path }))?.map(say).toSorted() ?? null, path).toEqual(known);
  }
});

test("does not read a file of a bare repository that is larger than asked for", async () => {
  await using directory = await temporaryDirectory();
  const it = { ...(await scene(directory.path, "bare")), path: "/usr/bin/agent" };
  expect((await readBareFile({ ...it, limit: 10 }))?.toString()).toBe("#!/bin/sh\n");
  await expect(readBareFile({ ...it, limit: 9 })).rejects.toMatchObject({ code: "unexpected-output" });
});

test("says of an object of a bare repository that is gone or no such thing which it is, and that it may come again", async () => {
  await using directory = await temporaryDirectory();
  const it = await scene(directory.path, "bare");
  const said = await ostreeCli("ls", `--repo=${it.repo}`, "-d", "--checksum", "--", it.checksum, "/usr");
  const sum = / ([0-9a-f]{64}) [0-9a-f]{64} /.exec(said)?.[1] ?? "";
  const object = join(it.repo, "objects", sum.slice(0, 2), `${sum.slice(2)}.dirtree`);
  await writeFile(object, "soup");
  await expect(listTree({ ...it, path: "/usr/bin" })).rejects.toMatchObject({ code: "corrupt-object", subject: `${sum}.dirtree` });
  await rm(object);
  await expect(listTree({ ...it, path: "/usr/bin" })).rejects.toMatchObject({ code: "missing-object", retryable: true });
});

test("reads names that hold blanks and arrows, and passes over what is no entry", () => {
  const sum = "ab".repeat(32);
  expect(
    parseEntries(`-00644 0 0     12 ${sum} /usr/a b\nl00777 0 0      0 ${sum} /usr/l -> x y\n-00644 0 0 5 /plain\nrest of a name\n`),
  ).toEqual([
    { kind: "file", mode: 0o644, size: 12, path: "/usr/a b", checksum: sum },
    { kind: "link", mode: 0o777, size: 0, path: "/usr/l", target: "x y", checksum: sum },
    { kind: "file", mode: 0o644, size: 5, path: "/plain" },
  ]);
});

test("knows the kernel of a commit: how large, and whether another has the same", async () => {
  await using directory = await temporaryDirectory();
  const { repo, checksum } = await scene(directory.path);
  const kernel = await kernelOf({ repo, checksum });
  expect(kernel?.bytes).toBe("kernel 1".length + "initramfs 1".length);
  const tree = join(directory.path, "tree");
  await writeFile(join(tree, "usr/bin/agent"), "changed");
  expect((await kernelOf({ repo, checksum: await commitTree({ repo, ref, tree, version: "2" }) }))?.id).toBe(kernel?.id);
  await writeFile(join(tree, "usr/lib/modules/6.1.0-1/initramfs.img"), "changed");
  expect((await kernelOf({ repo, checksum: await commitTree({ repo, ref, tree, version: "3" }) }))?.id).not.toBe(kernel?.id);
  expect(
    await kernelOf({ repo, checksum: await commitTree({ repo, ref, tree: join(tree, "usr/etc"), version: "4", bootable: false }) }),
  ).toBeUndefined();
});
