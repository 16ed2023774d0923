import { join } from "node:path";
import { OstreeError, readDeployments, setRef, sysrootRepo } from "@treeline/ostree";
import { silentLogger } from "@treeline/process";
import type { OsState } from "@treeline/fleet";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, expect, it } from "vitest";
import { osStateOf } from "../observe.ts";
import { deployTarget } from "./deploy.ts";
import { installSysroot, testArchive, testDirectory, testRef, type TestRelease } from "./test-host.ts";

let stack: AsyncDisposableStack;
let sysroot: string;
let archive: Awaited<ReturnType<typeof testArchive>>;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  const directory = stack.use(await testDirectory()).path;
  archive = await testArchive(directory);
  sysroot = join(directory, "sysroot");
  await installSysroot({ sysroot, archive, installed: await archive.publish("1") });
});
afterEach(() => stack.disposeAsync());

const readOs = async (): Promise<OsState> => osStateOf("boot", await readDeployments({ sysroot }));

/** A release in the host's repository, held as if it had been staged. */
async function staged(release: TestRelease) {
  const repo = sysrootRepo(sysroot);
  execFileSync("ostree", [`--repo=${repo}`, "pull-local", archive.repo, release.checksum], { stdio: "ignore" });
  await setRef({ repo, ref: `treeline:${testRef}`, checksum: release.checksum });
  return { repo, sysroot, os: await readOs(), target: { ...release, ref: testRef }, mayAct: () => true, logger: silentLogger };
}

/** Deploys a release as the newest; returns the kernel arguments of all deployments, newest first. */
async function deployed(release: TestRelease, panicSeconds: number | undefined): Promise<readonly string[]> {
  expect(await deployTarget({ ...(await staged(release)), panicSeconds })).toEqual({ ok: true });
  return (await readOs()).deployments.map(({ kargs }) => kargs);
}

it("has a kernel that panicked reboot: said once, and taken over by later deployments", async () => {
  expect(await deployed(await archive.publish("2"), 30)).toEqual(["quiet panic=30", "quiet"]);
  expect(await deployed(await archive.publish("3"), 30)).toEqual(["quiet panic=30", "quiet panic=30", "quiet"]);
  expect((await deployed(await archive.publish("4"), 0))[0]).toBe("quiet panic=30");
});

it.each([0, undefined])("leaves the kernel's command line alone when told to (%s)", async (seconds) => {
  expect((await deployed(await archive.publish("2"), seconds))[0]).toBe("quiet");
});

it("leaves an operator's own word alone", async () => {
  execFileSync("ostree", ["admin", "deploy", `--sysroot=${sysroot}`, "--os=fleetos", "--karg-append=panic=-1", `treeline:${testRef}`], { stdio: "ignore" });
  expect((await deployed(await archive.publish("2"), 30))[0]).toBe("quiet panic=-1");
});

it("deploys nothing that is no longer signed by anybody this host trusts, however long ago it was staged", async () => {
  const refused = new OstreeError({ code: "signature", phase: "verify", subject: "it", reason: "its key is retired", remedy: "Sign it again." });
  const result = await deployTarget({ ...(await staged(await archive.publish("2"))), verify: () => Promise.reject(refused) });
  expect(result).toMatchObject({ ok: false, failure: "release", reason: expect.stringContaining("its key is retired") });
  expect((await readOs()).deployments).toHaveLength(1);
});

it("deploys nothing behind the back of another program that is at work, nor after it", async () => {
  const ready = await staged(await archive.publish("2"));
  const script = "import gi,sys; gi.require_version('OSTree','1.0'); from gi.repository import OSTree,Gio\ns=OSTree.Sysroot.new(Gio.File.new_for_path(sys.argv[1])); s.load(None); s.lock()\nprint('held', flush=True); sys.stdin.read()";
  const other = spawn("/usr/bin/python3", ["-c", script, sysroot], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    await once(other.stdout, "data");
    expect(await deployTarget(ready)).toMatchObject({ ok: false, failure: "transient", reason: expect.stringContaining("python3") });
  } finally {
    other.stdin.end();
    await once(other, "close");
  }
  execFileSync("ostree", ["admin", "deploy", `--sysroot=${sysroot}`, "--os=fleetos", `treeline:${testRef}`], { stdio: "ignore" });
  const theirs = await readOs();
  expect(await deployTarget(ready)).toMatchObject({ ok: false, failure: "transient" });
  expect(await readOs()).toEqual(theirs);
});
