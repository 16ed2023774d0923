import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { holdSysroot, nothingMustStart, orderOf, testOsname } from "./test-host.ts";
import { sysrootRepo } from "@treeline/ostree";
import { testScene, wait } from "./test-scene.ts";

const exec = promisify(execFile);

describe("pre-flight on a real sysroot", () => {
  let at: Awaited<ReturnType<typeof testScene>>;
  const begin = async () => {
    at = await testScene();
    await at.host.powerOn();
    await at.settled("Idle");
  };
  const config = (key: string, value: string) => exec("ostree", [`--repo=${sysrootRepo(at.host.sysroot)}`, "config", "set", key, value]);
  const failure = () => at.update()?.closed[0]?.outcome;
  afterEach(() => at.stack.disposeAsync());

  it("fetches nothing where the repository's reserve leaves no room, and says so", async () => {
    await begin();
    await config("core.min-free-space-size", "900000TB");
    at.order(orderOf(at.v2, 1));
    await at.settled("Failed");
    expect(failure()).toMatchObject({ kind: "failed", failure: "node", reason: expect.stringMatching(/no-space.*reserve|reserve.*no-space/) });
    expect(at.host.contentRequests).toEqual([]);
  });

  it("does not overwrite what an operator deployed, and goes on once it is taken back", async () => {
    await begin();
    const { sysroot } = at.host;
    const foreign = await at.archive.publish("9");
    await exec("ostree", [`--repo=${sysrootRepo(sysroot)}`, "pull-local", at.archive.repo, foreign.checksum]);
    await exec("ostree", ["admin", "deploy", `--sysroot=${sysroot}`, `--os=${testOsname}`, foreign.checksum]);
    at.order(orderOf(at.v2, 1));
    await at.settled("Failed");
    expect(failure()).toMatchObject({ kind: "failed", failure: "operator", reason: expect.stringContaining("ostree admin undeploy 0") });
    expect(at.host.contentRequests).toEqual([]);
    expect((await at.host.readOs()).deployments.map(({ version }) => version)).toEqual(["9", "1"]);
    await exec("ostree", ["admin", "undeploy", `--sysroot=${sysroot}`, "0"]);
    at.order(orderOf(at.v2, 2, { ref: { rollout: "r1", number: 2 } }));
    await at.settled("Staged");
  });

  it("waits while another program changes the deployments, and goes on when it is done", async () => {
    await begin();
    const other = await holdSysroot(at.host.sysroot);
    at.host.stagingDelayMillis = 500;
    at.order(orderOf(at.v2, 1));
    await expect.poll(() => at.update()?.reason, wait).toMatch(/python3 \(pid \d+\).*transaction-running/);
    expect(at.host.contentRequests).toEqual([]);
    await other[Symbol.asyncDispose]();
    await at.settled("Staged");
  });

  it("does not stage a release in which the agent would not start", async () => {
    await begin();
    at.host.mustStart = { ...nothingMustStart, paths: [{ what: "the agent", path: "/usr/lib/os-release", isRead: true }] };
    at.order(orderOf(at.v2, 1));
    await at.settled("Staged");
    at.host.mustStart = { ...nothingMustStart, paths: [{ what: "the agent", path: "/usr/bin/env" }] };
    at.order(orderOf(at.v2, 2, { ref: { rollout: "r1", number: 2 } }));
    await at.settled("Failed");
    expect(at.update()?.closed.at(-1)?.outcome).toMatchObject({ failure: "release", reason: expect.stringContaining("/usr/bin/env: the agent would not be there after the boot") });
  });
});
