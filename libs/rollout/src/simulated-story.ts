/** What may happen to a fleet, as data, for properties: what agents do, what breaks, what people order. */
import type { Labels } from "@treeline/fleet";
import { approveWave, createRollout, retryRollout, rollbackRollout } from "./command.ts";
import { clearNode } from "./node-command.ts";
import type { PolicyDraft } from "./policy-draft.ts";
import { hasEnded } from "./record.ts";
import type { Fate, SimulatedAgent } from "./simulated-agent.ts";
import { quickPolicy, type SimulatedFleet } from "./simulated-fleet.ts";
import { resumeAll, stopAll } from "./stop-command.ts";

export type Event =
  | { readonly kind: "advance"; readonly node: number; readonly fate: Fate }
  | { readonly kind: AgentEvent; readonly node: number }
  | { readonly kind: "confirm"; readonly node: number; readonly answerArrives: boolean }
  | { readonly kind: "turns"; readonly node: number; readonly fates: readonly Fate[] }
  | { readonly kind: "say"; readonly node: number; readonly reason: string }
  | { readonly kind: "tick" }
  | { readonly kind: "restart"; readonly awayMillis: number }
  | { readonly kind: "time"; readonly millis: number }
  | { readonly kind: "relabel"; readonly node: number; readonly zone: string }
  | { readonly kind: "join"; readonly zone: string }
  | { readonly kind: "stop"; readonly selector: string; readonly sparesRollbacks: boolean }
  | { readonly kind: "resume-all" }
  | { readonly kind: "pause" | "resume" | "approve" | "retry" | "rollback" | "abort" | "start"; readonly rollout: string };

export type AgentEvent =
  | "report"
  | "deliver"
  | "connect"
  | "disconnect"
  | "flap"
  | "power-cut"
  | "fall-back"
  | "lose-journal"
  | "write-off"
  | "clear"
  | "revoke";

export function play(fleet: SimulatedFleet, event: Event): void {
  if ("node" in event) return playNode(fleet, event, fleet.agents[event.node % fleet.agents.length]!);
  if ("rollout" in event) return playVerb(fleet, event.kind, event.rollout);
  switch (event.kind) {
    case "tick":
      return void fleet.tick();
    case "restart":
      return fleet.restartServer(event.awayMillis);
    case "time":
      fleet.now += event.millis;
      return;
    case "join":
      return void fleet.enroll(labelsOf(fleet.agents.length, event.zone));
    case "stop":
      return fleet.do(
        stopAll(fleet.snapshot, { selector: event.selector, reason: "wait", by: "op", sparesRollbacks: event.sparesRollbacks }, fleet.now),
      );
    case "resume-all":
      return fleet.do(resumeAll(fleet.snapshot, {}));
  }
}

function playNode(fleet: SimulatedFleet, event: Extract<Event, { readonly node: number }>, agent: SimulatedAgent): void {
  switch (event.kind) {
    case "advance":
      return fleet.advance(agent, event.fate);
    case "report":
    case "deliver":
    case "connect":
    case "disconnect":
    case "revoke":
      return fleet[event.kind](agent);
    case "write-off":
      return fleet.writeOff(agent);
    case "clear":
      return fleet.do(clearNode(fleet.snapshot, agent.id, { by: "op", reason: "" }, fleet.now));
    case "flap":
      agent.green = !agent.green;
      return fleet.report(agent);
    case "power-cut":
    case "fall-back":
      return fleet.boot(agent, event.kind);
    case "lose-journal":
      return agent.loseJournal();
    case "relabel":
      return fleet.relabel(agent, labelsOf(event.node, event.zone));
    case "confirm":
      return void fleet.confirm(agent, event.answerArrives);
    case "turns":
      for (const fate of event.fates)
        if (agent.connected || fate !== "no-session") fleet.turn(agent, fate);
        else fleet.advance(agent, fate);
      return;
    case "say":
      agent.reason = event.reason;
      return fleet.report(agent);
  }
}

function playVerb(fleet: SimulatedFleet, verb: Extract<Event, { readonly rollout: string }>["kind"], name: string): void {
  const state = fleet.snapshot.rollouts.get(name);
  if (state === undefined) return;
  const { snapshot, now } = fleet;
  if (verb === "pause" || verb === "resume") return fleet.pause(verb === "pause", name);
  if (verb === "abort") return hasEnded(state) ? undefined : fleet.abort(name);
  const result =
    verb === "approve"
      ? approveWave(snapshot, name, { by: "op", reason: "" }, now)
      : verb === "retry"
        ? retryRollout(snapshot, name, { nodes: [] }, now)
        : verb === "rollback"
          ? rollbackRollout(snapshot, name, { reason: "" })
          : undefined;
  if (result?.ok === true) fleet.do(result);
}

// ---- fleets ----

export function labelsOf(index: number, zone = `z${(index % 3) + 1}`): Labels {
  return { zone, "topology.kubernetes.io/region": "eu", "topology.kubernetes.io/zone": zone, "treeline.dev/rack": `r${index % 2}` };
}

/** Creates it with these waves, or, if they do not fit so few nodes, in one. */
export function create(fleet: SimulatedFleet, name: string, policy: Partial<PolicyDraft>): void {
  const created = createRollout(fleet.snapshot, { name, policy: { ...quickPolicy, ...policy }, hold: false }, fleet.now);
  if (created.ok) return fleet.do(created);
  const { gate: _, ...simpler } = policy;
  const simple = createRollout(
    fleet.snapshot,
    { name, policy: { ...quickPolicy, ...simpler, waves: [{ size: { rest: true } }] }, hold: false },
    fleet.now,
  );
  if (simple.ok) fleet.do(simple);
}
