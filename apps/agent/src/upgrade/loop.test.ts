import { generateKeyPair } from "@treeline/ostree";
import { afterEach, describe, expect, it } from "vitest";
import { heard } from "../session/test-server.ts";
import { orderOf } from "./test-host.ts";
import { next, permission, runs, testScene, wait } from "./test-scene.ts";

describe("upgrade loop on a real sysroot", () => {
  let at: Awaited<ReturnType<typeof testScene>>;
  const begin = async (options: Parameters<typeof testScene>[0] = {}) => {
    at = await testScene(options);
    await at.host.powerOn();
    await at.settled("Idle");
  };
  afterEach(() => at.stack.disposeAsync());

  it("stages, waits for its slot, asks, deploys, reboots, proves, and lets go of what it held", async () => {
    await begin();
    at.order(orderOf(at.v2, 1));
    await at.settled("Staged");
    expect(await next(at.host)).toBe("1");
    expect(await at.host.refs()).toContain("treeline/target");
    expect(at.confirmations).toEqual([]);
    expect(at.server.sessions[0]!.received.some((message) => message.kind === "progress" && message.bytesDone > 0 && message.objectsDone > 0)).toBe(true);

    at.order(orderOf(at.v2, 2, { permission }));
    await at.settled("Rebooting");
    await expect.poll(() => at.host.reboots.length, wait).toBe(1);
    expect(at.confirmations).toEqual([{ granted: true, bootId: at.host.bootId, checksum: at.v2.checksum }]);
    expect(await next(at.host)).toBe("2");
    expect((await at.host.readOs()).deployments[0]?.refspec).toBe("treeline:os/stable");

    await at.reboot();
    expect(await runs(at.host)).toBe("2");
    await at.settled("Updated");
    expect(at.update()).toMatchObject({ closed: [{ attempt: { rollout: "r1", number: 1 }, outcome: { kind: "updated", bootId: at.host.bootId } }], highest: { epoch: 1, number: 2 } });
    // Nothing is let go before the server says again what the host shall be.
    at.resend();
    await expect.poll(() => at.host.refs(), wait).not.toContain("treeline/target");
    expect(at.host.reboots).toHaveLength(1);
  });

  it("uses a static delta", async () => {
    await begin({ delta: true });
    at.order(orderOf(at.v2, 1));
    await at.settled("Staged");
    const progress = at.server.sessions[0]!.received.filter((message) => message.kind === "progress").at(-1);
    expect(progress?.bytesTotal).toBeGreaterThan(0);
    expect(progress?.bytesDone).toBe(progress?.bytesTotal);
    const paths = at.host.contentRequests.map(({ path }) => path);
    expect(paths.some((path) => path.includes("/deltas/"))).toBe(true);
    expect(paths.filter((path) => path.endsWith(".filez"))).toEqual([]);
  });

  it.each([
    ["unsigned", null, /not signed/],
    ["signed by a stranger", generateKeyPair().secretKey, /not signed by any key this host trusts/],
  ])("refuses a commit that is %s before it asks for its content", async (_, signedWith, reason) => {
    await begin({ signedWith });
    at.order(orderOf(at.v2, 1, { permission }));
    await at.settled("Failed");
    expect(at.update()?.closed[0]?.outcome).toMatchObject({ kind: "failed", failure: "release", reason: expect.stringMatching(reason) });
    expect(at.host.contentRequests.every(({ path }) => /\.(commit|commitmeta|sig)$|\/(config|summary)$|\/delta-indexes\//.test(path))).toBe(true);
    expect(at.confirmations).toEqual([]);
    expect((await at.host.readOs()).deployments).toHaveLength(1);
    expect(await at.host.refs()).not.toContain("treeline/target");
  });

  it("deploys nothing without a grant, and says why it waits", async () => {
    await begin();
    at.answer.granted = false;
    at.order(orderOf(at.v2, 1, { permission }));
    await expect.poll(() => at.update()?.reason, wait).toBe("not confirmed: budget");
    expect((await at.host.readOs()).deployments).toHaveLength(1);
    at.order({ generation: { epoch: 1, number: 2 }, target: { checksum: at.v1.checksum, ref: "os/stable", version: "1" } });
    await expect.poll(() => at.update()?.closed[0]?.outcome.kind, wait).toBe("abandoned");
    expect((await at.host.readOs()).deployments).toHaveLength(1);
  });

  it("deploys nothing on a grant that is too old when it comes to it, and asks again", async () => {
    await begin();
    at.answer.ttlMillis = 0;
    at.order(orderOf(at.v2, 1, { permission }));
    await expect.poll(() => at.confirmations.length, wait).toBeGreaterThan(2);
    expect((await at.host.readOs()).deployments).toHaveLength(1);
    at.answer.ttlMillis = 30_000;
    await at.settled("Rebooting");
    expect(await next(at.host)).toBe("2");
  });

  it("deploys nothing when the grant runs out between the decision and the deed", async () => {
    at = await testScene();
    await at.host.powerOn(async (point) => {
      if (point !== "deploy" || !at.answer.granted) return;
      at.answer.granted = false;
      await new Promise((resolve) => setTimeout(resolve, at.answer.ttlMillis));
    });
    await at.settled("Idle");
    at.answer.ttlMillis = 1000;
    at.order(orderOf(at.v2, 1, { permission }));
    await expect.poll(() => at.update()?.reason, wait).toBe("not confirmed: budget");
    expect((await at.host.readOs()).deployments).toHaveLength(1);
    expect(at.update()?.phase).toBe("Finalizing");
  });

  it("goes back by itself from a commit whose required check is red, and denies it", async () => {
    await begin();
    at.host.checks.set("2", "red");
    at.order(orderOf(at.v2, 1, { permission }));
    await at.settled("Rebooting");
    await at.reboot();
    expect(await runs(at.host)).toBe("2");
    await expect.poll(() => at.host.reboots.length, wait).toBe(2);
    await expect.poll(() => next(at.host), wait).toBe("1");
    await at.reboot();
    expect(await runs(at.host)).toBe("1");
    await at.settled("RolledBack");
    expect(at.update()).toMatchObject({ closed: [{ outcome: { kind: "rolled-back", cause: "required-check" } }], denied: [{ checksum: at.v2.checksum }] });
    expect(at.host.reboots).toHaveLength(2);
  });

  it("stops a pull that was called off, and is ready for the next order", async () => {
    await begin();
    at.host.contentFault = ({ path }) => (path.endsWith(".filez") ? "stall" : undefined);
    at.order(orderOf(at.v2, 1));
    await expect.poll(() => at.host.contentRequests.some(({ path }) => path.endsWith(".filez")), wait).toBe(true);
    at.order({ generation: { epoch: 1, number: 2 }, target: { checksum: at.v1.checksum, ref: "os/stable", version: "1" } });
    await expect.poll(() => at.update()?.closed[0]?.outcome.kind, wait).toBe("abandoned");
    at.host.contentFault = undefined;
    at.order(orderOf(at.v2, 3, { ref: { rollout: "r1", number: 2 } }));
    await at.settled("Staged");
  });

  it("tries a failing content server again within the attempt", async () => {
    await begin();
    let faults = 20;
    at.host.contentFault = () => (faults-- > 0 ? 503 : undefined);
    at.order(orderOf(at.v2, 1));
    await at.settled("Staged");
    expect(at.update()?.closed).toEqual([]);
  });

  it("pulls no faster than the order says", async () => {
    await begin();
    at.order(orderOf(at.v2, 1, { maxBytesPerSecond: 1 }));
    await expect.poll(() => at.host.contentRequests.length, wait).toBeGreaterThan(0);
    // Long enough for the whole pull without a limit; at one byte a second the metadata alone take minutes.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(at.update()?.phase).toBe("Staging");
    expect(at.host.contentRequests.filter(({ path }) => path.endsWith(".filez"))).toEqual([]);
  });

  it.each(["deploy", "after-confirm", "after-deploy", "reboot", "stage:pull", "after-stage"])("goes on after a crash at %s", async (point) => {
    // Somebody has to ask again for the reboot that the crash prevented.
    at = await testScene({ limits: { rebootMillis: 500 } });
    const held = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    await at.host.powerOn((reached) => {
      if (reached !== point) return Promise.resolve();
      held.resolve();
      return released.promise;
    });
    await at.settled("Idle");
    at.order(orderOf(at.v2, 1, { permission }));
    await held.promise;
    const crashed = at.host.crash();
    released.resolve();
    await crashed;
    const before = at.server.sessions.length;
    await at.host.startAgent();
    await expect.poll(() => at.server.sessions.length > before && heard(at.server.sessions.at(-1)!.received).sequences.length > 0, wait).toBe(true);
    at.resend();
    await at.settled("Rebooting");
    await expect.poll(() => at.host.reboots.length, wait).toBeGreaterThan(0);
    await at.reboot();
    await at.settled("Updated");
    expect(await runs(at.host)).toBe("2");
    expect((await at.host.readOs()).deployments.map(({ version }) => version)).toEqual(["2", "1"]);
  });

  it("sets a damaged journal aside, says so, and goes on from what ostree says", async () => {
    await begin();
    at.order(orderOf(at.v2, 1, { permission }));
    await at.settled("Rebooting");
    await at.host.crash();
    const { writeFile } = await import("node:fs/promises");
    await writeFile(`${at.host.stateDirectory}/journal.json`, "{");
    await at.host.powerOn();
    await expect.poll(() => at.update()?.journalNote, wait).toMatch(/set aside/);
    at.order(orderOf(at.v2, 2, { permission }));
    await at.settled("Updated");
    expect(at.host.reboots).toHaveLength(1);
  });

  it("tells the server when ostree says nothing any more under an open attempt, and goes on when it does again", async () => {
    await begin();
    at.order(orderOf(at.v2, 1));
    await at.settled("Staged");
    const { rename } = await import("node:fs/promises");
    const repo = `${at.host.sysroot}/ostree/repo`;
    await rename(repo, `${repo}.away`);
    await expect.poll(() => at.update()?.reason, wait).toMatch(/^ostree does not say what this host has: /);
    expect(at.observed().os?.deployments).toEqual([]);
    expect(at.update()).toMatchObject({ phase: "Staged", open: { attempt: { rollout: "r1", number: 1 } } });
    await rename(`${repo}.away`, repo);
    await expect.poll(() => at.observed().os?.deployments.length, wait).toBe(1);
    at.order(orderOf(at.v2, 2, { permission }));
    await at.settled("Rebooting");
  });

  it("shows a red host as not eligible and begins once its checks are green", async () => {
    at = await testScene();
    at.host.checks.set("1", "red");
    await at.host.powerOn();
    await expect.poll(() => at.observed().health?.state, wait).toBe("red");
    at.order(orderOf(at.v2, 1));
    await at.settled("NotEligible");
    expect(at.host.contentRequests).toEqual([]);
    at.host.checks.delete("1");
    await at.settled("Staged");
  });
});

