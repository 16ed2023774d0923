import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pullMetadata } from "./pull.ts";
import { sysrootRepo } from "./ostree.ts";
import { ensureGpgRemote, ensureRemote } from "./remote.ts";
import { initArchive } from "./repository.ts";
import { readDeployments } from "./status.ts";
import { osname, ostreeCli, ref, temporaryDirectory, writeTree } from "./test-tree.ts";

/** Real keys of a real gpg. */
const exec = promisify(execFile);
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let archive: string;
const commits = { ours: "", theirs: "", unsigned: "" };
let keyrings: { readonly ours: string; readonly theirs: string };

beforeAll(async () => {
  directory = await temporaryDirectory();
  archive = join(directory.path, "archive");
  await initArchive({ repo: archive });
  await writeTree(join(directory.path, "tree"), "1");
  const home = join(directory.path, "gnupg");
  await mkdir(home, { mode: 0o700 });
  const gpg = async (...args: readonly string[]): Promise<string> =>
    (await exec("gpg", ["--batch", "--homedir", home, "--passphrase", "", ...args])).stdout;
  const keyring = async (name: string, flag: readonly string[]): Promise<string> => {
    await gpg("--quick-gen-key", `${name}@example.org`, "ed25519", "sign", "never");
    const file = join(directory.path, `${name}.key`);
    await gpg(...flag, "--output", file, "--export", `${name}@example.org`);
    return file;
  };
  keyrings = { ours: await keyring("ours", ["--armor"]), theirs: await keyring("theirs", []) };
  const commit = (...flags: readonly string[]): Promise<string> =>
    ostreeCli("commit", `--repo=${archive}`, `--branch=${ref}`, `--tree=dir=${join(directory.path, "tree")}`, ...flags);
  const signed = (name: string): Promise<string> => commit(`--gpg-sign=${name}@example.org`, `--gpg-homedir=${home}`, `--subject=${name}`);
  commits.ours = await signed("ours");
  commits.theirs = await signed("theirs");
  commits.unsigned = await commit("--subject=unsigned");
  await exec("gpgconf", ["--homedir", home, "--kill", "all"]);
});
afterAll(() => directory[Symbol.asyncDispose]());

/** An empty repository, and two directories for keyrings as a host has them. */
async function host(name: string) {
  const root = join(directory.path, name);
  const [repo, image, etc] = [join(root, "repo"), join(root, "usr/gpg-keys.d"), join(root, "etc/gpg-keys.d")];
  for (const folder of [repo, image]) await mkdir(folder, { recursive: true });
  await initArchive({ repo });
  return {
    repo,
    image,
    etc,
    ensureGpg: () => ensureGpgRemote({ repo, remote: "gpg", directories: [image, etc] }),
    place: async (keyring: string, file: string) => {
      await mkdir(join(file, ".."), { recursive: true });
      await writeFile(file, await readFile(keyring));
    },
    /** Which of the commits ostree lets in. */
    accepted: async (remote: string): Promise<readonly string[]> => {
      const taken: string[] = [];
      for (const [which, checksum] of Object.entries(commits)) {
        try {
          await pullMetadata({ repo, remote, url: `file://${archive}`, checksum });
          taken.push(which);
        } catch (error) {
          expect(error).toMatchObject({ code: "signature", retryable: false });
        }
      }
      return taken;
    },
  };
}

describe("the remote for GPG", () => {
  test("is not made without keyrings", async () => {
    const { ensureGpg, image, repo } = await host("plain");
    await writeFile(join(image, "README"), "not a keyring");
    expect(await ensureGpg()).toBe(false);
    expect(await ostreeCli("remote", "list", `--repo=${repo}`)).toBe("");
  });

  test("lets in what a key of the keyrings signed, armored or not, and neither another's commit nor an unsigned one", async () => {
    const { ensureGpg, accepted, place, image, etc } = await host("keyrings");
    await place(keyrings.ours, join(image, "release.asc"));
    expect(await ensureGpg()).toBe(true);
    expect(await accepted("gpg")).toEqual(["ours"]);
    // A keyring that comes later counts, too, and one that goes does not any more; also for a commit that lies here already.
    await place(keyrings.theirs, join(etc, "more.gpg"));
    await ensureGpg();
    expect(await accepted("gpg")).toEqual(["ours", "theirs"]);
    await rm(join(image, "release.asc"));
    await ensureGpg();
    expect(await accepted("gpg")).toEqual(["theirs"]);
  });
});

describe("the other remote", () => {
  test("takes every commit: its ed25519 signature is checked elsewhere", async () => {
    const { repo, accepted } = await host("other");
    await ensureRemote({ repo, remote: "treeline" });
    expect(await accepted("treeline")).toEqual(["ours", "theirs", "unsigned"]);
  });

  test("keeps what an operator set on it", async () => {
    const { repo, accepted, ensureGpg, place, etc } = await host("operator");
    await ostreeCli(
      "remote",
      "add",
      `--repo=${repo}`,
      "--set=gpg-verify=true",
      `--gpg-import=${keyrings.theirs}`,
      "treeline",
      "http://a.invalid",
    );
    await place(keyrings.ours, join(etc, "release.asc"));
    const before = await readFile(join(repo, "config"), "utf8");
    await ensureRemote({ repo, remote: "treeline" });
    expect(await readFile(join(repo, "config"), "utf8")).toBe(before);
    await ensureGpg();
    // Both are asked: each has its own keys.
    expect([await accepted("treeline"), await accepted("gpg")]).toEqual([["theirs"], ["ours"]]);
  });
});

test("a host whose own remote verifies shows its deployments: ostree prints the signature, too", async () => {
  const sysroot = join(directory.path, "sysroot");
  await mkdir(sysroot);
  await ostreeCli("admin", "init-fs", "--modern", sysroot);
  await ostreeCli("admin", "os-init", osname, `--sysroot=${sysroot}`);
  const repo = sysrootRepo(sysroot);
  await ostreeCli("config", `--repo=${repo}`, "set", "sysroot.bootloader", "none");
  await ostreeCli(
    "remote",
    "add",
    `--repo=${repo}`,
    "--set=gpg-verify=true",
    `--gpg-import=${keyrings.ours}`,
    "treeline",
    `file://${archive}`,
  );
  await ostreeCli("pull", `--repo=${repo}`, "treeline", `${ref}@${commits.ours}`);
  await ostreeCli("admin", "deploy", `--sysroot=${sysroot}`, `--os=${osname}`, `treeline:${ref}`);
  expect(await readDeployments({ sysroot })).toMatchObject([{ checksum: commits.ours, refspec: `treeline:${ref}` }]);
});
