import { execFile } from "node:child_process";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { cleanup, hasLeftovers } from "./cleanup.ts";
import { kernelsOnBoot } from "./kernel.ts";
import { pullMetadata } from "./pull.ts";
import { hasCommit } from "./read-commit.ts";
import { setRef } from "./ref.ts";
import { ensureRemote } from "./remote.ts";
import { readDeployments } from "./status.ts";
import { makeSysroot, ostreeCli, publishVersions, serveDirectory, temporaryDirectory } from "./test-tree.ts";
import { sysrootRepo } from "./ostree.ts";

process.env["OSTREE_SYSROOT_DEBUG"] = "mutable-deployments";
const exec = promisify(execFile);

/** A sysroot that runs version 1, and a server that has version 2. */
async function scene(directory: string) {
  const { repo: archive, commits } = await publishVersions({ directory, versions: ["1", "2"] });
  const sysroot = await makeSysroot({ directory, archive, commits: commits.slice(0, 1) });
  const repo = sysrootRepo(sysroot);
  await ensureRemote({ repo, remote: "treeline" });
  return { archive, sysroot, repo, second: commits[1] ?? "" };
}
const staging = async (repo: string): Promise<readonly string[]> =>
  (await readdir(join(repo, "tmp"))).filter((name) => name.startsWith("staging-"));

test("frees what a pull that was killed has left, also of this boot", async () => {
  await using directory = await temporaryDirectory();
  const { archive, sysroot, repo, second } = await scene(directory.path);
  let contents = 0;
  // Objects that never come keep the pull at work until it is killed.
  await using server = await serveDirectory(archive, (path) => (path.endsWith(".filez") && ++contents > 3 ? -1 : undefined));
  const pull = exec("ostree", ["pull", `--repo=${repo}`, `--url=${server.url}`, "--disable-static-deltas", "treeline", second]);
  const ended = pull.catch(() => undefined);
  await expect.poll(() => contents, { timeout: 20_000 }).toBeGreaterThan(3);
  pull.child.kill("SIGKILL");
  await ended;
  expect(await staging(repo)).not.toEqual([]);
  expect(await hasLeftovers(repo)).toBe(true);
  await cleanup({ sysroot });
  expect(await staging(repo)).toEqual([]);
  expect(await hasLeftovers(repo)).toBe(false);
  expect(await hasCommit(repo, second)).toBe(false);
  expect((await readDeployments({ sysroot })).map(({ version }) => version)).toEqual(["1"]);
  await ostreeCli(`--repo=${repo}`, "fsck", "--quiet");
});

test("frees what was left in an earlier boot, and a commit of which only the metadata came", async () => {
  await using directory = await temporaryDirectory();
  const { archive, sysroot, repo, second } = await scene(directory.path);
  expect(await hasLeftovers(repo)).toBe(false);
  const old = join(repo, "tmp/staging-00000000-0000-4000-8000-000000000000-abcdef");
  await mkdir(join(old, "ab"), { recursive: true });
  await writeFile(join(old, "ab/object.file"), "content");
  expect(await hasLeftovers(repo)).toBe(true);
  await rm(old, { recursive: true });
  expect(await hasLeftovers(repo)).toBe(false);
  await mkdir(old);
  await using server = await serveDirectory(archive);
  await pullMetadata({ repo, remote: "treeline", url: server.url, checksum: second });
  expect(await hasLeftovers(repo)).toBe(true);
  await cleanup({ sysroot });
  expect(await staging(repo)).toEqual([]);
  expect(await hasLeftovers(repo)).toBe(false);
});

test("leaves what a ref holds, and a mark without a commit is nothing to clean up", async () => {
  await using directory = await temporaryDirectory();
  const { archive, sysroot, repo, second } = await scene(directory.path);
  await ostreeCli(`--repo=${repo}`, "pull-local", archive, second);
  await setRef({ repo, ref: "treeline/keep", checksum: second });
  await writeFile(join(repo, `state/${"0".repeat(64)}.commitpartial`), "");
  expect(await hasLeftovers(repo)).toBe(false);
  await cleanup({ sysroot });
  expect(await hasCommit(repo, second)).toBe(true);
  await ostreeCli(`--repo=${repo}`, "fsck", "--quiet");
});

test("knows what the kernels of deployments take on /boot, and which share one", async () => {
  await using directory = await temporaryDirectory();
  const { archive, sysroot, repo } = await scene(directory.path);
  const [first] = await readDeployments({ sysroot });
  await ostreeCli("admin", "deploy", `--sysroot=${sysroot}`, "--os=fleetos", "--retain", first?.refspec ?? "");
  const kernels = await kernelsOnBoot({ sysroot });
  expect(kernels.map(({ deployment: { checksum, serial }, bytes }) => [checksum, serial, bytes])).toEqual(
    expect.arrayContaining([0, 1].map((serial) => [first?.checksum, serial, "kernel 1".length + "initramfs 1".length])),
  );
  expect(new Set(kernels.map((kernel) => kernel.directory)).size).toBe(1);
  expect(await readdir(archive)).not.toEqual([]);
  expect(await hasLeftovers(repo)).toBe(false);
});
