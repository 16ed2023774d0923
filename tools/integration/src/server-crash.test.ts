import { readFile } from "node:fs/promises";
import { runServer, type DemoFleet, type Release } from "@treeline/testkit";
import { expect, test } from "vitest";
import { holdAt, HoldPoint } from "./hold-point.ts";
import { auditLog, auditOf, bootedChecksum, deploymentsOf, journalOf } from "./readings.ts";
import { publish, rollOut, sharedFleet, showLogs } from "./test-fleet.ts";

/** Where each machine's agent stands when the server is killed. */
const heldAt = { staging: "stage:pull", confirmed: "after-confirm", rebooting: "reboot" } as const;
const names = Object.keys(heldAt) as (keyof typeof heldAt)[];

let first: Release;
let next: Release;

const shared = sharedFleet(async (fleet) => {
  first = await publish(fleet, "1.0");
  next = await publish(fleet, "2.0");
  await fleet.token();
  const machines = await Promise.all(names.map((name) => fleet.addMachine(name, first, { environment: holdAt(heldAt[name]) })));
  await Promise.all(machines.map((machine) => machine.powerOn()));
  await fleet.connected(names);
});

function machineNamed(fleet: DemoFleet, name: string) {
  return fleet.machines.find((machine) => machine.name === name)!;
}

async function crash(fleet: DemoFleet): Promise<void> {
  await fleet.server.kill();
  await fleet.server.start();
}

test("a rollout survives SIGKILL of the server after its creation, in staging, after Confirm and during a reboot", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const { operator } = fleet;
  const [staging, confirmed, rebooting] = names.map((name) => machineNamed(fleet, name)) as [
    ReturnType<typeof machineNamed>,
    ReturnType<typeof machineNamed>,
    ReturnType<typeof machineNamed>,
  ];
  const holds = {
    staging: new HoldPoint(staging, "stage:pull"),
    confirmed: new HoldPoint(confirmed, "after-confirm"),
    rebooting: new HoldPoint(rebooting, "reboot"),
  };

  await rollOut(fleet, "crashes", next, { nodes: names, maxUnavailable: "3" });
  await crash(fleet);
  expect((await operator.rollout("crashes")).nodes.map(({ name }) => name)).toEqual([...names].sort());

  await Promise.all(Object.values(holds).map((hold) => hold.reached()));
  const before = await operator.rollout("crashes");
  expect(before.nodes).toMatchObject([
    { name: "confirmed", confirmed: true, holdsSlot: true },
    { name: "rebooting", confirmed: true, holdsSlot: true },
    { name: "staging", confirmed: false, phase: "UPDATE_PHASE_STAGING" },
  ]);
  await crash(fleet);
  const after = await operator.rollout("crashes");
  expect(after.nodes.map(({ name, attempt, confirmed, holdsSlot }) => ({ name, attempt, confirmed, holdsSlot }))).toEqual(
    before.nodes.map(({ name, attempt, confirmed, holdsSlot }) => ({ name, attempt, confirmed, holdsSlot })),
  );

  // Down again while one reboots, and up only when that machine has booted the release and looks for it.
  await fleet.server.kill();
  const boots = rebooting.bootCount;
  using _rebooting = holds.rebooting.open();
  await rebooting.waitForBoot(boots + 1);
  expect(await bootedChecksum(rebooting)).toBe(next.checksum);
  await fleet.server.start();
  using _staging = holds.staging.open();
  using _confirmed = holds.confirmed.open();

  const { state, nodes } = await operator.ended("crashes");
  expect(state).toBe("ROLLOUT_STATE_COMPLETED");
  for (const node of nodes) expect(node).toMatchObject({ phase: "UPDATE_PHASE_UPDATED", proved: true, holdsSlot: false, attempt: 1 });
  for (const name of names) {
    expect(await deploymentsOf(machineNamed(fleet, name))).toMatchObject([
      { booted: true, checksum: next.checksum },
      { booted: false, checksum: first.checksum, mark: "rollback" },
    ]);
    expect((await journalOf(machineNamed(fleet, name))).closed).toMatchObject([{ outcome: { kind: "updated" } }]);
  }
});

test("after the crashes the audit log has every decision once, in order, and a new epoch for each start", async () => {
  const { fleet } = shared;
  const log = await auditLog(fleet);
  expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1));
  expect(log.filter(({ action }) => action === "start").map(({ subject }) => subject)).toEqual([
    "epoch 1",
    "epoch 2",
    "epoch 3",
    "epoch 4",
  ]);
  for (const name of names) {
    const actions = (await auditOf(fleet, "crashes"))
      .filter(({ subject }) => subject.endsWith(` node ${name}`))
      .map(({ action }) => action);
    expect(
      actions.filter((action) => action === "begin-attempt"),
      name,
    ).toHaveLength(1);
    expect(
      actions.filter((action) => action === "node-updated"),
      name,
    ).toHaveLength(1);
    expect(actions.indexOf("grant-slot"), name).toBeGreaterThan(actions.indexOf("begin-attempt"));
    expect(actions.indexOf("confirm"), name).toBeGreaterThan(actions.indexOf("grant-slot"));
    expect(actions.indexOf("node-updated"), name).toBeGreaterThan(actions.lastIndexOf("confirm"));
  }
  expect((await auditOf(fleet, "crashes")).filter(({ action }) => action === "complete-rollout")).toHaveLength(1);
});

test("a second server on the same data ends with status 1 and says who has it", async () => {
  const { fleet } = shared;
  const { code, stderr } = await runServer([`--data=${fleet.server.data}`, "--listen-front=0", "--listen-sessions=0", "--listen-https=0"]);
  expect(code).toBe(1);
  expect(stderr).toContain(`${fleet.server.data} is in use by treeline-server (pid ${fleet.server.pid})`);
  expect((await fleet.operator.nodes()).length).toBe(names.length);
});

test("SIGTERM ends the server in order: status 0, sessions told, and everything there again after a start", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  expect(await fleet.server.stop()).toBe(0);
  await fleet.operator.until(
    "the agent was told",
    () => readFile(machineNamed(fleet, "staging").consolePath, "utf8"),
    (text) => text.includes("the server is stopping"),
  );
  await fleet.server.start();
  await fleet.connected(names);
  expect((await fleet.operator.rollout("crashes")).state).toBe("ROLLOUT_STATE_COMPLETED");
});
