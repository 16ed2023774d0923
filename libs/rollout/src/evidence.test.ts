import type { ClosedAttempt, Deployment, Observation } from "@treeline/fleet";
import { describe, expect, it } from "vitest";
import { proveBack, proveUpdated, type UpdateClaim } from "./evidence.ts";
import type { AssignmentRecord } from "./record.ts";
import { baseCommit, inventoryOf, targetCommit } from "./simulated-agent.ts";
import { SimulatedFleet } from "./simulated-fleet.ts";

const { rollout } = new SimulatedFleet({ nodes: 1, policy: {} });
const ref = { rollout: "r", number: 1 };
const target = { checksum: targetCommit, ref: "sim", version: "2" };

function deployment(checksum: string, flags: Partial<Deployment> = {}): Deployment {
  return {
    osname: "sim",
    checksum,
    serial: 0,
    version: "",
    refspec: "origin:sim",
    booted: false,
    pending: false,
    staged: false,
    rollback: false,
    pinned: false,
    kargs: "",
    ...flags,
  };
}

function observed(change: {
  readonly bootId?: string;
  readonly deployments?: readonly Deployment[];
  readonly health?: Partial<Observation["health"]>;
  readonly update?: Partial<Observation["update"]>;
}): Observation {
  const bootId = change.bootId ?? "boot-2";
  return {
    os: {
      bootId,
      deployments: change.deployments ?? [deployment(targetCommit, { booted: true }), deployment(baseCommit, { rollback: true })],
    },
    update: { phase: "Idle", reason: "", closed: [], denied: [], highest: { epoch: 1, number: 1 }, ...change.update },
    health: { state: "green", bootId, checks: [], ...change.health },
    inventory: inventoryOf("host"),
  };
}

const assignment: AssignmentRecord = {
  rollout: "r",
  nodeId: "n",
  wave: 0,
  phase: "Draining",
  since: 0,
  attempt: 1,
  way: "forward",
  retried: 0,
  reason: "",
  base: { checksum: baseCommit, serial: 0 },
};

const closed: ClosedAttempt = {
  attempt: ref,
  target,
  outcome: { kind: "updated", bootId: "boot-2", soakedMillis: 30_000 },
  confirmedBootId: "boot-1",
};

describe("proveUpdated", () => {
  const slot = {
    id: "s",
    nodeId: "n",
    holder: { kind: "rollout" as const, ...ref },
    epoch: 1,
    grantedAt: 0,
    budgets: [],
    confirmed: { at: 1, bootId: "boot-1" },
  };
  const claim: UpdateClaim = { rollout, assignment, slot, closed, observation: observed({}), now: 9 };

  it("shows the two boots, the commit and the soak", () => {
    expect(proveUpdated(claim)).toEqual({
      shown: { at: 9, bootId: "boot-2", previousBootId: "boot-1", checksum: targetCommit, soakedMillis: 30_000 },
    });
  });

  const { confirmed: _, ...unconfirmed } = slot;
  it.each<[string, Partial<UpdateClaim>]>([
    ["the node does not claim to be updated", { closed: { ...closed, outcome: { kind: "abandoned", reason: "", bootId: "boot-2" } } }],
    ["no confirmation was given for this attempt", { slot: undefined }],
    ["no confirmation was given for this attempt", { slot: unconfirmed }],
    [`the node runs ${baseCommit}, not the target`, { observation: observed({ deployments: [deployment(baseCommit, { booted: true })] }) }],
    ["the node has not booted since the confirmation", { observation: observed({ bootId: "boot-1" }) }],
    [
      "the node has not booted since the confirmation",
      { closed: { ...closed, outcome: { kind: "updated", bootId: "boot-1", soakedMillis: 30_000 } } },
    ],
    [
      "another deployment is the default for the next boot",
      { observation: observed({ deployments: [deployment(baseCommit), deployment(targetCommit, { booted: true })] }) },
    ],
    ["the required checks are not green on this boot", { observation: observed({ health: { state: "unknown" } }) }],
    ["the required checks are not green on this boot", { observation: observed({ health: { bootId: "boot-1" } }) }],
    [
      "the node has not soaked long enough",
      { closed: { ...closed, outcome: { kind: "updated", bootId: "boot-2", soakedMillis: 29_999 } } },
    ],
  ])("misses: %s", (missing, change) => {
    expect(proveUpdated({ ...claim, ...change })).toEqual({ missing });
  });
});

describe("proveBack", () => {
  const onBase = [deployment(baseCommit, { booted: true })];
  const open = { attempt: ref, target, base: { checksum: baseCommit, serial: 0 }, phase: "Draining" as const };

  it("is shown by the previous commit, nothing pending, green checks and no open attempt of this number", () => {
    expect(proveBack(rollout, assignment, observed({ deployments: onBase }))).toEqual({ shown: true });
    expect(
      proveBack(
        rollout,
        assignment,
        observed({ deployments: onBase, update: { open: { ...open, attempt: { rollout: "r", number: 2 } } } }),
      ),
    ).toEqual({ shown: true });
  });

  it.each<[string, Observation]>([
    ["the attempt is still open on the node", observed({ deployments: onBase, update: { open } })],
    ["the node does not run its previous commit", observed({})],
    ["the node does not run its previous commit", observed({ deployments: [] })],
    [
      "a deployment of ours is staged or pending on the node",
      observed({ deployments: [deployment(targetCommit, { staged: true }), ...onBase] }),
    ],
    ["the required checks are not green on the previous commit", observed({ deployments: onBase, health: { state: "red" } })],
    ["the required checks are not green on the previous commit", observed({ deployments: onBase, health: { bootId: "boot-1" } })],
  ])("misses: %s", (missing, observation) => {
    expect(proveBack(rollout, assignment, observation)).toEqual({ missing });
  });

  it("looks at what our attempts deployed, not at what an operator has pending there", () => {
    const theirs = [deployment("e".repeat(64), { staged: true }), ...onBase];
    expect(proveBack(rollout, assignment, observed({ deployments: theirs }))).toEqual({ shown: true });
    const { confirmedBootId: _, ...unconfirmed } = closed;
    const earlier = { ...unconfirmed, attempt: { rollout: "earlier", number: 1 }, target: { ...target, checksum: "e".repeat(64) } };
    const before = { ...earlier, confirmedBootId: "boot-0" };
    const known = { ...earlier, confirmedBootId: observed({}).os.bootId };
    const missing = "a deployment of ours is staged or pending on the node";
    expect(proveBack(rollout, assignment, observed({ deployments: theirs, update: { closed: [known] } }))).toEqual({ missing });
    expect(proveBack(rollout, assignment, observed({ deployments: theirs, update: { closed: [earlier, before] } }))).toEqual({
      shown: true,
    });
  });

  it("misses a base that was never noted", () => {
    const { base: _, ...without } = assignment;
    expect(proveBack(rollout, without, observed({ deployments: onBase }))).toEqual({
      missing: "the node does not run its previous commit",
    });
  });
});
