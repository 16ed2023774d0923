import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Machine, Release } from "@treeline/testkit";
import { expect, test } from "vitest";
import { holdAt, HoldPoint, soon } from "./hold-point.ts";
import { auditOf, bootedChecksum, deploymentsOf, journalOf } from "./readings.ts";
import { publish, rollOut, sharedFleet, showLogs } from "./test-fleet.ts";

/** Much more than the rate lets through at once: a pull that lasts. */
const payload = 400_000;
const slowRate = 150_000;

let first: Release;
let next: Release;
const machines = new Map<string, Machine>();

const shared = sharedFleet(async (fleet) => {
  first = await publish(fleet, "1.0");
  next = await publish(fleet, "2.0", { "usr/share/demo/blob": randomBytes(payload) });
  const setups = {
    pulling: { settings: { download: { rate: slowRate } } },
    deploying: { environment: holdAt("deploy") },
    confirmed: { environment: holdAt("after-confirm") },
    powerless: { environment: holdAt("reboot") },
    waiting: {},
    away: {},
  };
  await fleet.token();
  const added = await Promise.all(Object.entries(setups).map(([name, setup]) => fleet.addMachine(name, first, setup)));
  await Promise.all(added.map((machine) => machine.powerOn()));
  await fleet.connected(Object.keys(setups));
  for (const machine of added) machines.set(machine.name, machine);
});

function machineNamed(name: string): Machine {
  return machines.get(name)!;
}

/** The release runs, ostree finds nothing wrong with its repository, and what ran before is kept. */
async function expectSound(machine: Machine): Promise<void> {
  expect(await deploymentsOf(machine)).toEqual([
    { booted: true, checksum: next.checksum, mark: "" },
    { booted: false, checksum: first.checksum, mark: "rollback" },
  ]);
  const { code, stdout, stderr } = await machine.exec(["ostree", "fsck"]);
  expect({ code, stderr }, stdout).toMatchObject({ code: 0 });
  expect(await journalOf(machine)).not.toHaveProperty("open");
}

/** Waits until the agent has a child with these words in its command line. */
async function agentRuns(machine: Machine, ...words: readonly string[]): Promise<void> {
  const pid = machine.agentPid();
  const everyMillis = 2;
  await soon(
    `the agent of ${machine.name} runs ${words.join(" ")}`,
    async () => {
      const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(" ");
      const lines = await Promise.all(children.map((child) => readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "")));
      return lines.some((line) => words.every((word) => line.split("\0").includes(word)));
    },
    everyMillis,
  );
}

test("an agent killed in the middle of a pull goes on with the same attempt", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const machine = machineNamed("pulling");
  await rollOut(fleet, "pull", next, { nodes: ["pulling"] });
  await agentRuns(machine, "pull");
  await fleet.operator.until(
    "content arrives",
    () => fleet.operator.place("pull", "pulling"),
    ({ bytesPulled }) => Number(bytesPulled) > 0,
  );
  await machine.killAgent();
  expect((await journalOf(machine)).open).toMatchObject({ step: "staging" });
  const { nodes } = await fleet.operator.ended("pull");
  expect(nodes).toMatchObject([{ phase: "UPDATE_PHASE_UPDATED", proved: true, attempt: 1 }]);
  await expectSound(machine);
});

test("an agent killed while ostree writes the deployment goes on to the reboot or deploys again", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const machine = machineNamed("deploying");
  const hold = new HoldPoint(machine, "deploy");
  await rollOut(fleet, "deploy", next, { nodes: ["deploying"] });
  await hold.reached();
  const deploys = agentRuns(machine, "ostree", "admin", "deploy");
  using _open = hold.open();
  await deploys;
  await machine.killAgent();
  const { nodes } = await fleet.operator.ended("deploy");
  expect(nodes).toMatchObject([{ phase: "UPDATE_PHASE_UPDATED", proved: true, attempt: 1 }]);
  await expectSound(machine);
});

