import { describe, expect, it } from "vitest";
import { confirm, type ConfirmRequest } from "./confirm.ts";
import { targetCommit, type SimulatedAgent } from "./simulated-agent.ts";
import { SimulatedFleet } from "./simulated-fleet.ts";
import type { AssignmentRecord, RolloutRecord } from "./record.ts";

/** Two nodes under a budget of one; the first is draining and holds the slot. */
function drained(): { readonly fleet: SimulatedFleet; readonly agent: SimulatedAgent; readonly request: ConfirmRequest } {
  const fleet = new SimulatedFleet({ nodes: 2, policy: { retries: { limit: 0, backoffMillis: 0 } } });
  fleet.tick();
  const agent = fleet.agents[0]!;
  for (let turn = 0; turn < 3; turn++) {
    fleet.deliver(agent);
    fleet.advance(agent, "good");
    fleet.report(agent);
    fleet.tick();
  }
  const { permission, open } = agent;
  if (permission === undefined || open?.phase !== "Draining") throw new Error("the agent has no slot");
  return { fleet, agent, request: { nodeId: agent.id, attempt: open.ref, permission, bootId: agent.bootId, checksum: targetCommit } };
}

const setRollout = (fleet: SimulatedFleet, change: Partial<RolloutRecord>): void =>
  fleet.change({ kind: "rollout", value: { ...fleet.rollout, ...change } });
const setAssignment = (fleet: SimulatedFleet, agent: SimulatedAgent, change: Partial<AssignmentRecord>): void =>
  fleet.change({ kind: "assignment", value: { ...fleet.assignment(agent.id), ...change } });

describe("confirm", () => {
  it("grants, and gives the slot to commit with the boot it was asked on", () => {
    const { fleet, agent, request } = drained();
    const slot = fleet.snapshot.slots.get(agent.id)!;
    expect(confirm(fleet.snapshot, request, 42)).toEqual({ granted: true, slot: { ...slot, confirmed: { at: 42, bootId: agent.bootId } } });
  });

  it("is a new check each time, and takes the newest boot", () => {
    const { fleet, agent, request } = drained();
    const once = confirm(fleet.snapshot, request, 42);
    if (!once.granted) throw new Error(once.reason);
    fleet.change({ kind: "slot", value: once.slot });
    fleet.boot(agent, "power-cut");
    fleet.connect(agent);
    expect(confirm(fleet.snapshot, { ...request, bootId: agent.bootId }, 43)).toMatchObject({
      granted: true,
      slot: { confirmed: { at: 43, bootId: agent.bootId } },
    });
    setRollout(fleet, { state: "paused" });
    expect(confirm(fleet.snapshot, { ...request, bootId: agent.bootId }, 44)).toMatchObject({ granted: false });
  });

  const refusals: readonly (readonly [
    string,
    string,
    (fleet: SimulatedFleet, agent: SimulatedAgent, request: ConfirmRequest) => Partial<ConfirmRequest> | void,
  ])[] = [
    ["a node that is not enrolled", "the node is not enrolled or was revoked", () => ({ nodeId: "stranger" })],
    [
      "a revoked node",
      "the node is not enrolled or was revoked",
      (fleet, agent) => fleet.change({ kind: "node", value: { ...fleet.snapshot.nodes.get(agent.id)!, revokedAt: 1 } }),
    ],
    [
      "an unknown rollout",
      "there is no rollout other with this node",
      (_fleet, _agent, { attempt }) => ({ attempt: { ...attempt, rollout: "other" } }),
    ],
    ["a paused rollout", "rollout r is paused", (fleet) => setRollout(fleet, { state: "paused" })],
    ["a halted rollout", "rollout r is halted", (fleet) => setRollout(fleet, { state: "halted" })],
    ["a wave that is not open", "wave 2 is not open", (fleet, agent) => setAssignment(fleet, agent, { wave: 1 })],
    ["an older attempt", "attempt 1 is over; the newest is 2", (fleet, agent) => setAssignment(fleet, agent, { attempt: 2 })],
    ["an attempt that has ended", "the attempt has ended: Failed", (fleet, agent) => setAssignment(fleet, agent, { phase: "Failed" })],
    ["a node that was given up as Lost", "the attempt has ended: Lost", (fleet, agent) => setAssignment(fleet, agent, { phase: "Lost" })],
    [
      "an attempt that was called off",
      "the attempt was called off",
      (fleet, agent) => {
        const { attempt: _, ...intent } = fleet.snapshot.intents.get(agent.id)!;
        fleet.change({ kind: "intent", value: { nodeId: agent.id, intent } });
      },
    ],
    [
      "a slot that is gone",
      "the permission is not, or no longer, valid",
      (fleet, agent) => fleet.change({ kind: "slot-released", nodeId: agent.id, id: fleet.snapshot.slots.get(agent.id)!.id }),
    ],
    [
      "another slot",
      "the permission is not, or no longer, valid",
      (_fleet, _agent, { permission }) => ({ permission: { ...permission, slot: "other" } }),
    ],
    [
      "another epoch",
      "the permission is not, or no longer, valid",
      (_fleet, _agent, { permission }) => ({ permission: { ...permission, epoch: permission.epoch + 1 } }),
    ],
    ["another commit", "the commit is not this attempt's target", () => ({ checksum: "d".repeat(64) })],
    [
      "a denied commit",
      "the commit is denied on this node",
      (fleet, agent) => fleet.change({ kind: "denied", value: { nodeId: agent.id, checksum: targetCommit, reason: "", at: 0 } }),
    ],
    ["a node without a session", "the node has no session", (fleet, agent) => fleet.disconnect(agent)],
    ["a boot it was not observed on", "the node has booted since it was last observed", () => ({ bootId: "other" })],
    [
      "a node that left the commit it began on",
      "the node does not run the commit the attempt began on",
      (fleet, agent) => setAssignment(fleet, agent, { base: { checksum: "d".repeat(64), serial: 0 } }),
    ],
    [
      "a red node",
      "its required checks are red before the update",
      (fleet, agent) => {
        agent.green = false;
        fleet.report(agent);
      },
    ],
    [
      "a budget that others have used up meanwhile",
      "2 of 1 would be unavailable in budget rollout r",
      (fleet) => fleet.disconnect(fleet.agents[1]!),
    ],
  ];

  it.each(refusals)("refuses %s", (_name, reason, change) => {
    const { fleet, agent, request } = drained();
    const changed = change(fleet, agent, request) ?? {};
    expect(confirm(fleet.snapshot, { ...request, ...changed }, fleet.now)).toEqual({ granted: false, reason });
  });

  it("goes although the commit is denied when the earlier failure was this server's own absence", () => {
    const { fleet, agent, request } = drained();
    fleet.change({ kind: "denied", value: { nodeId: agent.id, checksum: targetCommit, reason: "", at: 0 } });
    setAssignment(fleet, agent, { clearDenied: true });
    expect(confirm(fleet.snapshot, request, fleet.now).granted).toBe(true);
  });
});
