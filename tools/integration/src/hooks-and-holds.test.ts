import { readFile } from "node:fs/promises";
import type { Machine, Release } from "@treeline/testkit";
import { expect, test } from "vitest";
import { bootedChecksum, deploymentsOf } from "./readings.ts";
import { publish, rollOut, script, sharedFleet, showLogs, startMachine } from "./test-fleet.ts";

const account = 'echo "$TREELINE_HOOK $TREELINE_TARGET_VERSION ${TREELINE_OUTCOME:--}" >>/var/hooks.log';
const hook = (kind: string): string => `/etc/treeline/hooks/${kind}/10-account`;
const accounting = Object.fromEntries(["pre-drain", "drain", "pre-reboot", "post-update"].map((kind) => [hook(kind), script(account)]));

let first: Release;
let second: Release;

const shared = sharedFleet(async (fleet) => {
  first = await publish(fleet, "1.0");
  second = await publish(fleet, "2.0");
});

const accountOf = async (machine: Machine): Promise<readonly string[]> => (await readFile(machine.pathOutside("/var/hooks.log"), "utf8")).trim().split("\n");

test("a host's own programs run around an upgrade; it waits for who holds it, and says so", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const machine = await startMachine(fleet, "held", first, { files: accounting });
  await machine.exec(["bash", "-c", "mkdir -p /run/treeline; echo 'nightly backup' >/run/treeline/update-lock"]);
  await rollOut(fleet, "held-2", second, { nodes: ["held"] });
  await fleet.operator.until(
    "the node says who holds it",
    () => fleet.operator.node("held"),
    ({ update }) => update?.reason.includes("nightly backup") === true,
  );
  expect(await deploymentsOf(machine)).toHaveLength(1);
  await machine.exec(["rm", "/run/treeline/update-lock"]);
  expect((await fleet.operator.ended("held-2")).nodes).toMatchObject([{ phase: "UPDATE_PHASE_UPDATED", proved: true }]);
  expect(await bootedChecksum(machine)).toBe(second.checksum);
  expect(await accountOf(machine)).toEqual(["pre-drain 2.0 -", "drain 2.0 -", "pre-reboot 2.0 -", "post-update 2.0 updated"]);
});

test("a hook that says no keeps the host on what it runs: nothing is deployed, and it is made useful again", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const no = { "/etc/treeline/hooks/drain/20-database": script('echo "the database has no second copy" >&2; exit 1') };
  const machine = await startMachine(fleet, "refusing", first, { files: { ...accounting, ...no } });
  await rollOut(fleet, "refused-2", second, { nodes: ["refusing"] });
  const { nodes } = await fleet.operator.ended("refused-2");
  expect(nodes).toMatchObject([{ phase: "UPDATE_PHASE_FAILED", confirmed: false, reason: expect.stringContaining("the database has no second copy") }]);
  expect(machine.bootCount).toBe(1);
  expect(await deploymentsOf(machine)).toEqual([{ booted: true, checksum: first.checksum, mark: "" }]);
  expect(await accountOf(machine)).toEqual(["pre-drain 2.0 -", "drain 2.0 -", "post-update 2.0 failed"]);
});
