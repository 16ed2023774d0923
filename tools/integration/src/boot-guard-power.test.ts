import { readFile } from "node:fs/promises";
import type { Release } from "@treeline/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GuardedHost, GuardedHosts, guardWith, patience, startsAgent } from "./guarded-host.ts";
import { soon } from "./hold-point.ts";
import { deploymentsOf } from "./readings.ts";

/**
 * The power goes at each step of a way back that leaves something on the disk. The guard of the release is the real one with functions before it that
 * count its commands, and stop it for ever before number /var/lib/cut-at; then the test pulls the plug. In production nothing of this exists.
 */
const stops = `
step() {
  number=$(($(cat /var/lib/steps) + 1))
  echo $number >/var/lib/steps
  [ $number != "$(cat /var/lib/cut-at)" ] || { echo "$*" >/var/lib/stopped && while :; do command sleep 1; done; }
}
sync() { step sync "\${1##*/}" && command sync "$@"; }
mv() { step mv "\${3##*/}" && command mv "$@"; }
unshare() { step set-default && command unshare "$@"; }
systemctl() { step reboot && command systemctl "$@"; }
`;

/** All of them, in their order, at the third boot. The base comes back from each; counted is the third boot, or the fourth too where it was lost or came after the count. */
const steps = ["sync .boots.new", "mv boots", "sync guard", "sync .returned.new", "mv returned", "sync guard", "set-default", "reboot"];

let hosts: GuardedHosts;
let base: Release;
let counting: Release;

beforeAll(async () => {
  hosts = await GuardedHosts.open();
  base = await hosts.release("1");
  counting = await hosts.release("2", { ...startsAgent, ...(await guardWith(stops)) });
});
afterAll(() => hosts.close());

/** A host that has booted the release as often as said, and will be stopped at a step of the next time its guard acts. */
async function hostStoppedAt(step: number, options: { readonly boots: number }): Promise<GuardedHost> {
  const host = await hosts.host(base, { files: { "/var/lib/steps": "0\n", "/var/lib/cut-at": "0\n" } });
  await host.upgrade(base, counting);
  await host.machine.waitForAgent(2, patience);
  if (options.boots > 1) await host.writeState("boots", [`deployment=${counting.checksum}.0`, `count=${options.boots}`, "boot=earlier"]);
  await host.shell(`echo 0 >/var/lib/steps; echo ${step} >/var/lib/cut-at`);
  return host;
}

async function stopped(host: GuardedHost): Promise<string> {
  const file = host.machine.pathOutside("/var/lib/stopped");
  const read = () => readFile(file, "utf8").catch(() => "");
  await soon("the guard stops", async () => (await read()).endsWith("\n"));
  return (await read()).trim();
}

/** The host ends on the base by itself, with the base's own /etc and a sound account; and it is sound. */
async function expectHome(host: GuardedHost, because: "boots" | "deadline"): Promise<void> {
  await soon("the base runs", async () => host.booted() === `${base.checksum}.0` && host.machine.state === "running");
  await soon("the guard of the base has seen it", async () => (await host.state("returned"))?.["left"] === "yes" || host.machine.agentPid() !== undefined);
  expect(await host.state("returned")).toMatchObject({ from: `${counting.checksum}.0`, to: `${base.checksum}.0`, because });
  expect(await host.shell("cat /etc/local.conf")).toBe("mine\n");
  expect(await deploymentsOf(host.machine)).toEqual([
    { booted: true, checksum: base.checksum, mark: "" },
    { booted: false, checksum: counting.checksum, mark: "rollback" },
  ]);
  expect(await host.machine.exec(["ostree", "fsck", "--quiet"])).toMatchObject({ code: 0 });
  expect(await host.shell("ls -A /var/lib/treeline/guard")).toMatch(/^(\.\w+\.new\n)*armed\nboots\n(proven\n)?returned\n$/);
}

describe.concurrent("the power goes in the middle of the third boot's way back", () => {
  test.each(steps.map((what, index) => ({ what, step: index + 1 })))("before step $step, $what: it goes back all the same", async ({ what, step }) => {
    await using host = await hostStoppedAt(step, { boots: 2 });
    await host.machine.reboot(patience);
    expect(await stopped(host)).toBe(what);
    await host.machine.powerCut();
    await host.machine.powerOn(patience);
    await expectHome(host, "boots");
  });

  test("there are no other steps", async () => {
    await using host = await hostStoppedAt(0, { boots: 2 });
    await host.machine.reboot(patience);
    await expectHome(host, "boots");
    expect(await host.shell("cat /var/lib/steps")).toBe(`${steps.length}\n`);
  });
});

test.concurrent("the power goes after the deadline's decision: the next boot finishes what was begun, and does not count anew", async () => {
  // This boot is counted already: four steps are left.
  await using host = await hostStoppedAt(4, { boots: 1 });
  void host.guard("deadline");
  expect(await stopped(host)).toBe("set-default");
  await host.machine.powerCut();
  await host.machine.powerOn(patience);
  await expectHome(host, "deadline");
  expect(host.machine).toMatchObject({ bootCount: 4, agentStarts: 3 });
});

test.concurrent("the power goes while ostree changes the default, again and again: it is the one or the other, and in the end the base", async () => {
  await using host = await hostStoppedAt(0, { boots: 1 });
  for (const afterMillis of [20, 60, 100, 140, 180, 220]) {
    const before = host.machine.bootCount;
    if (host.booted() === `${base.checksum}.0`) break;
    void host.guard("deadline");
    await soon("the account is written", async () => (await host.state("returned")) !== undefined, 2);
    await new Promise((resolve) => setTimeout(resolve, afterMillis));
    await host.machine.powerCut();
    await host.machine.powerOn(patience);
    await host.machine.waitForBoot(before + 1, patience);
  }
  await expectHome(host, "deadline");
});

test.concurrent("an agent that proves the release after the decision is too late, and is told so", async () => {
  await using host = await hostStoppedAt(5, { boots: 1 });
  // The last step, the reboot. A guard that stands there holds the lock; killed, it cannot say any more that it has gone back.
  void host.guard("deadline");
  expect(await stopped(host)).toBe("reboot");
  await host.shell(`kill -KILL $(pgrep -f "[b]oot-guard deadline")`);
  expect(await host.guard("disarm", `${counting.checksum}.0`)).toMatchObject({ code: 3, stderr: expect.stringContaining("too late") });
  expect(await host.state("proven")).toBeUndefined();
  await host.shell("echo 0 >/var/lib/cut-at");
  void host.guard("deadline");
  await expectHome(host, "deadline");
});
