import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bootedDeployment, type Deployment, type Intent } from "@treeline/fleet";
import { resolveRef, setRef, sysrootRepo, undeploy } from "@treeline/ostree";
import { afterEach, describe, expect, it } from "vitest";
import { heard } from "../session/test-server.ts";
import { orderOf, testRef, type TestHost } from "./test-host.ts";
import { next, permission, runs, testScene, wait } from "./test-scene.ts";

const forward = { rollout: "r1", number: 1 };
const back = { rollout: "r1", number: 2 };

const inEtc = (host: TestHost, { osname, checksum, serial }: Pick<Deployment, "osname" | "checksum" | "serial">): string =>
  join(host.sysroot, `ostree/deploy/${osname}/deploy/${checksum}.${serial}/etc/treeline-test`);

describe("a way back that the server orders, on a real sysroot", () => {
  let at: Awaited<ReturnType<typeof testScene>>;
  afterEach(() => at.stack.disposeAsync());

  const keep = (): string | null => at.v1.checksum;
  const kept = (): Promise<string | null> => resolveRef({ repo: sysrootRepo(at.host.sysroot), ref: "treeline/keep" });
  const ended = async (number: number): Promise<void> => {
    await expect.poll(() => at.update()?.closed.at(-1)?.attempt.number, wait).toBe(number);
  };
  const orderBack = (number: number, more: Partial<NonNullable<Intent["attempt"]>> = {}): void =>
    at.order({ ...orderOf(at.v1, number, { ref: back, back: true, permission, ...more }), keep: at.v1.checksum });

  /** Version 1 is what the image came with, signed by nobody; the host has been updated to version 2, and is told to keep the first. */
  async function updated(options: Parameters<typeof testScene>[0] = {}, keeps = true) {
    at = await testScene({ installedUnsigned: true, ...options });
    await at.host.powerOn();
    await at.settled("Idle");
    at.order({ ...orderOf(at.v2, 1, { permission }), ...(keeps ? { keep: at.v1.checksum } : {}) });
    await at.settled("Rebooting");
    await at.reboot();
    await at.settled("Updated");
    expect(await runs(at.host)).toBe("2");
    // A server sends its intent with every session. Only then the host lets go of what the attempt held, and what is held is not pruned.
    at.resend();
    const held = (): Promise<string | null> => resolveRef({ repo: sysrootRepo(at.host.sysroot), ref: "treeline/base" });
    await expect.poll(held, wait).toBeNull();
    const deployments = (await at.host.readOs()).deployments;
    const [second, first] = [deployments[0]!, deployments[1]!];
    await writeFile(inEtc(at.host, first), "of the first\n");
    await writeFile(inEtc(at.host, second), "of the second\n");
    at.host.contentRequests.length = 0;
    return { first, second };
  }

  it("takes the deployment that is there, with its own /etc, unsigned as it is, although checks are red, and downloads nothing", async () => {
    const { first } = await updated();
    expect(await kept()).toBe(keep());
    at.host.checks.set("2", "red");
    orderBack(2);
    await at.settled("Rebooting");
    expect(at.confirmations.at(-1)).toMatchObject({ granted: true, checksum: at.v1.checksum });
    expect((await at.host.readOs()).deployments[0]).toMatchObject({ checksum: first.checksum, serial: first.serial, booted: false });
    await at.reboot();
    await ended(2);
    expect(bootedDeployment(await at.host.readOs())).toMatchObject({ checksum: first.checksum, serial: first.serial });
    expect(await readFile(inEtc(at.host, first), "utf8")).toBe("of the first\n");
    expect(at.update()).toMatchObject({ closed: [{ attempt: forward }, { attempt: back, outcome: { kind: "updated", bootId: at.host.bootId } }], denied: [] });
    expect(at.host.contentRequests).toEqual([]);
  });

  it("deploys the commit from the host's own repository when its deployment is gone; ostree merges /etc", async () => {
    const { first } = await updated();
    await undeploy({ sysroot: at.host.sysroot, deployment: first });
    orderBack(2);
    await at.settled("Rebooting");
    await at.reboot();
    await ended(2);
    const booted = bootedDeployment(await at.host.readOs())!;
    expect(booted).toMatchObject({ checksum: at.v1.checksum, refspec: `treeline:${testRef}` });
    expect(await readFile(inEtc(at.host, booted), "utf8")).toBe("of the second\n");
    expect(at.update()).toMatchObject({ closed: [{}, { outcome: { kind: "updated" } }], denied: [] });
    expect(at.host.contentRequests).toEqual([]);
  });

  it("fetches the commit when nothing kept it, and then it must be signed", async () => {
    const { first } = await updated({}, false);
    expect(await kept()).toBeNull();
    await undeploy({ sysroot: at.host.sysroot, deployment: first });
    orderBack(2);
    await ended(2);
    expect(at.update()?.closed.at(-1)?.outcome).toMatchObject({ kind: "failed", failure: "release", reason: expect.stringMatching(/not signed/) });
    expect(at.host.contentRequests.length).toBeGreaterThan(0);
    expect(at.host.contentRequests.some(({ path }) => path.endsWith(".filez"))).toBe(false);
    expect(await runs(at.host)).toBe("2");
    expect(await kept()).toBeNull();
  });

  it("fetches a signed commit that is gone like any other", async () => {
    const { first } = await updated({ installedUnsigned: false }, false);
    await undeploy({ sysroot: at.host.sysroot, deployment: first });
    orderBack(2);
    await at.settled("Rebooting");
    await at.reboot();
    await ended(2);
    expect(await runs(at.host)).toBe("1");
    expect(at.host.contentRequests.some(({ path }) => path.endsWith(".filez"))).toBe(true);
  });

  it("does not take a commit for granted that lies here whole but that this host never ran", async () => {
    const { first } = await updated({}, false);
    // The target's own ref proves nothing: whoever orders names the target.
    const repo = sysrootRepo(at.host.sysroot);
    await setRef({ repo, ref: "treeline/target", checksum: first.checksum });
    await undeploy({ sysroot: at.host.sysroot, deployment: first });
    orderBack(2);
    await ended(2);
    expect(at.update()?.closed.at(-1)?.outcome).toMatchObject({ kind: "failed", failure: "release" });
    expect(await runs(at.host)).toBe("2");
  });

  it("changes nothing when the grant runs out between the decision and the deed", async () => {
    await updated();
    await at.host.crash();
    at.answer.ttlMillis = 1000;
    await at.host.startAgent(async (point) => {
      if (point !== "set-default" || !at.answer.granted) return;
      at.answer.granted = false;
      await new Promise((resolve) => setTimeout(resolve, at.answer.ttlMillis));
    });
    await expect.poll(() => at.server.sessions.length > 2 && at.update() !== undefined, wait).toBe(true);
    orderBack(2);
    await expect.poll(() => at.update()?.reason, wait).toBe("not confirmed: budget");
    expect(await next(at.host)).toBe("2");
    expect(at.update()?.phase).toBe("Finalizing");
  });

  it("stays on the commit it went back to when that is red as well: an operator is needed, and nothing is denied", async () => {
    await updated();
    at.host.checks.set("1", "red");
    orderBack(2);
    await at.settled("Rebooting");
    const reboots = at.host.reboots.length;
    await at.reboot();
    await ended(2);
    expect(at.update()).toMatchObject({ closed: [{}, { outcome: { kind: "failed", failure: "needs-operator" } }], denied: [] });
    expect(await runs(at.host)).toBe("1");
    expect(await next(at.host)).toBe("1");
    expect(at.host.reboots).toHaveLength(reboots);
  });

  it.each(["after-stage", "after-confirm", "set-default", "after-set-default", "reboot"])("goes on after a crash at %s", async (point) => {
    await updated({ limits: { rebootMillis: 500 } });
    await at.host.crash();
    const held = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const sessions = at.server.sessions.length;
    await at.host.startAgent((reached) => {
      if (reached !== point) return Promise.resolve();
      held.resolve();
      return released.promise;
    });
    const connected = (more: number) => expect.poll(() => at.server.sessions.length >= more && heard(at.server.sessions.at(-1)!.received).sequences.length > 0, wait).toBe(true);
    await connected(sessions + 1);
    orderBack(2);
    await held.promise;
    const crashed = at.host.crash();
    released.resolve();
    await crashed;
    const reboots = at.host.reboots.length;
    await at.host.startAgent();
    await connected(sessions + 2);
    at.resend();
    await expect.poll(() => at.host.reboots.length, wait).toBeGreaterThan(reboots);
    await at.reboot();
    await ended(2);
    expect(await runs(at.host)).toBe("1");
    expect(at.update()).toMatchObject({ closed: [{}, { outcome: { kind: "updated" } }], denied: [] });
    expect((await at.host.readOs()).deployments).toHaveLength(2);
  });

  it("keeps the commit through restarts, whatever is deployed, and until an intent does not name it", async () => {
    const { first } = await updated();
    await undeploy({ sysroot: at.host.sysroot, deployment: first });
    await at.reboot();
    expect(await kept()).toBe(keep());
    expect((await at.host.refs()).split("\n")).not.toContain("treeline/base");
    at.order({ ...orderOf(at.v2, 2), keep: at.v1.checksum });
    await expect.poll(() => at.update()?.highest.number, wait).toBe(2);
    expect(await kept()).toBe(keep());
    at.order(orderOf(at.v2, 3));
    await expect.poll(kept, wait).toBeNull();
  });
});