test("an agent killed between Confirm and deploy asks again before it deploys", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const machine = machineNamed("confirmed");
  const hold = new HoldPoint(machine, "after-confirm");
  await rollOut(fleet, "confirm", next, { nodes: ["confirmed"] });
  await hold.reached();
  await machine.killAgent();
  expect((await journalOf(machine)).open).toMatchObject({ step: "draining" });
  expect(await deploymentsOf(machine)).toEqual([{ booted: true, checksum: first.checksum, mark: "" }]);
  await hold.release();
  await hold.reached();
  const confirmations = (await auditOf(fleet, "confirm")).filter(({ action }) => action === "confirm");
  expect(confirmations).toHaveLength(2);
  using _open = hold.open();
  const { nodes } = await fleet.operator.ended("confirm");
  expect(nodes).toMatchObject([{ phase: "UPDATE_PHASE_UPDATED", proved: true, attempt: 1 }]);
  await expectSound(machine);
});

test("a power cut before the deployment is finalized boots the old commit, and the node is tried again", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const machine = machineNamed("powerless");
  const hold = new HoldPoint(machine, "reboot");
  await rollOut(fleet, "power", next, { nodes: ["powerless"] });
  await hold.reached();
  expect((await deploymentsOf(machine))[0]).toEqual({ booted: false, checksum: next.checksum, mark: "staged" });
  await machine.powerCut();
  await hold.release();
  await machine.powerOn();
  expect(await bootedChecksum(machine)).toBe(first.checksum);
  using _open = hold.open();
  const { nodes } = await fleet.operator.ended("power");
  expect(nodes).toMatchObject([{ phase: "UPDATE_PHASE_UPDATED", proved: true, attempt: 2 }]);
  const { closed, denied } = await journalOf(machine);
  expect(closed.map(({ outcome }) => outcome)).toMatchObject([{ kind: "failed", failure: "never-booted" }, { kind: "updated" }]);
  expect(denied).toEqual([]);
  expect((await auditOf(fleet, "power")).filter(({ action }) => action === "retry-node")).toHaveLength(1);
  await expectSound(machine);
});

test("a reboot while Staged boots the old commit, and the rollout waits for an agent that is away", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const [waiting, away] = [machineNamed("waiting"), machineNamed("away")];
  await away.stopAgent();
  await fleet.operator.until(
    "the agent is away",
    () => fleet.operator.node("away"),
    ({ connected }) => !connected,
  );
  await rollOut(fleet, "wait", next, { nodes: ["waiting", "away"] });
  const staged = await fleet.operator.until(
    "a slot is withheld",
    () => fleet.operator.place("wait", "waiting"),
    ({ reason }) => reason.includes("waits for a slot"),
  );
  expect(staged).toMatchObject({ phase: "UPDATE_PHASE_STAGED", holdsSlot: false, confirmed: false });
  expect(await fleet.operator.place("wait", "away")).toMatchObject({
    phase: "UPDATE_PHASE_IDLE",
    reason: expect.stringContaining("the node is not in contact"),
  });

  const before = waiting.bootId();
  await waiting.reboot();
  expect(waiting.bootId()).not.toBe(before);
  expect(await deploymentsOf(waiting)).toEqual([{ booted: true, checksum: first.checksum, mark: "" }]);
  await fleet.operator.until(
    "it reports its new boot",
    () => fleet.operator.node("waiting"),
    ({ connected, os }) => connected && os?.bootId === waiting.bootId(),
  );
  expect(await fleet.operator.place("wait", "waiting")).toMatchObject({ phase: "UPDATE_PHASE_STAGED", attempt: 1, confirmed: false });
  expect(await bootedChecksum(away)).toBe(first.checksum);

  await away.startAgent();
  const { state, nodes } = await fleet.operator.ended("wait");
  expect(state).toBe("ROLLOUT_STATE_COMPLETED");
  expect(nodes).toMatchObject([
    { phase: "UPDATE_PHASE_UPDATED", attempt: 1, proved: true },
    { phase: "UPDATE_PHASE_UPDATED", attempt: 1, proved: true },
  ]);
  await expectSound(waiting);
  await expectSound(away);
});
