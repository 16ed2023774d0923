import type { wire } from "@treeline/rpc";
import type { RolloutNodeView, RolloutView } from "./view/rollout.ts";

/** Support for this program's tests: rollouts as the server sends them and as the program sees them. */

export const checksum = "ab".repeat(32);

export function wireRollout(changes: Partial<wire.Rollout> = {}): wire.Rollout {
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
    nodes: [wireNode("web-1", { phase: "UPDATE_PHASE_STAGING", bytesPulled: "4404019" }), wireNode("web-2", { wave: 1 })],
    ...changes,
  };
}

export function wireNode(name: string, changes: Partial<wire.RolloutNode> = {}): wire.RolloutNode {
  return { nodeId: `id-of-${name}`, name, connected: true, ...changes };
}

export function rolloutOf(changes: Partial<RolloutView> = {}): RolloutView {
  return {
    name: "spring",
    state: "running",
    reason: "",
    target: { checksum, ref: "os/stable", version: "42.1" },
    policy: { release: "42.1", selector: "*", waves: [{ count: 1 }, { rest: true }], maxUnavailable: "1", nodeSoakMillis: 0, retries: 2 },
    createdAt: "2026-01-01T00:00:00.000Z",
    startedAt: "2026-01-01T00:00:00.000Z",
    endedAt: null,
    openWave: 0,
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
    confirmed: false,
    connected: true,
    proved: false,
  } as const;
  return { id: `id-of-${name}`, name, ...idle, ...changes };
}
