import { status } from "@grpc/grpc-js";
import { placesByWireName, policyDraftFromProto, RpcError, type wire } from "@treeline/rpc";
import {
  abortRollout,
  approveWave,
  createRollout,
  pauseRollout,
  planRollout,
  resumeRollout,
  retryRollout,
  rollbackRollout,
  startRollout,
  type AssignmentRecord,
  type CommandResult,
  type RolloutRecord,
  type Snapshot,
} from "@treeline/rollout";
import type { Store } from "@treeline/store";
import type { Fleet } from "@treeline/control";
import type { Caller } from "../access/caller.ts";
import type { ProgressBoard } from "../progress.ts";
import { findNode } from "./nodes.ts";
import { carryOut, invalidRequest, reasonOf, refusalError, type OperatorCommand } from "./operator-command.ts";
import { compareText, fitting, pageSizeOf, smallest } from "./page.ts";
import { planToProto } from "./plan-view.ts";
import { PlaceOrder, type Place } from "./place-order.ts";
import { bakeEndOf, nodeSize, rolloutNodeView, rolloutView, withReason } from "./rollout-view.ts";

const rolloutPages = { usual: 500, most: 1_000 };
const nodePages = { usual: 1_000, most: 5_000 };
const historyPages = { usual: 100, most: 1_000 };
const maxPageCharacters = 2 * 1024 * 1024;
const maxRetried = 10_000;

export interface RolloutsOptions {
  readonly fleet: Fleet;
  readonly progress: ProgressBoard;
  readonly audit: Pick<Store, "readAudit">;
  readonly now: () => number;
}

/** RolloutService: the commands are pure functions of `@treeline/rollout`; here they are committed with their audit entry. */
export class Rollouts {
  readonly #options: RolloutsOptions;
  readonly #order = new PlaceOrder();

  constructor(options: RolloutsOptions) {
    this.#options = options;
  }

  plan(request: wire.PlanRolloutRequest__Output): wire.PlanRolloutResponse {
    const { fleet, now } = this.#options;
    const snapshot = fleet.durable;
    const result = planRollout(snapshot, { name: request.name, policy: policyDraftFromProto(request.policy) }, now());
    if (!result.ok) throw refusalError(result.refusal);
    return { plan: planToProto(snapshot, result.plan) };
  }

