import type { Release } from "@treeline/testkit";
import { machineNetwork } from "@treeline/testkit";
import { expect, test } from "vitest";
import { holdAt, HoldPoint } from "./hold-point.ts";
import { auditOf, bootedChecksum, journalOf } from "./readings.ts";
import { publish, rollOut, sharedFleet, showLogs, startMachine } from "./test-fleet.ts";

const network = await machineNetwork();
const why = network.kind === "own" ? "" : ` (skipped: machines share this computer's network: ${network.reason})`;

let first: Release;
let cutting: Release;
let good: Release;

const shared = sharedFleet(async (fleet) => {
  first = await publish(fleet, "1.0");
  cutting = await publish(fleet, "2.0", { "usr/lib/treeline/network-cut": "" });
  good = await publish(fleet, "3.0");
});

test.skipIf(network.kind !== "own")(
  `a release that cuts the node off is left by the node itself, which reports once it is back${why}`,
  async () => {
    const { fleet } = shared;
    showLogs(fleet);
    const machine = await startMachine(fleet, "island", first, {
      settings: { session: { deadline: "3s", backoff: { base: "100ms", max: "1s" } } },
    });
    await rollOut(fleet, "cut", cutting, { nodes: ["island"] });
    const { state, nodes } = await fleet.operator.ended("cut");
    expect(state).toBe("ROLLOUT_STATE_HALTED");
    expect(nodes).toMatchObject([
      { phase: "UPDATE_PHASE_ROLLED_BACK", reason: expect.stringContaining("the session did not come back within 3 s") },
    ]);
    expect(machine.bootCount).toBe(3);
    expect(await bootedChecksum(machine)).toBe(first.checksum);
    const { closed, denied } = await journalOf(machine);
    expect(closed).toMatchObject([{ outcome: { kind: "rolled-back", cause: "no-session" } }]);
    expect(denied).toMatchObject([{ checksum: cutting.checksum }]);
  },
);

test("a node that went back because the server was away is not blamed: Failed(unreachable), nothing denied, tried again", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  // The deadline must let a session come back on a busy computer when the server is there.
  const machine = await startMachine(fleet, "patient", first, {
    settings: { session: { deadline: "8s", backoff: { base: "100ms", max: "1s" } } },
    environment: holdAt("reboot"),
  });
  const hold = new HoldPoint(machine, "reboot");
  await rollOut(fleet, "away", good, { nodes: ["patient"], retries: 0 });
  await hold.reached();
  expect(await fleet.operator.place("away", "patient")).toMatchObject({ confirmed: true });
  await fleet.server.kill();
  using _open = hold.open();
  // Old, new without its server, old again.
  await machine.waitForBoot(2);
  expect(await bootedChecksum(machine)).toBe(good.checksum);
  await machine.waitForBoot(3, { timeoutMs: 60_000 });
  expect(await bootedChecksum(machine)).toBe(first.checksum);
  await fleet.server.start();

  const { state, nodes } = await fleet.operator.ended("away");
  expect(state).toBe("ROLLOUT_STATE_COMPLETED");
  expect(nodes).toMatchObject([{ phase: "UPDATE_PHASE_UPDATED", proved: true, attempt: 2 }]);
  expect(await bootedChecksum(machine)).toBe(good.checksum);
  const retries = (await auditOf(fleet, "away")).filter(({ action }) => action === "retry-node");
  expect(retries).toMatchObject([{ because: expect.stringContaining("this server was away meanwhile") }]);
  expect((await fleet.operator.node("patient")).update?.denied).toEqual([]);
});
