import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OstreeError } from "./ostree-error.ts";
import { stagedState } from "./staged-state.ts";
import { parseBootEntry, parseKargs, parseStatus, readDeployments } from "./status.ts";
import { makeSysroot, osname, ostreeCli, publishVersions, ref, temporaryDirectory } from "./test-tree.ts";

const v1 = "e6365ecb717d7e004699093f00e0e9548300860f3c787dc42bbaf7efc68cbd20";
const v2 = "314975a28d729d10b32e4702d309dac1302335efbf7ad28dd5c3edf7d2b2597e";
const none = { booted: false, pending: false, staged: false, rollback: false, pinned: false };

test("reads a booted host with a staged and a rollback deployment", () => {
  const text = `  fleetos ${v2}.2 (staged)
    Version: 2
    origin refspec: origin:os/stable
* fleetos ${v2}.1
    Version: 2
    origin refspec: origin:os/stable
  fleetos ${v1}.0 (rollback)
    Version: 1
    Pinned: yes
    origin refspec: origin:os/stable
`;
  const common = { osname: "fleetos", refspec: "origin:os/stable" };
  expect(parseStatus(text, new Map([[`fleetos/${v1}.0`, ["quiet"]]]))).toEqual([
    { ...common, checksum: v2, serial: 2, index: 0, version: "2", ...none, staged: true, kargs: null },
    { ...common, checksum: v2, serial: 1, index: 1, version: "2", ...none, booted: true, kargs: null },
    { ...common, checksum: v1, serial: 0, index: 2, version: "1", ...none, rollback: true, pinned: true, kargs: ["quiet"] },
  ]);
});

test("reads what newer ostree and odd origins add", () => {
  const text = `  fleetos ${v2}.0 (finalization locked) (soft-reboot)
    Version: 40.20240101 (beta)
    Unlocked: hotfix
    origin: <unknown origin type>
    GPG: Signature made Thu 01 Jan 2026 using EdDSA key ID 12
         Can't check signature: public key not found
* fleetos ${v1}.0
`;
  expect(parseStatus(text)).toMatchObject([
    { checksum: v2, staged: true, pending: false, version: "40.20240101 (beta)", refspec: null },
    { checksum: v1, booted: true, version: null, refspec: null },
  ]);
});

test("nothing deployed is an empty list; anything else is refused", () => {
  expect(parseStatus("No deployments.\n")).toEqual([]);
  for (const text of ["hello\n", "    Version: 1\n", `  fleetos ${v1.slice(1)}.0\n`, `* fleetos ${v1}.0\ngarbage\n`]) {
    expect(() => parseStatus(text)).toThrow(OstreeError);
  }
});

test("reads kernel arguments as the kernel does", () => {
  expect(parseKargs(' root=LABEL=root  quiet dyndbg="file a.c +p; file b.c +p" ')).toEqual([
    "root=LABEL=root",
    "quiet",
    'dyndbg="file a.c +p; file b.c +p"',
  ]);
  expect(parseBootEntry("title A\nversion 1\noptions a b\nlinux /v\n")).toEqual(["a", "b"]);
  expect(parseBootEntry("title A\n")).toBeNull();
});

test("reads a real sysroot: order, versions, origins, kernel arguments, pins", async () => {
  await using directory = await temporaryDirectory();
  const { repo, commits } = await publishVersions({ directory: directory.path, versions: ["1", "2"] });
  const [first = "", second = ""] = commits;
  const sysroot = await makeSysroot({ directory: directory.path, archive: repo, commits: [] });
  expect(await readDeployments({ sysroot })).toEqual([]);
  const client = join(sysroot, "ostree/repo");
  for (const commit of commits) {
    await ostreeCli(`--repo=${client}`, "pull-local", "--remote=origin", repo, commit);
    await ostreeCli(`--repo=${client}`, "refs", "--force", `--create=origin:${ref}`, commit);
    await ostreeCli("admin", "deploy", `--sysroot=${sysroot}`, `--os=${osname}`, `--karg=for=${commit}`, `origin:${ref}`);
  }
  await ostreeCli("admin", "pin", `--sysroot=${sysroot}`, "1");
  // A boot entry of another system must not confuse it.
  await writeFile(join(sysroot, "boot/loader/entries/other.conf"), "title Other\noptions root=/dev/sda1\n");
  const common = { osname, serial: 0, refspec: `origin:${ref}`, ...none };
  expect(await readDeployments({ sysroot })).toEqual([
    { ...common, checksum: second, index: 0, version: "2", kargs: [`for=${second}`] },
    { ...common, checksum: first, index: 1, version: "1", pinned: true, kargs: [`for=${first}`] },
  ]);
});

test("a staged deployment and its lock show in /run", async () => {
  await using run = await temporaryDirectory();
  expect(await stagedState({ run: run.path })).toEqual({ staged: false, locked: false });
  await mkdir(join(run.path, "ostree"));
  await writeFile(join(run.path, "ostree/staged-deployment"), "");
  expect(await stagedState({ run: run.path })).toEqual({ staged: true, locked: false });
  await writeFile(join(run.path, "ostree/staged-deployment-locked"), "");
  expect(await stagedState({ run: run.path })).toEqual({ staged: true, locked: true });
});
