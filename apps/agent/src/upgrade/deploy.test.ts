import { join } from "node:path";
import { readDeployments, setRef, sysrootRepo } from "@treeline/ostree";
import { silentLogger } from "@treeline/process";
import type { OsState } from "@treeline/fleet";
import { execFileSync } from "node:child_process";
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

/** Deploys a release as the newest; returns the kernel arguments of all deployments, newest first. */
async function deployed(release: TestRelease, panicSeconds: number | undefined): Promise<readonly string[]> {
  const repo = sysrootRepo(sysroot);
  execFileSync("ostree", [`--repo=${repo}`, "pull-local", archive.repo, release.checksum], { stdio: "ignore" });
  await setRef({ repo, ref: `treeline:${testRef}`, checksum: release.checksum });
  const target = { ...release, ref: testRef };
  expect(await deployTarget({ repo, sysroot, os: await readOs(), target, panicSeconds, mayAct: () => true, logger: silentLogger })).toEqual({ ok: true });
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
