import type { wire } from "@treeline/rpc";
import type { PolicyView } from "./view/policy.ts";
import type { RolloutNodeView, RolloutView } from "./view/rollout.ts";
import type { Counts, WaveStatusView } from "./view/wave.ts";

/** Support for this program's tests: rollouts as the server sends them and as the program sees them. */

export const checksum = "ab".repeat(32);

/** A rollout together with its nodes, which the protocol sends beside it. */
export type WireState = wire.Rollout & { readonly nodes: wire.RolloutNode[] };

export function wireRollout(changes: Partial<WireState> = {}): WireState {
  return {
    name: "spring",
    state: "ROLLOUT_STATE_RUNNING",
    target: { checksum, ref: "os/stable", version: "42.1" },
    policy: {
      release: "42.1",
      selector: "*",
      waves: [{ count: 1 }, { percent: 50 }, { rest: true }],
      maxUnavailable: "1",
      nodeSoakMillis: 30_000,
      retries: 2,
    },
    createdAtMillis: "1700000000000",
    startedAtMillis: "1700000000000",
    nodesByStanding: { moving: 1, waiting: 1 },
    nodes: [wireNode("web-1", { phase: "UPDATE_PHASE_STAGING", bytesPulled: "4404019" }), wireNode("web-2", { wave: 1 })],
    ...changes,
  };
}

export function wireNode(name: string, changes: Partial<wire.RolloutNode> = {}): wire.RolloutNode {
  return { nodeId: `id-of-${name}`, name, connected: true, ...changes };
}

export const policyOf: PolicyView = {
  ...{ release: "42.1", channel: null, selector: "*", nodes: [], exclude: { selector: null, nodes: [] }, priority: 0, cure: false },
  waves: [
    { name: "wave-1", count: 1, selector: null, bakeMillis: 0, approval: false, gate: null },
    { name: "wave-2", rest: true, selector: null, bakeMillis: 0, approval: false, gate: null },
  ],
  ...{ maxUnavailable: "1", budgets: [], nodeSoakMillis: 0, gate: { maxFailures: 0 }, onFailure: "halt", timeouts: {} },
  ...{ retries: 2, retryBackoffMillis: null, retryMaxBackoffMillis: null, staging: {} },
};

export const noCounts: Counts = { nodes: 0, waiting: 0, moving: 0, updated: 0, failed: 0, ended: 0 };

export function waveOf(name: string, changes: Partial<WaveStatusView> = {}): WaveStatusView {
  return {
    name,
    state: "waiting",
    counts: noCounts,
    bakingSince: null,
    bakeEndsAt: null,
    needsApproval: false,
    approval: null,
    ...changes,
  };
}

export function rolloutOf(changes: Partial<RolloutView> = {}): RolloutView {
  return {
    name: "spring",
    state: "running",
    reason: "",
    target: { checksum, ref: "os/stable", version: "42.1" },
    policy: policyOf,
    createdAt: "2026-01-01T00:00:00.000Z",
    startedAt: "2026-01-01T00:00:00.000Z",
    endedAt: null,
    openWave: 0,
    waves: [],
    counts: noCounts,
    slotsHeld: 0,
    goingBack: false,
    settled: false,
    nodes: [],
    ...changes,
  };
}

export function nodeOf(name: string, changes: Partial<RolloutNodeView> = {}): RolloutNodeView {
  const idle = {
    wave: 0,
    phase: "Idle",
    class: "",
    reason: "",
    attempt: 0,
    holdsSlot: false,
    bytesPulled: 0,
    bytesToPull: 0,
    confirmed: false,
    connected: true,
    proved: false,
    goingBack: false,
  } as const;
  return { id: `id-of-${name}`, name, ...idle, ...changes };
}
