import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Intent, OsState } from "@treeline/fleet";
import { deploy, hasWholeCommit, readDeployments, setRef, sysrootRepo } from "@treeline/ostree";
import { silentLogger } from "@treeline/process";
import { emptyJournal, type Journal } from "@treeline/upgrade";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { osStateOf } from "../observe.ts";
import { holdBase, holdTarget } from "./holds.ts";
import { hostHygiene } from "./hygiene.ts";
import { holdSysroot, installSysroot, testArchive, testDirectory, testOsname, testRef, type TestRelease } from "./test-host.ts";

const exec = promisify(execFile);
const ostreeCli = async (...args: readonly string[]): Promise<string> => (await exec("ostree", [...args])).stdout.trim();

describe("hygiene on a real sysroot", () => {
  let stack: AsyncDisposableStack;
  let directory: string;
  let sysroot: string;
  let repo: string;
  let archive: Awaited<ReturnType<typeof testArchive>>;
  let v1: TestRelease;
  let v2: TestRelease;

  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    directory = stack.use(await testDirectory()).path;
    archive = await testArchive(directory);
    v1 = await archive.publish("1");
    v2 = await archive.publish("2");
    sysroot = join(directory, "sysroot");
    repo = sysrootRepo(sysroot);
    await installSysroot({ sysroot, archive, installed: v1 });
  });
  afterEach(() => stack.disposeAsync());

  /** As `stage` leaves it. */
  async function staged(release: TestRelease): Promise<void> {
    await ostreeCli(`--repo=${repo}`, "pull-local", "--remote=treeline", archive.repo, release.checksum);
    await setRef({ repo, ref: `treeline:${testRef}`, checksum: release.checksum });
    await holdBase(repo, v1.checksum);
    await holdTarget(repo, release.checksum);
  }
  const deployed = async (release: TestRelease): Promise<void> => {
    await staged(release);
    await deploy({ sysroot, osname: testOsname, refspec: `treeline:${testRef}`, stage: false });
  };
  /** The host as it would be with this version booted. */
  async function booted(version: string): Promise<OsState> {
    const { bootId, deployments } = osStateOf("boot", await readDeployments({ sysroot }));
    const at = deployments.findIndex((deployment) => deployment.version === version);
    return { bootId, deployments: deployments.map((deployment, index) => ({ ...deployment, booted: index === at, pending: index < at, rollback: index === at + 1 })) };
  }
  const journal = (...releases: readonly TestRelease[]): Journal => ({
    ...emptyJournal,
    closed: releases.map(({ checksum, version }, index) => ({
      attempt: { rollout: "r", number: index + 1 },
      target: { checksum, ref: testRef, version },
      outcome: { kind: "abandoned", reason: "", bootId: "boot" },
      confirmedBootId: "boot-0",
    })),
  });
  const shallBe = ({ checksum, version }: TestRelease): Intent => ({ generation: { epoch: 1, number: 1 }, target: { checksum, ref: testRef, version } });
  const refs = async (): Promise<readonly string[]> => (await ostreeCli("refs", `--repo=${repo}`)).split("\n").filter((name) => name.startsWith("treeline")).sort();
  const versions = async () => (await readDeployments({ sysroot })).map(({ version }) => version);
  const tidy = () => hostHygiene({ repo, sysroot, logger: silentLogger });

  it("frees a release that was fetched and called off, once the host is what it shall be", async () => {
    await staged(v2);
    const clean = tidy();
    await clean({ os: await booted("1"), journal: journal(v2), intent: shallBe(v2) });
    expect(await hasWholeCommit(repo, v2.checksum)).toBe(true);
    expect(await refs()).toEqual(["treeline/base", "treeline/target", "treeline:os/stable"]);
    await clean({ os: await booted("1"), journal: journal(v2), intent: shallBe(v1) });
    expect(await hasWholeCommit(repo, v2.checksum)).toBe(false);
    expect(await refs()).toEqual([]);
    expect(await versions()).toEqual(["1"]);
    await ostreeCli(`--repo=${repo}`, "fsck", "--quiet");
  });

  it("keeps what runs, where to go back to, and the commit that is kept for a rollback of the whole rollout", async () => {
    await deployed(v2);
    const v3 = await archive.publish("3");
    await ostreeCli(`--repo=${repo}`, "pull-local", archive.repo, v3.checksum);
    await setRef({ repo, ref: "treeline/keep", checksum: v3.checksum });
    await tidy()({ os: await booted("2"), journal: journal(v2), intent: shallBe(v2) });
    expect(await versions()).toEqual(["2", "1"]);
    expect(await refs()).toEqual(["treeline/keep", "treeline:os/stable"]);
    expect(await hasWholeCommit(repo, v3.checksum)).toBe(true);
    await ostreeCli(`--repo=${repo}`, "fsck", "--quiet");
  });

  it("takes away the oldest deployment of ours, and neither a pinned one nor an operator's", async () => {
    for (const version of ["2", "3", "4", "5"]) await deployed(version === "2" ? v2 : await archive.publish(version));
    const os = await booted("5");
    expect(os.deployments.map(({ version }) => version)).toEqual(["5", "4", "3", "2", "1"]);
    await ostreeCli("admin", "pin", `--sysroot=${sysroot}`, "2");
    const ours = os.deployments.filter(({ version }) => version !== "1").map(({ checksum, version }) => ({ checksum, version }));
    await tidy()({ os: await booted("5"), journal: journal(...ours), intent: shallBe(ours[0]!) });
    // 2 was ours. 3 is pinned, and 1 was there before the agent came.
    expect(await versions()).toEqual(["5", "4", "3", "1"]);
    expect(await hasWholeCommit(repo, v2.checksum)).toBe(false);
    await ostreeCli(`--repo=${repo}`, "fsck", "--quiet");
  });

  it("waits while another program changes the host, and does its work afterwards", async () => {
    await staged(v2);
    const clean = tidy();
    const view = { os: await booted("1"), journal: journal(v2), intent: shallBe(v1) };
    {
      await using _ = await holdSysroot(sysroot);
      await clean(view);
      expect(await hasWholeCommit(repo, v2.checksum)).toBe(true);
    }
    await clean(view);
    expect(await hasWholeCommit(repo, v2.checksum)).toBe(false);
  });

  it("starts nothing on a host where nothing has changed, and cleans up nothing where nothing is left", async () => {
    const bin = join(directory, "bin");
    const log = join(directory, "calls");
    await mkdir(bin);
    await writeFile(log, "");
    await writeFile(join(bin, "ostree"), `#!/bin/sh\necho "$@" >> ${log}\nexec /usr/bin/ostree "$@"\n`, { mode: 0o755 });
    const calls = async (): Promise<readonly string[]> => (await readFile(log, "utf8")).split("\n").filter((line) => line !== "");
    const path = process.env["PATH"];
    const clean = tidy();
    const view = { os: await booted("1"), journal: journal(), intent: shallBe(v1) };
    process.env["PATH"] = `${bin}:${path}`;
    try {
      await clean(view);
      expect((await calls()).filter((call) => !/^(refs|rev-parse) /.test(call))).toEqual([]);
      const before = (await calls()).length;
      await clean(view);
      expect(await calls()).toHaveLength(before);
    } finally {
      process.env["PATH"] = path;
    }
  });
});
