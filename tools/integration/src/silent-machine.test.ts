import type { Machine, Release } from "@treeline/testkit";
import { expect, test } from "vitest";
import { auditOf, deploymentsOf } from "./readings.ts";
import { applyDocument, named, publish, sharedFleet, showLogs } from "./test-fleet.ts";

const names = ["alpha", "beta", "gamma"] as const;

let first: Release;
let next: Release;
let machines: readonly Machine[];

const shared = sharedFleet(async (fleet) => {
  first = await publish(fleet, "1.0");
  next = await publish(fleet, "2.0");
  machines = await fleet.addMachines(names, first);
});

test("a machine that goes silent for good keeps its slot, so its budget holds; a write-off frees it, and the machine proves itself again", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const [alpha, beta, gamma] = machines as [Machine, Machine, Machine];
  await applyDocument(fleet, { kind: "Budget", metadata: { name: "all" }, spec: { selector: named(...names), maxUnavailable: 1 } });
  await applyDocument(fleet, {
    kind: "Rollout",
    metadata: { name: "to-2" },
    spec: {
      release: next.checksum,
      selector: named(...names),
      waves: [{ count: 1 }, { rest: true }],
      maxUnavailable: 3,
      // Failures do not stop it: what stops it is the budget.
      gate: { maxFailures: 3 },
      timeouts: { rebooting: "5s" },
    },
  });
  // The first one dies in its reboot: somebody cuts its power and nobody switches it on.
  await fleet.operator.until(
    "alpha is confirmed",
    () => fleet.operator.place("to-2", "alpha"),
    ({ confirmed }) => confirmed,
  );
  await alpha.powerCut();
  await fleet.operator.reaches("to-2", "alpha", "UPDATE_PHASE_LOST");
  expect(await fleet.operator.place("to-2", "alpha")).toMatchObject({ holdsSlot: true, connected: false });

  // The others are staged and wait; nothing makes them go.
  for (const name of ["beta", "gamma"]) await fleet.operator.reaches("to-2", name, "UPDATE_PHASE_STAGED");
  const why = await fleet.operator.treeline("node", "explain", "beta");
  expect(why).toContain("1 of at most 1 are unavailable in budget all");
  await fleet.server.kill();
  await fleet.server.start();
  await fleet.connected(["beta", "gamma"]);
  for (const machine of [beta, gamma]) {
    expect(await fleet.operator.place("to-2", machine.name)).toMatchObject({ phase: "UPDATE_PHASE_STAGED", holdsSlot: false, confirmed: false });
    expect(machine.bootCount).toBe(1);
  }
  const granted = async (): Promise<readonly string[]> => (await auditOf(fleet, "to-2")).filter(({ action }) => action === "grant-slot").map(({ subject }) => subject.split(" ").at(-1)!);
  expect(await granted()).toEqual(["alpha"]);

  // Given up by a person: the budget counts it no more, and the rest goes on, one at a time.
  await fleet.operator.treeline("node", "write-off", "alpha", "--reason", "the board is dead");
  for (const name of ["beta", "gamma"]) await fleet.operator.reaches("to-2", name, "UPDATE_PHASE_UPDATED");
  expect(await granted()).toEqual(["alpha", "beta", "gamma"]);
  expect((await fleet.operator.ended("to-2")).state).toBe("ROLLOUT_STATE_COMPLETED");
  expect(await fleet.operator.place("to-2", "alpha")).toMatchObject({ phase: "UPDATE_PHASE_FAILED", class: "operator", holdsSlot: false });

  // It comes back after all, and counts again once it has shown that it is well.
  await alpha.powerOn();
  await fleet.operator.until(
    "alpha counts again",
    () => fleet.operator.node("alpha"),
    ({ conditions, connected }) => connected && !conditions.some(({ type }) => type === "WrittenOff"),
  );
  expect((await deploymentsOf(alpha))[0]?.booted).toBe(true);
});
