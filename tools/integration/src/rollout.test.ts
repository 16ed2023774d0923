import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Machine, Release } from "@treeline/testkit";
import { expect, test } from "vitest";
import { holdAt, HoldPoint } from "./hold-point.ts";
import { auditLog, auditOf, deploymentsOf, type AuditEntry } from "./readings.ts";
import { publish, rollOut, rolloutCreate, sharedFleet, showLogs } from "./test-fleet.ts";

const names = ["alpha", "beta", "gamma"] as const;
/** Waves of 1 and the rest: nodes go by name. */
const waves = [["alpha"], ["beta", "gamma"]] as const;

let first: Release;
let next: Release;
let machines: readonly Machine[];
let held: Machine;

const shared = sharedFleet(async (fleet) => {
  first = await publish(fleet, "1.0");
  await fleet.token();
  const added = await Promise.all(
    [...names, "held"].map((name) => fleet.addMachine(name, first, name === "held" ? { environment: holdAt("confirm") } : {})),
  );
  await Promise.all(added.map((machine) => machine.powerOn()));
  await fleet.connected([...names, "held"]);
  [machines, held] = [added.slice(0, -1), added.at(-1)!];
  // Published when nodes run the release before it: then there is a static delta from it.
  next = await publish(fleet, "2.0", { "usr/etc/shipped.conf": "since=2.0\n" });
  await fleet.operator.until(
    "the static delta is made",
    () => readdir(path.join(fleet.server.data, "ostree/deltas")),
    (found) => found.length > 0,
  );
});

async function read(machine: Machine, file: string): Promise<string> {
  return (await machine.exec(["cat", file])).stdout;
}

function indexOf(entries: readonly AuditEntry[], action: string, node?: string): number {
  return entries.findIndex((entry) => entry.action === action && (node === undefined || entry.subject.endsWith(` node ${node}`)));
}

test("a rollout goes through its waves in order, one node at a time, and every node proves a new boot of the release", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const before = new Map(machines.map((machine) => [machine.name, machine.bootId()]));
  for (const machine of machines) {
    const edit =
      'echo "edited on $HOSTNAME" >/etc/app.conf && echo "made here" >/etc/local.conf && mkdir -p /var/lib/app && echo "data of $HOSTNAME" >/var/lib/app/state';
    expect(await machine.exec(["/bin/bash", "-c", edit])).toMatchObject({ code: 0 });
  }
  await rollOut(fleet, "to-2", next, { nodes: names, waves: "1,rest", maxUnavailable: "1", soak: "500ms" });
  const { state, nodes, openWave } = await fleet.operator.ended("to-2");
  expect({ state, openWave }).toEqual({ state: "ROLLOUT_STATE_COMPLETED", openWave: 1 });
  expect(nodes.map(({ name, wave }) => [name, wave])).toEqual([
    ["alpha", 0],
    ["beta", 1],
    ["gamma", 1],
  ]);

  for (const machine of machines) {
    const { name } = machine;
    expect(nodes.find((node) => node.name === name)).toMatchObject({
      phase: "UPDATE_PHASE_UPDATED",
      proved: true,
      confirmed: true,
      attempt: 1,
      holdsSlot: false,
    });
    const node = await fleet.operator.node(name);
    expect(node.os?.bootId, name).toBe(machine.bootId());
    expect(node.os?.bootId, name).not.toBe(before.get(name));
    const [closed] = node.update?.closed ?? [];
    expect(closed, name).toMatchObject({ outcome: "UPDATE_PHASE_UPDATED", confirmedBootId: before.get(name), bootId: machine.bootId() });
    expect(closed?.soakedMillis, name).toBeGreaterThanOrEqual(500);
    expect(machine.bootCount, name).toBe(2);
    expect(await deploymentsOf(machine), name).toEqual([
      { booted: true, checksum: next.checksum, mark: "" },
      { booted: false, checksum: first.checksum, mark: "rollback" },
    ]);
    // What was edited stays, what the release ships comes, what is in /var is not touched.
    expect(await read(machine, "/etc/app.conf")).toBe(`edited on ${name}\n`);
    expect(await read(machine, "/etc/local.conf")).toBe("made here\n");
    expect(await read(machine, "/etc/shipped.conf")).toBe("since=2.0\n");
    expect(await read(machine, "/usr/etc/app.conf")).toBe("release=2.0\n");
    expect(await read(machine, "/var/lib/app/state")).toBe(`data of ${name}\n`);
  }

  const log = await auditOf(fleet, "to-2");
  const opened = log.findLastIndex(({ action }) => action === "open-wave");
  for (const name of waves[0]) expect(indexOf(log, "node-updated", name), name).toBeLessThan(opened);
  for (const name of waves[1]) expect(indexOf(log, "begin-attempt", name), name).toBeGreaterThan(opened);
  let slots = 0;
  for (const { action } of log) {
    slots += action === "grant-slot" ? 1 : action === "node-updated" ? -1 : 0;
    expect(slots).toBeLessThanOrEqual(1);
  }
  expect(log.filter(({ action }) => action === "confirm")).toHaveLength(3);
  expect(log.at(-1)).toMatchObject({ action: "settle-rollout" });
});

