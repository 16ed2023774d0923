import type { GuardOrder, GuardState } from "@treeline/upgrade";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { orderOf } from "./test-host.ts";
import { next, permission, testScene, wait } from "./test-scene.ts";

describe("the loop, around the point of no return", () => {
  let at: Awaited<ReturnType<typeof testScene>>;
  beforeEach(async () => {
    at = await testScene();
    await at.host.powerOn();
    await at.settled("Idle");
  });
  afterEach(() => at.stack.disposeAsync());

  const green = () => Promise.resolve({ ok: true as const });

  it("runs the hooks before it asks, and the last ones when all is over", async () => {
    for (const kind of ["pre-drain", "drain", "pre-reboot", "post-update"] as const)
      at.host.hooks.set(kind, () => {
        if (kind === "pre-reboot") expect(at.confirmations).toEqual([]);
        return green();
      });
    at.order(orderOf(at.v2, 1, { permission }));
    await at.settled("Rebooting");
    expect(at.host.hooksRun).toEqual(["pre-drain", "drain", "pre-reboot"]);
    await at.reboot();
    at.resend();
    await at.settled("Updated");
    expect(at.host.hooksRun).toEqual(["pre-drain", "drain", "pre-reboot", "post-update"]);
  });

  it("deploys nothing when a hook says no", async () => {
    at.host.hooks.set("drain", () => Promise.resolve({ ok: false, reason: "10-database: a backup is running" }));
    at.host.hooks.set("post-update", green);
    at.order(orderOf(at.v2, 1, { permission }));
    await at.settled("Failed");
    expect(at.update()?.closed[0]?.outcome).toMatchObject({ kind: "failed", failure: "node", reason: "10-database: a backup is running" });
    expect(at.host.hooksRun).toEqual(["drain", "post-update"]);
    expect(await next(at.host)).toBe("1");
  });

  it("stops a hook when the attempt is called off, and makes the host useful again", async () => {
    at.host.hooks.set("drain", (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve({ ok: false, reason: "stopped" }))));
    at.host.hooks.set("post-update", green);
    at.order(orderOf(at.v2, 1, { permission }));
    await expect.poll(() => at.host.hooksRun, wait).toEqual(["drain"]);
    at.order({ generation: { epoch: 1, number: 2 }, target: { checksum: at.v1.checksum, ref: "os/stable", version: "1" } });
    await expect.poll(() => at.update()?.closed[0]?.outcome.kind, wait).toBe("abandoned");
    expect(at.host.hooksRun).toEqual(["drain", "post-update"]);
  });

  it("runs a hook again that a crash cut short, and does not forget those that ended", async () => {
    at.host.hooks.set("pre-drain", green);
    at.host.hooks.set("drain", (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve({ ok: false, reason: "stopped" }))));
    at.order(orderOf(at.v2, 1, { permission }));
    await expect.poll(() => at.host.hooksRun, wait).toEqual(["pre-drain", "drain"]);
    await at.host.crash();
    at.host.hooks.set("drain", green);
    await at.host.startAgent();
    await expect.poll(() => at.server.sessions.length, wait).toBe(2);
    await expect.poll(() => at.server.sessions[1]!.received.length, wait).toBeGreaterThan(1);
    at.resend();
    await at.settled("Rebooting");
    expect(at.host.hooksRun).toEqual(["pre-drain", "drain", "drain"]);
  });

  it("waits while somebody holds the host, and says who", async () => {
    at.host.heldBy = ["backup: nightly"];
    at.order(orderOf(at.v2, 1, { permission }));
    await expect.poll(() => at.update()?.reason, wait).toBe("held by backup: nightly");
    expect(at.confirmations).toEqual([]);
    expect(at.update()?.phase).toBe("Draining");
  });

  describe("with a boot guard", () => {
    const guardOf = (fault?: "arm" | "disarm") => {
      let state: GuardState = {};
      const calls: string[] = [];
      return {
        calls,
        state: () => state,
        read: () => Promise.resolve(state),
        arm: async (armed: GuardOrder) => {
          calls.push("arm");
          if (fault === "arm") throw new Error("the disk is full");
          state = { armed };
          // Told before anything is deployed.
          expect((await at.host.readOs()).deployments).toHaveLength(1);
        },
        disarm: () => {
          calls.push("disarm");
          if (fault === "disarm") return Promise.reject(new Error("no such program"));
          state = {};
          return Promise.resolve();
        },
      };
    };

    it("tells it before the deployment, and dismisses it when the checks passed", async () => {
      const guard = (at.host.guard = guardOf());
      at.order(orderOf(at.v2, 1, { permission }));
      await at.settled("Rebooting");
      expect(guard.state().armed).toMatchObject({ target: at.v2.checksum, base: { checksum: at.v1.checksum }, earlierSerials: [] });
      await at.reboot();
      at.resend();
      await at.settled("Updated");
      expect(guard.calls).toEqual(["arm", "disarm"]);
    });

    it("deploys nothing that the guard could not be told of", async () => {
      at.host.guard = guardOf("arm");
      at.order(orderOf(at.v2, 1, { permission }));
      await at.settled("Failed");
      expect(at.update()?.closed[0]?.outcome).toMatchObject({ failure: "node", reason: expect.stringContaining("the boot guard cannot be armed: the disk is full") });
      expect(await next(at.host)).toBe("1");
    });

    it("goes on when it cannot be dismissed, and tries again later", async () => {
      const guard = (at.host.guard = guardOf("disarm"));
      at.order(orderOf(at.v2, 1, { permission }));
      await at.settled("Rebooting");
      await at.reboot();
      at.resend();
      await at.settled("Updated");
      expect(guard.calls).toEqual(["arm", "disarm"]);
    });
  });
});
