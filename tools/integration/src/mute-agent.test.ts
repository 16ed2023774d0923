import { existsSync } from "node:fs";
import type { Machine, Release } from "@treeline/testkit";
import { expect, test } from "vitest";
import { bootedChecksum, journalOf } from "./readings.ts";
import { publish, rollOut, sharedFleet, showLogs, startMachine } from "./test-fleet.ts";

/** In a release, it keeps the agent from starting: nothing of ours but the boot guard is left to notice. */
const mute = "/usr/lib/treeline/mute";
const launcher = ["/bin/bash", "-c", `[ -e ${mute} ] && exit 1; exec "$@"`, "launch"];

let first: Release;
let second: Release;
let silent: Release;

const shared = sharedFleet(async (fleet) => {
  first = await publish(fleet, "1.0");
  second = await publish(fleet, "2.0");
  silent = await publish(fleet, "3.0", { [mute]: "" });
});

const guardFile = (machine: Machine, name: string): string => machine.pathOutside(`/var/lib/treeline/guard/${name}`);

test("a release on which no agent starts is left by the boot guard; the agent says who did it, and denies the release", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const machine = await startMachine(fleet, "mute", first, { launcher, files: { "/etc/treeline/boot-guard-deadline": "5\n" } });
  await rollOut(fleet, "mute-3", silent, { nodes: ["mute"] });
  const { state, nodes } = await fleet.operator.ended("mute-3");
  expect(state).toBe("ROLLOUT_STATE_HALTED");
  expect(nodes).toMatchObject([{ phase: "UPDATE_PHASE_ROLLED_BACK", confirmed: true, proved: false, reason: expect.stringContaining("the boot guard went back") }]);
  expect(await bootedChecksum(machine)).toBe(first.checksum);
  // Old, new, old.
  expect(machine.bootCount).toBe(3);
  const journal = await journalOf(machine);
  expect(journal.closed).toMatchObject([{ outcome: { kind: "rolled-back", cause: "boot-guard" } }]);
  expect(journal.denied).toMatchObject([{ checksum: silent.checksum }]);
  await expect.poll(() => existsSync(guardFile(machine, "returned")), { timeout: 60_000 }).toBe(false);
  expect(existsSync(guardFile(machine, "armed"))).toBe(false);
});

test("what an operator has staged there is booted, not dropped; the agent on it says what the guard left undone, and denies the release", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const machine = await startMachine(fleet, "staged", first, { launcher });
  await rollOut(fleet, "staged-3", silent, { nodes: ["staged"] });
  await machine.waitForBoot(2, { timeoutMs: 120_000 });
  const shell = async (script: string) => expect(await machine.exec(["/bin/bash", "-ec", script])).toMatchObject({ code: 0 });
  // Another commit of the first release's tree: its agent starts.
  await shell(`ostree commit --repo=/ostree/repo --branch=byhand --tree=ref=${first.checksum}; ostree admin deploy --stage byhand; /usr/lib/treeline/boot-guard deadline`);
  await machine.reboot({ timeoutMs: 120_000 });
  await expect.poll(async () => (await journalOf(machine)).closed.length, { timeout: 60_000 }).toBe(1);
  const { closed, denied } = await journalOf(machine);
  const reason = expect.stringMatching(/the boot guard did not go back, as somebody else's deployment .* is to boot next/);
  expect([closed, denied]).toMatchObject([[{ outcome: { kind: "failed", failure: "operator", reason } }], [{ checksum: silent.checksum, reason }]]);
  expect([first.checksum, silent.checksum]).not.toContain(await bootedChecksum(machine));
  expect(machine.bootCount).toBe(3);
  await expect.poll(() => ["armed", "stayed"].some((name) => existsSync(guardFile(machine, name))), { timeout: 60_000 }).toBe(false);
});

test("a release that proves itself is never left: the guard is dismissed for good", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const machine = await startMachine(fleet, "speaking", first, { launcher });
  await rollOut(fleet, "speaking-2", second, { nodes: ["speaking"] });
  expect((await fleet.operator.ended("speaking-2")).nodes).toMatchObject([{ phase: "UPDATE_PHASE_UPDATED" }]);
  await expect.poll(() => existsSync(guardFile(machine, "armed")), { timeout: 60_000 }).toBe(false);
  for (let boot = 1; boot <= 3; boot++) await machine.reboot();
  const { stdout } = await machine.exec(["/usr/lib/treeline/boot-guard", "deadline"]);
  expect(stdout).toBe("");
  expect(await bootedChecksum(machine)).toBe(second.checksum);
});