test("a static delta is used: hardly any object is fetched by itself", async () => {
  const [machine] = machines as [Machine];
  const line = (await readFile(machine.consolePath, "utf8")).split("\n").find((text) => text.includes('"msg":"staged"'));
  const { objects, bytes } = JSON.parse(line ?? "{}") as { readonly objects: number; readonly bytes: number };
  // The commit, its signature and at most one more; the release changes dozens.
  expect(objects).toBeLessThanOrEqual(3);
  expect(bytes).toBeGreaterThan(0);
});

test("rollout create may be repeated: the same policy is the same rollout, another policy is refused", async () => {
  const { fleet } = shared;
  const { operator } = fleet;
  const flags = { nodes: names, waves: "1,rest", maxUnavailable: "1", soak: "500ms" };
  const entries = (await auditLog(fleet)).length;
  expect(await operator.treeline(...rolloutCreate("to-2", next, flags))).toContain("completed");
  expect((await auditLog(fleet)).length).toBe(entries);
  const other = await operator.cli(rolloutCreate("to-2", next, { ...flags, maxUnavailable: "2" }));
  expect(other.code).toBe(1);
  expect(other.stderr).toContain("rollout to-2 exists with another policy");
  expect((await operator.clients.rollouts.listRollouts({})).rollouts.map(({ name }) => name)).toEqual(["to-2"]);
});

test("a pause stops even a node that holds its slot, before the point of no return; resume lets it go on", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const { operator } = fleet;
  const hold = new HoldPoint(held, "confirm");
  await rollOut(fleet, "pausing", next, { nodes: ["held"] });
  await hold.reached();
  expect(await operator.place("pausing", "held")).toMatchObject({ holdsSlot: true, confirmed: false });
  await operator.treeline("rollout", "pause", "pausing", "--reason", "lunch");
  using _open = hold.open();
  await operator.until(
    "the agent is told",
    () => operator.node("held"),
    ({ update }) => update?.reason.includes("not confirmed: rollout pausing is paused") ?? false,
  );
  expect(await operator.rollout("pausing")).toMatchObject({
    state: "ROLLOUT_STATE_PAUSED",
    reason: "lunch",
    nodes: [{ confirmed: false }],
  });
  expect(await deploymentsOf(held)).toEqual([{ booted: true, checksum: first.checksum, mark: "" }]);
  expect((await auditOf(fleet, "pausing")).map(({ action }) => action)).not.toContain("confirm");

  await operator.treeline("rollout", "resume", "pausing");
  expect(await operator.ended("pausing")).toMatchObject({
    state: "ROLLOUT_STATE_COMPLETED",
    nodes: [{ phase: "UPDATE_PHASE_UPDATED", proved: true, attempt: 1 }],
  });
  expect((await deploymentsOf(held))[0]).toEqual({ booted: true, checksum: next.checksum, mark: "" });
});