  async create(request: wire.CreateRolloutRequest__Output, caller: Caller): Promise<wire.CreateRolloutResponse> {
    const { name, hold } = request;
    const policy = policyDraftFromProto(request.policy);
    return this.#command({ action: "create-rollout", caller, reason: hold ? "hold" : "" }, (working, at) =>
      createRollout(working, { name, policy, hold, by: caller.principal.persons }, at),
    );
  }

  async start({ name }: wire.StartRolloutRequest__Output, caller: Caller): Promise<wire.StartRolloutResponse> {
    return this.#command({ action: "start-rollout", caller, reason: "" }, (working, at) => startRollout(working, name, at));
  }

  async pause(request: wire.PauseRolloutRequest__Output, caller: Caller): Promise<wire.PauseRolloutResponse> {
    const reason = reasonOf(request);
    return this.#command({ action: "pause-rollout", caller, reason }, (working) => pauseRollout(working, request.name, { reason }));
  }

  async resume(request: wire.ResumeRolloutRequest__Output, caller: Caller): Promise<wire.ResumeRolloutResponse> {
    return this.#command({ action: "resume-rollout", caller, reason: reasonOf(request) }, (working) =>
      resumeRollout(working, request.name),
    );
  }

  async abort(request: wire.AbortRolloutRequest__Output, caller: Caller): Promise<wire.AbortRolloutResponse> {
    const reason = reasonOf(request);
    return this.#command({ action: "abort-rollout", caller, reason }, (working, at) =>
      abortRollout(working, request.name, { reason }, at),
    );
  }

  async rollback(request: wire.RollbackRolloutRequest__Output, caller: Caller): Promise<wire.RollbackRolloutResponse> {
    const reason = reasonOf(request);
    return this.#command({ action: "rollback-rollout", caller, reason }, (working) => rollbackRollout(working, request.name, { reason }));
  }

  async approve(request: wire.ApproveWaveRequest__Output, caller: Caller): Promise<wire.ApproveWaveResponse> {
    const reason = reasonOf(request);
    const wave = request.wave.trim();
    const approval = { by: caller.principal.id, persons: caller.principal.persons, reason, ...(wave === "" ? {} : { wave }) };
    return this.#command(
      {
        action: "approve-wave",
        caller,
        reason: (decided, working) => [approvedWave(decided.rollout, working), reason].filter(Boolean).join(": "),
      },
      (working, at) => approveWave(working, request.name, approval, at),
    );
  }

  async retry(request: wire.RetryRolloutRequest__Output, caller: Caller): Promise<wire.RetryRolloutResponse> {
    if (request.nodes.length > maxRetried)
      throw invalidRequest("nodes", `names ${request.nodes.length} nodes; name at most ${maxRetried}, or none for all that failed`);
    return this.#command({ action: "retry-rollout", caller, reason: reasonOf(request) }, (working, at) =>
      retryRollout(working, request.name, { nodes: request.nodes.map((node) => findNode(working, node).id) }, at),
    );
  }

  get(request: wire.GetRolloutRequest__Output): wire.GetRolloutResponse {
    return { rollout: this.view(findRollout(this.#options.fleet.durable, request.name)) };
  }

  /** The newest first; a page token is the name of the last one given: rollouts stay for ever. */
  list(request: wire.ListRolloutsRequest__Output): wire.ListRolloutsResponse {
    const { durable } = this.#options.fleet;
    const before = request.pageToken === "" ? undefined : durable.rollouts.get(request.pageToken);
    if (request.pageToken !== "" && before === undefined) throw invalidRequest("page_token", "names no rollout; begin again without it");
    const rest = durable.rollouts.valueSeq().filter((rollout) => before === undefined || newestFirst(rollout, before) > 0);
    const size = pageSizeOf(request.pageSize, rolloutPages);
    const found = smallest(rest, size + 1, newestFirst);
    const views = found.slice(0, size).map((rollout) => this.view(rollout));
    const rollouts = views.slice(
      0,
      fitting(views, maxPageCharacters, (view) => JSON.stringify(view).length),
    );
    return { rollouts, nextPageToken: rollouts.length < found.length ? rollouts.at(-1)!.name! : "" };
  }

  /** Pages go on behind the last place that was given, whether or not a node still stands there. */
  listNodes(request: wire.ListRolloutNodesRequest__Output): wire.ListRolloutNodesResponse {
    const { fleet, progress, now } = this.#options;
    const snapshot = fleet.durable;
    const { name } = findRollout(snapshot, request.name);
    const wanted = wantedPhases(request.phases);
    const before = request.pageToken === "" ? undefined : placeOfToken(request.pageToken);
    const size = pageSizeOf(request.pageSize, nodePages);
    const places: Place[] = [];
    for (const place of this.#order.places(snapshot, name, before)) {
      if (wanted !== undefined && !wanted.has(snapshot.assignments.get(name)!.get(place.nodeId)!.phase)) continue;
      // One more than asked for tells that there is another page.
      if (places.push(place) > size) break;
    }
    const views = places
      .slice(0, size)
      .map(({ nodeId }) => withReason(snapshot, rolloutNodeView(snapshot, snapshot.assignments.get(name)!.get(nodeId)!, progress), now()));
    const nodes = views.slice(0, fitting(views, maxPageCharacters, nodeSize));
    return { nodes, nextPageToken: nodes.length < places.length ? tokenOf(places[nodes.length - 1]!) : "" };
  }

  async history(request: wire.GetRolloutHistoryRequest__Output): Promise<wire.GetRolloutHistoryResponse> {
    const { fleet, audit } = this.#options;
    const { name } = findRollout(fleet.durable, request.name);
    if (!/^([1-9]\d{0,14})?$/.test(request.pageToken))
      throw invalidRequest("page_token", "is not one that the server gave; begin again without it");
    const before = request.pageToken === "" ? {} : { before: Number(request.pageToken) };
    const size = pageSizeOf(request.pageSize, historyPages);
    const found = await audit.readAudit({ under: `rollout ${name}`, limit: size + 1, ...before });
    const entries = found.slice(
      0,
      fitting(found.slice(0, size), maxPageCharacters, ({ subject, because }) => 100 + subject.length + because.length),
    );
    return {
      entries: entries.map(({ sequence, at, actor, action, subject, because }) => ({
        sequence: String(sequence),
        atMillis: String(at),
        actor,
        action,
        subject,
        because,
      })),
      nextPageToken: entries.length < found.length ? String(entries.at(-1)!.sequence) : "",
    };
  }

  view(rollout: RolloutRecord): wire.Rollout {
    const { fleet, now } = this.#options;
    return rolloutView(fleet.durable, rollout, now());
  }

  /** Its nodes in the order in which they are shown. */
  *assignments(snapshot: Snapshot, name: string): Iterable<AssignmentRecord> {
    const all = snapshot.assignments.get(name);
    for (const { nodeId } of this.#order.places(snapshot, name)) yield all!.get(nodeId)!;
  }

  /** How long the bake under way still takes, in milliseconds; undefined when none is, or it is over. */
  millisToBaked(name: string): number | undefined {
    const { fleet, now } = this.#options;
    const end = bakeEndOf(findRollout(fleet.durable, name));
    const left = end === undefined ? 0 : end - now();
    return left > 0 ? Math.min(left, 2 ** 31 - 1) : undefined;
  }

  async #command(
    command: Pick<OperatorCommand<CommandResult>, "action" | "caller" | "reason">,
    decide: (working: Snapshot, at: number) => CommandResult,
  ): Promise<{ readonly rollout: wire.Rollout }> {
    const decided = await carryOut(this.#options, { ...command, decide, subject: ({ rollout }) => `rollout ${rollout.name}` });
    return { rollout: this.view(findRollout(this.#options.fleet.durable, decided.rollout.name)) };
  }
}

export function findRollout(snapshot: Snapshot, name: string): RolloutRecord {
  const rollout = snapshot.rollouts.get(name);
  if (rollout === undefined)
    throw new RpcError(`there is no rollout ${name.slice(0, 100)}`, {
      status: status.NOT_FOUND,
      reason: "ROLLOUT_UNKNOWN",
      subject: name.slice(0, 100),
      remedy: "see `treeline rollout list`",
    });
  return rollout;
}

/** "wave canary": what was not approved before. */
function approvedWave({ name, policy, approvals }: RolloutRecord, before: Snapshot): string {
  const given = before.rollouts.get(name)?.approvals ?? {};
  return policy.waves
    .flatMap((wave, index) => (approvals[index] !== undefined && given[index] === undefined ? [`wave ${wave.name}`] : []))
    .join(", ");
}

function newestFirst(a: RolloutRecord, b: RolloutRecord): number {
  return b.createdAt - a.createdAt || compareText(a.name, b.name);
}

/** The phases asked for; undefined for all. A node whose turn has not come is Idle to an operator. */
function wantedPhases(phases: wire.ListRolloutNodesRequest__Output["phases"]): ReadonlySet<AssignmentRecord["phase"]> | undefined {
  if (phases.length === 0) return undefined;
  return new Set(
    phases.flatMap((phase): AssignmentRecord["phase"][] => {
      const place = placesByWireName.get(phase);
      if (place === undefined) throw invalidRequest("phases", "holds a phase that is not known here");
      return place === "Idle" ? ["Idle", "pending"] : [place];
    }),
  );
}

function tokenOf({ wave, name, nodeId }: Place): string {
  return Buffer.from(JSON.stringify([wave, name, nodeId])).toString("base64url");
}

function placeOfToken(token: string): Place {
  try {
    const [wave, name, nodeId] = JSON.parse(Buffer.from(token, "base64url").toString()) as unknown[];
    if (typeof wave === "number" && typeof name === "string" && typeof nodeId === "string") return { wave, name, nodeId };
  } catch {
    // Not one of ours.
  }
  throw invalidRequest("page_token", "is not one that the server gave; begin again without it");
}
