import { readFile, writeFile } from "node:fs/promises";
import type { Machine, Release } from "@treeline/testkit";
import { expect, test } from "vitest";
import { auditOf, bootedChecksum, deploymentsOf, journalOf } from "./readings.ts";
import { applyDocument, named, publish, requiredCheck, script, sharedFleet, showLogs } from "./test-fleet.ts";

const names = ["alpha", "beta", "gamma"] as const;

let first: Release;
let next: Release;
let harmless: Release;
let machines: readonly Machine[];

const shared = sharedFleet(async (fleet) => {
  // Never sent to the server: a way back that pulls could not end well.
  first = await fleet.compose("1.0", { files: { [requiredCheck("10-app.sh")]: script("exit 0"), "usr/etc/shipped.conf": "of=1.0\n" } });
  machines = await fleet.addMachines(names, first);
  next = await publish(fleet, "2.0", {
    // Good on all hardware but the last machine's.
    [requiredCheck("10-app.sh")]: script('[ "$(cat /etc/kind 2>/dev/null)" != odd ] || { echo "2.0 does not know this hardware" >&2; exit 1; }'),
    "usr/etc/shipped.conf": "of=2.0\n",
  });
  harmless = await publish(fleet, "3.0", { [requiredCheck("10-app.sh")]: script("exit 0") });
});

function etc(machine: Machine, name: string): Promise<string> {
  return readFile(machine.pathOutside(`/etc/${name}`), "utf8");
}

test("when the gate closes, the whole rollout goes back by itself: no download, each node's own /etc, nothing denied where it was well", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const [alpha, beta, gamma] = machines as [Machine, Machine, Machine];
  await writeFile(gamma.pathOutside("/etc/kind"), "odd\n");
  for (const machine of machines) await writeFile(machine.pathOutside("/etc/app.conf"), "edited before\n");
  await applyDocument(fleet, {
    kind: "Rollout",
    metadata: { name: "to-2" },
    spec: { release: next.checksum, selector: named(...names), waves: [{ count: 2, name: "canary" }, { rest: true }], maxUnavailable: 1, onFailure: "rollback" },
  });
  await fleet.operator.reaches("to-2", "beta", "UPDATE_PHASE_UPDATED");
  const { state, reason } = await fleet.operator.ended("to-2");
  expect({ state, reason }).toMatchObject({ state: "ROLLOUT_STATE_ROLLED_BACK", reason: expect.stringContaining("1 of 3 nodes failed") });

  // The failed one had gone back by itself, and denies; the others were taken back, and do not.
  expect(await fleet.operator.place("to-2", "gamma")).toMatchObject({ phase: "UPDATE_PHASE_ROLLED_BACK", attempt: 1 });
  for (const machine of [alpha, beta]) {
    expect(await fleet.operator.place("to-2", machine.name)).toMatchObject({ phase: "UPDATE_PHASE_REVERTED", attempt: 2, proved: true, bytesPulled: "0", holdsSlot: false });
    // Booted: old, new, old; into the very deployment it had before.
    expect(machine.bootCount, machine.name).toBe(3);
    expect((await deploymentsOf(machine))[0], machine.name).toMatchObject({ booted: true, checksum: first.checksum });
    expect(await etc(machine, "app.conf"), machine.name).toBe("edited before\n");
    expect(await etc(machine, "shipped.conf"), machine.name).toBe("of=1.0\n");
    const { closed, denied } = await journalOf(machine);
    expect(denied, machine.name).toEqual([]);
    expect(closed.map(({ outcome }) => outcome.kind), machine.name).toEqual(["updated", "updated"]);
  }
  expect((await journalOf(gamma)).denied).toMatchObject([{ checksum: next.checksum }]);
  expect((await fleet.operator.node("gamma")).update?.denied).toHaveLength(1);

  // One at a time on the way back, too: each slot was given back before the next was granted.
  const slots = (await auditOf(fleet, "to-2")).filter(({ action }) => action === "grant-slot" || action === "node-reverted" || action === "node-updated" || action === "node-rolled-back");
  expect(slots.map(({ action }) => action)).toEqual([
    ...["grant-slot", "node-updated", "grant-slot", "node-updated", "grant-slot", "node-rolled-back"],
    ...["grant-slot", "node-reverted", "grant-slot", "node-reverted"],
  ]);
});

test("a rollback by an operator finds the old commit although its deployment is gone: the local ref has kept it", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const [alpha] = machines as [Machine, Machine, Machine];
  await applyDocument(fleet, {
    kind: "Rollout",
    metadata: { name: "to-3" },
    // The second wave never opens, so the rollout is not over and the commit is kept.
    spec: { release: harmless.checksum, selector: named("alpha", "beta"), waves: [{ count: 1 }, { rest: true, approval: true }] },
  });
  await fleet.operator.reaches("to-3", "alpha", "UPDATE_PHASE_UPDATED");
  await fleet.operator.until(
    "the node is told to keep its commit",
    () => fleet.operator.node("alpha"),
    ({ intent }) => intent?.attempt === null,
  );
  await writeFile(alpha.pathOutside("/etc/app.conf"), "edited on 3.0\n");
  const rollback = (await deploymentsOf(alpha)).findIndex(({ checksum }) => checksum === first.checksum);
  expect(await alpha.exec(["ostree", "admin", "undeploy", String(rollback)])).toMatchObject({ code: 0 });
  expect(await alpha.exec(["ostree", "admin", "cleanup"])).toMatchObject({ code: 0 });
  expect(await alpha.exec(["ostree", "show", first.checksum])).toMatchObject({ code: 0 });

  await fleet.operator.treeline("rollout", "rollback", "to-3", "--reason", "second thoughts");
  expect(await fleet.operator.ended("to-3")).toMatchObject({ state: "ROLLOUT_STATE_ROLLED_BACK" });
  expect(await fleet.operator.place("to-3", "alpha")).toMatchObject({ phase: "UPDATE_PHASE_REVERTED", bytesPulled: "0" });
  expect(await fleet.operator.place("to-3", "beta")).toMatchObject({ phase: "UPDATE_PHASE_IDLE", attempt: 0 });
  expect(await bootedChecksum(alpha)).toBe(first.checksum);
  // Its own /etc went with the deployment: ostree merged what the host had changed into a new one.
  expect(await etc(alpha, "app.conf")).toBe("edited on 3.0\n");
  expect(await etc(alpha, "shipped.conf")).toBe("of=1.0\n");
});
