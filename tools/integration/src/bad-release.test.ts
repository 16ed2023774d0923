import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Machine, Release } from "@treeline/testkit";
import { expect, test } from "vitest";
import { auditOf, bootedChecksum, deploymentsOf, journalOf } from "./readings.ts";
import { publish, requiredCheck, rollOut, script, sharedFleet, showLogs, wantedCheck } from "./test-fleet.ts";

const complaint = "app 2.0 does not answer on port 8080";

let first: Release;
let bad: Release;
let wanting: Release;
let machines: readonly Machine[];

const shared = sharedFleet(async (fleet) => {
  first = await publish(fleet, "1.0", { [requiredCheck("10-app.sh")]: script("exit 0") });
  bad = await publish(fleet, "2.0", {
    [requiredCheck("10-app.sh")]: script(`echo "${complaint}" >&2; exit 1`),
    "usr/etc/shipped.conf": "only=2.0\n",
  });
  wanting = await publish(fleet, "3.0", {
    [requiredCheck("10-app.sh")]: script("exit 0"),
    [wantedCheck("20-nice.sh")]: script("echo not so nice; exit 1"),
  });
  machines = await fleet.addMachines(["one", "two"], first);
});

/** A file of the machine's own /etc, whatever is booted. */
async function readEtc(machine: Machine, name: string): Promise<string> {
  return readFile(machine.pathOutside(path.join("/etc", name)), "utf8");
}

test("a failed required check takes the node back with its own /etc, denies the commit on both sides, and stops the rollout there", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const [one, two] = machines as [Machine, Machine];
  await writeFile(one.pathOutside("/etc/app.conf"), "edited=by-hand\n");
  await rollOut(fleet, "bad", bad, { nodes: ["one", "two"], waves: "1,rest" });
  const { state, reason, nodes } = await fleet.operator.ended("bad");
  expect(state).toBe("ROLLOUT_STATE_HALTED");
  expect(reason).toContain(complaint);
  expect(nodes).toMatchObject([
    { name: "one", phase: "UPDATE_PHASE_ROLLED_BACK", confirmed: true, proved: false },
    { name: "two", phase: "UPDATE_PHASE_IDLE", confirmed: false, attempt: 0 },
  ]);
  expect(nodes[0]?.reason).toContain(`required check 10-app.sh failed: ${complaint}`);

  // Booted: old, new, old.
  expect(one.bootCount).toBe(3);
  expect(await bootedChecksum(one)).toBe(first.checksum);
  expect(await readEtc(one, "app.conf")).toBe("edited=by-hand\n");
  await expect(readEtc(one, "shipped.conf")).rejects.toMatchObject({ code: "ENOENT" });
  expect((await deploymentsOf(one))[0]).toMatchObject({ booted: true, checksum: first.checksum });

  // Denied by the host, in what outlives it, and by the server; its slot is back.
  expect((await journalOf(one)).denied).toMatchObject([{ checksum: bad.checksum }]);
  const node = await fleet.operator.until(
    "the slot is given back",
    () => fleet.operator.node("one"),
    ({ holdsSlot }) => !holdsSlot,
  );
  expect(node.conditions).toMatchObject([{ type: "CommitDenied", message: expect.stringContaining(complaint) }]);

  // The other one never saw it.
  expect(two.bootCount).toBe(1);
  expect(await deploymentsOf(two)).toEqual([{ booted: true, checksum: first.checksum, mark: "" }]);
  expect((await auditOf(fleet, "bad")).filter(({ action }) => action === "confirm").map(({ actor }) => actor)).toEqual(["node:one"]);
});

test("a node is not given a commit it was brought back from, in another rollout either", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const boots = machines[0]!.bootCount;
  await fleet.operator.until(
    "the first rollout is settled",
    () => fleet.operator.node("one"),
    ({ rollout }) => rollout === "",
  );
  await rollOut(fleet, "bad-again", bad, { nodes: ["one"] });
  const { state, nodes } = await fleet.operator.ended("bad-again");
  expect(state).toBe("ROLLOUT_STATE_HALTED");
  expect(nodes).toMatchObject([
    {
      phase: "UPDATE_PHASE_FAILED",
      class: "release",
      confirmed: false,
      attempt: 0,
      reason: expect.stringContaining("brought back from this commit before"),
    },
  ]);
  expect(machines[0]!.bootCount).toBe(boots);
});

test("a failed wanted check is reported and takes nothing back", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  await rollOut(fleet, "wanting", wanting, { nodes: ["one", "two"], maxUnavailable: "2" });
  const { state, nodes } = await fleet.operator.ended("wanting");
  expect(state).toBe("ROLLOUT_STATE_COMPLETED");
  expect(nodes).toMatchObject([
    { phase: "UPDATE_PHASE_UPDATED", proved: true },
    { phase: "UPDATE_PHASE_UPDATED", proved: true },
  ]);
  const { health } = await fleet.operator.node("one");
  expect(health?.state).toBe("HEALTH_STATE_GREEN");
  expect(health?.checks).toContainEqual({
    name: "20-nice.sh",
    required: false,
    passed: false,
    output: expect.stringContaining("not so nice"),
  });
  expect(await bootedChecksum(machines[0]!)).toBe(wanting.checksum);
});
