import { describe, expect, it } from "vitest";
import { newerCommit, type SimulatedAgent } from "./simulated-agent.ts";
import { SimulatedFleet, type SimulatedFleetOptions } from "./simulated-fleet.ts";

const hour = 3_600_000;
const gpus = { "vendor.com/gpu": 4 };

/** Two nodes in two waves, the first baking for an hour. Its node is updated and has four extended resources. */
function baking(options: Partial<SimulatedFleetOptions> = {}): { readonly fleet: SimulatedFleet; readonly agent: SimulatedAgent } {
  const fleet = new SimulatedFleet({ nodes: 2, ...options });
  const agent = fleet.agents[0]!;
  agent.resources = gpus;
  fleet.report(agent);
  fleet.create("r", { waves: [{ size: { count: 1 }, bakeMillis: hour }, { size: { rest: true } }] });
  fleet.tick();
  expect(fleet.runUntil(() => fleet.assignment(agent.id).phase === "Updated")).toBe(true);
  expect(fleet.rollout.bakingSince).toBeDefined();
  return { fleet, agent };
}

describe("an updated node of a wave that is open or bakes", () => {
  const regressions: readonly (readonly [string, (agent: SimulatedAgent) => unknown, string])[] = [
    ["turns red", (agent) => (agent.green = false), "its required checks turned red after its update"],
    [
      "loses an extended resource",
      (agent) => (agent.resources = { "vendor.com/gpu": 3 }),
      "extended resources lost after its update: vendor.com/gpu: 4 -> 3",
    ],
    ["boots something else", (agent) => (agent.booted = newerCommit), "does not run the release any more"],
    ["is given another default", (agent) => (agent.staged = newerCommit), "another deployment became the default after its update"],
  ];

  it.each(regressions)("is Failed(release) when it %s, and feeds the gate", (_name, change, reason) => {
    const { fleet, agent } = baking();
    change(agent);
    fleet.report(agent);
    fleet.tick();
    expect(fleet.assignment(agent.id)).toMatchObject({ phase: "Failed", failure: "release", reason });
    expect(fleet.rollout.state).toBe("halted");
  });

  it("is Failed(release) when it is silent for too long, and not before", () => {
    const { fleet, agent } = baking();
    fleet.disconnect(agent);
    fleet.tick();
    fleet.now += 20 * 60_000 - 1;
    fleet.tick();
    expect(fleet.assignment(agent.id).phase).toBe("Updated");
    fleet.now += 1;
    fleet.tick();
    expect(fleet.assignment(agent.id)).toMatchObject({ phase: "Failed", failure: "release", reason: "went silent after its update" });
  });

  it("is not blamed once its wave is done, nor while the rollout is paused", () => {
    const { fleet, agent } = baking();
    fleet.pause(true);
    agent.green = false;
    fleet.report(agent);
    fleet.tick();
    expect(fleet.assignment(agent.id).phase).toBe("Updated");
    agent.green = true;
    fleet.report(agent);
    fleet.pause(false);
    fleet.now += hour;
    fleet.tick();
    expect(fleet.rollout.openWave).toBe(1);
    agent.green = false;
    fleet.report(agent);
    fleet.tick();
    expect(fleet.assignment(agent.id).phase).toBe("Updated");
  });

  it("is judged before the bake is over at the same instant", () => {
    const { fleet, agent } = baking();
    fleet.now += hour;
    agent.green = false;
    fleet.report(agent);
    expect(fleet.tick()).toEqual(["node-failed", "halt-rollout", "settle-rollout"]);
  });

  it("is not blamed for what another rollout does to it", () => {
    const { fleet, agent } = baking();
    fleet.create("s", { release: "3", nodes: [agent.id], selector: undefined, priority: 10 });
    fleet.tick();
    fleet.runTo(agent, "Rebooting");
    fleet.disconnect(agent);
    fleet.now += 1_000;
    fleet.runUntil(() => fleet.assignment(agent.id, "s").phase === "Updated");
    expect([fleet.assignment(agent.id).phase, fleet.rollout.state]).toEqual(["Superseded", "running"]);
  });
});

describe("a node that boots the release without a resource that it had", () => {
  it("fails at once, keeps its slot, and is told to stay", () => {
    const { fleet } = baking({ nodes: 2 });
    fleet.now += hour;
    const second = fleet.agents[1]!;
    second.resources = gpus;
    fleet.report(second);
    fleet.tick();
    fleet.runTo(second, "Rebooting");
    fleet.turn(second, "lose-resource");
    for (let turn = 0; turn < 4; turn++) fleet.turn(second);
    expect(fleet.assignment(second.id)).toMatchObject({
      phase: "Failed",
      failure: "release",
      booted: true,
      reason: "extended resources lost: vendor.com/gpu: 4 -> 0",
    });
    expect([fleet.snapshot.slots.has(second.id), fleet.rollout.state]).toEqual([true, "halted"]);
    second.resources = gpus;
    fleet.turn(second);
    expect([fleet.snapshot.slots.size, fleet.rollout.settled]).toEqual([0, true]);
  });

  it("is not judged when it never reported any", () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: {} });
    fleet.tick();
    fleet.runTo(fleet.agents[0]!, "Verifying");
    fleet.agents[0]!.resources = gpus;
    expect(fleet.settle()).toBe(true);
    expect(fleet.assignment("node-00").phase).toBe("Updated");
  });
});
