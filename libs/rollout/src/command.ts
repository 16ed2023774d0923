// Every verb over one rollout: what it changes, or why not. None changes anything when it is refused; said again, each is the same as said once.
import { isSamePerson, type Instant, type Persons, type Signed } from "@treeline/fleet";
import type { DurableChange } from "./change.ts";
import { checkPolicy } from "./check-policy.ts";
import { inPhase, put } from "./decision.ts";
import { newAssignment } from "./join.ts";
import { layOut, unmanagedRelease } from "./layout.ts";
import type { PolicyDraft } from "./policy-draft.ts";
import type { RolloutPolicy } from "./policy.ts";
import { hasEnded, type AssignmentRecord, type Results, type RolloutRecord, type RolloutState } from "./record.ts";
import { refuse, type Refused } from "./refusal.ts";
import { awaitedApproval, pardonsFor, rollingBack } from "./rollout-look.ts";
import { assignmentsOf, isDenied, tallyOf, type Snapshot } from "./snapshot.ts";
import { categoryOf } from "./tally.ts";

/** The changes to commit (none when the command was carried out before), or why not. */
export type CommandResult = { readonly ok: true; readonly rollout: RolloutRecord; readonly changes: readonly DurableChange[] } | Refused;

export interface CreateRollout {
  readonly name: string;
  readonly policy: PolicyDraft;
  readonly hold: boolean;
  readonly by?: Persons;
}

/** Creates a rollout, and starts it unless held. The same name with the same policy is the same rollout: the command may be repeated. */
export function createRollout(snapshot: Snapshot, request: CreateRollout, now: Instant): CommandResult {
  const existing = snapshot.rollouts.get(request.name);
  const checked = checkPolicy(request.policy);
  // Asked of the policy alone: the fleet under it may have changed since.
  if (existing !== undefined && checked.ok)
    return differentPolicy(existing, checked.policy) ?? { ok: true, rollout: existing, changes: [] };
  const laid = layOut(snapshot, request.name, request.policy);
  if (!laid.ok) return laid;
  const { policy, target, waves } = laid.layout;
  const rollout: RolloutRecord = {
    name: request.name,
    policy,
    target,
    state: request.hold ? "held" : "running",
    reason: request.hold ? "created with hold" : "",
    createdAt: now,
    ...(request.by === undefined ? {} : { createdBy: request.by }),
    ...(request.hold ? {} : { startedAt: now }),
    way: "forward",
    openWave: -1,
    approvals: {},
    pardons: {},
    settled: false,
  };
  const assignments = waves.flatMap((wave, index) => wave.map((node) => put(newAssignment(rollout.name, node.id, index, now))));
  return { ok: true, rollout, changes: [{ kind: "rollout", value: rollout }, ...assignments] };
}

/** The refusal of a policy under a name that has another one already. */
export function differentPolicy({ name, policy }: RolloutRecord, wanted: RolloutPolicy): Refused | undefined {
  if (samePolicy(policy, wanted)) return undefined;
  return refuse("exists", `rollout ${name} exists with another policy`, "choose another name; a rollout's policy does not change");
}

/** Starts a held rollout. Starting a running one changes nothing. */
export function startRollout(snapshot: Snapshot, name: string, now: Instant): CommandResult {
  const rollout = snapshot.rollouts.get(name);
  const unmanaged = rollout?.state === "held" ? unmanagedRelease(snapshot, rollout.target) : undefined;
  if (unmanaged !== undefined) return unmanaged;
  return move(snapshot, name, "started", (rollout) => {
    if (rollout.state === "running") return rollout;
    return rollout.state === "held" ? { ...rollout, state: "running", reason: "", startedAt: now } : undefined;
  });
}

/** No new attempt, grant or confirmation while paused; nodes past their confirmation finish. */
export function pauseRollout(snapshot: Snapshot, name: string, { reason }: { readonly reason: string }): CommandResult {
  return move(snapshot, name, "paused", (rollout) => {
    if (rollout.state === "paused") return rollout;
    const pausable = rollout.state === "running" || rollout.state === "rolling-back";
    return pausable ? { ...rollout, state: "paused", reason: reason || "paused by an operator" } : undefined;
  });
}

/**
 * Goes on. If a closed gate had paused it, what the gates had against it until now is pardoned: somebody has looked at it. What failed while an
 * operator had paused it is judged at once.
 */
export function resumeRollout(snapshot: Snapshot, name: string): CommandResult {
  return move(snapshot, name, "resumed", (rollout) => {
    if (rollout.state === "running" || rollout.state === "rolling-back") return rollout;
    if (rollout.state !== "paused") return undefined;
    const { gateClosed, ...rest } = rollout;
    if (rollout.way === "back") return { ...rest, state: "rolling-back", reason: "" };
    return { ...rest, state: "running", reason: "", ...(gateClosed === true ? { pardons: pardonsFor(snapshot, rollout) } : {}) };
  });
}

/**
 * Ends a rollout before all its nodes are updated: `decide` calls back what is not confirmed. Aborting an aborted one changes nothing; one that
 * has ended otherwise is refused.
 */
export function abortRollout(snapshot: Snapshot, name: string, { reason }: { readonly reason: string }, now: Instant): CommandResult {
  return move(snapshot, name, "aborted", (rollout) => {
    if (rollout.state === "aborted") return rollout;
    if (hasEnded(rollout)) return undefined;
    return { ...rollout, state: "aborted", reason: `aborted by an operator${reason ? `: ${reason}` : ""}`, endedAt: now, settled: false };
  });
}

/** Takes every node that the rollout has updated back to what it ran before. Also after the rollout has ended. */
export function rollbackRollout(snapshot: Snapshot, name: string, { reason }: { readonly reason: string }): CommandResult {
  return move(snapshot, name, "rolled back", (rollout) => {
    // One that is paused on its way back stays so: `resume` goes on. One that has come back looks again whether a node was left.
    if (rollout.state === "rolling-back" || (rollout.state === "paused" && rollout.way === "back")) return rollout;
    if (rollout.state === "held") return undefined;
    return rollingBack(rollout, reason || "rolled back by an operator");
  });
}

export interface ApproveWave {
  /** The wave's name or its number from 1; absent: the one that waits. */
  readonly wave?: string | undefined;
  readonly by: string;
  readonly persons?: Persons;
  readonly reason: string;
}

/** Approves a wave, also ahead of its time. Once only: a second approval says who gave the first. Never by who created the rollout: two persons look at it. */
export function approveWave(
  snapshot: Snapshot,
  name: string,
  { wave, by, persons = [], reason }: ApproveWave,
  now: Instant,
): CommandResult {
  const rollout = snapshot.rollouts.get(name);
  if (rollout === undefined) return unknownRollout(name);
  if (hasEnded(rollout) || rollout.way === "back") return wrongState(rollout, "approved");
  const { waves } = rollout.policy;
  const index =
    wave === undefined || wave === "" ? awaitedApproval(rollout, tallyOf(snapshot, name), now) : waveIndex(rollout.policy, wave);
  if (index === undefined)
    return wave
      ? refuse("not-found", `rollout ${name} has no wave ${wave}`, `its waves are ${waves.map((one) => one.name).join(", ")}`)
      : refuse(
          "wrong-state",
          `no wave of rollout ${name} waits for an approval`,
          `name one to approve it ahead; see \`treeline rollout show ${name}\``,
        );
  const label = `wave ${index + 1} (${waves[index]!.name})`;
  if (!waves[index]!.approval) return refuse("wrong-state", `${label} of rollout ${name} needs no approval`, "it opens by itself");
  const given = rollout.approvals[index];
  if (given !== undefined)
    return refuse("wrong-state", `${label} of rollout ${name} was approved by ${given.by} already`, "nothing is left to approve there");
  if (isSamePerson(rollout.createdBy ?? [], persons))
    return refuse(
      "forbidden",
      `${label} of rollout ${name} cannot be approved by ${by}: who created a rollout does not approve it`,
      "ask somebody else with a role that approves rollouts",
    );
  const approval: Signed = { at: now, by, reason };
  const next: RolloutRecord = { ...rollout, approvals: { ...rollout.approvals, [index]: approval } };
  return { ok: true, rollout: next, changes: [{ kind: "rollout", value: next }] };
}

function waveIndex({ waves }: RolloutPolicy, wave: string): number | undefined {
  const named = waves.findIndex(({ name }) => name === wave);
  if (named >= 0) return named;
  const number = /^\d{1,3}$/.test(wave) ? Number(wave) - 1 : -1;
  return number >= 0 && number < waves.length ? number : undefined;
}

export interface RetryRollout {
  /** Names or ids; empty: every failed one. */
  readonly nodes: readonly string[];
}

/**
 * Lets failed nodes try again with all their retries, and a halted rollout go on with them. Nothing else is pardoned: failures that stay keep the
 * gate closed. A node that denies the commit must be cleared first; one that still holds a slot cannot be tried again, its evidence is missing.
 */
export function retryRollout(snapshot: Snapshot, name: string, { nodes }: RetryRollout, now: Instant): CommandResult {
  const rollout = snapshot.rollouts.get(name);
  if (rollout === undefined) return unknownRollout(name);
  if (rollout.way === "back" || !["running", "paused", "halted"].includes(rollout.state)) return wrongState(rollout, "tried again");
  const halted = rollout.state === "halted";
  const nameOf = ({ nodeId }: AssignmentRecord): string => snapshot.nodes.get(nodeId)?.name ?? nodeId;
  const isNamed = (one: AssignmentRecord, wanted: string): boolean => one.nodeId === wanted || nameOf(one) === wanted;
  const all = [...assignmentsOf(snapshot, name)];
  const missing = nodes.find((wanted) => !all.some((one) => isNamed(one, wanted)));
  if (missing !== undefined) return refuse("not-found", `rollout ${name} has no node ${missing}`, `see \`treeline rollout show ${name}\``);
  const chosen = nodes.length === 0 ? all.filter(hasFailed) : all.filter((one) => nodes.some((wanted) => isNamed(one, wanted)));
  const hindered = chosen.flatMap((one) => retryHindrance(snapshot, rollout, one, nameOf(one)) ?? []);
  const retryable = chosen.filter((one) => hasFailed(one) && retryHindrance(snapshot, rollout, one, nameOf(one)) === undefined);
  if (hindered[0] !== undefined && (nodes.length > 0 || retryable.length === 0)) return hindered[0];
  if (retryable.length === 0)
    return halted
      ? refuse("wrong-state", `no node of rollout ${name} can be tried again`, remedyFor(rollout))
      : { ok: true, rollout, changes: [] };
  const changes = retryable.map((one) => {
    const { notBefore: _, proof: __, ...rest } = inPhase(one, "pending", now, "tried again by an operator");
    return put({ ...rest, retried: 0 });
  });
  const next: RolloutRecord = {
    ...rollout,
    ...(halted ? { state: "running" as RolloutState, reason: "", settled: false } : {}),
    pardons: pardonsWithout(rollout.pardons, retryable),
  };
  return { ok: true, rollout: next, changes: [{ kind: "rollout", value: next }, ...changes] };
}

function hasFailed({ phase }: AssignmentRecord): boolean {
  return phase === "Failed" || phase === "RolledBack" || phase === "Lost";
}

function retryHindrance(snapshot: Snapshot, rollout: RolloutRecord, assignment: AssignmentRecord, name: string): Refused | undefined {
  const { nodeId } = assignment;
  const { target } = rollout;
  const explain = `see \`treeline node explain ${name}\``;
  if (!hasFailed(assignment)) {
    // It is being tried already: the command was given before.
    const underWay = categoryOf(assignment) === "waiting" || categoryOf(assignment) === "moving";
    if (underWay && rollout.state !== "halted") return undefined;
    return refuse("wrong-state", `node ${name} has not failed in rollout ${rollout.name}: it is ${assignment.phase}`, explain);
  }
  if (snapshot.slots.has(nodeId) || assignment.phase === "Lost")
    return refuse("wrong-state", `node ${name} still holds its slot: it has not shown where it stands`, explain);
  if (snapshot.nodes.get(nodeId)?.writtenOff !== undefined)
    return refuse("wrong-state", `node ${name} is written off`, `${explain}: it must show that it is well`);
  if (isDenied(snapshot, nodeId, target.checksum))
    return refuse(
      "wrong-state",
      `node ${name} denies the commit: it was brought back from it`,
      `allow it with \`treeline node clear ${name}\`, then try again`,
    );
  return undefined;
}

/** A node that is tried again has no result any more, so none of its results is pardoned: its next failure counts. */
function pardonsWithout(pardons: RolloutRecord["pardons"], retried: readonly AssignmentRecord[]): RolloutRecord["pardons"] {
  const left: Record<number, Results> = { ...pardons };
  for (const { wave, ...one } of retried) {
    const pardon = left[wave];
    if (pardon === undefined || categoryOf(one) !== "failed") continue;
    left[wave] = { ended: Math.max(0, pardon.ended - 1), failed: Math.max(0, pardon.failed - 1) };
  }
  return left;
}

// ---- words ----

function move(snapshot: Snapshot, name: string, verb: string, step: (rollout: RolloutRecord) => RolloutRecord | undefined): CommandResult {
  const rollout = snapshot.rollouts.get(name);
  if (rollout === undefined) return unknownRollout(name);
  const next = step(rollout);
  if (next === undefined) return wrongState(rollout, verb);
  return { ok: true, rollout: next, changes: next === rollout ? [] : [{ kind: "rollout", value: next }] };
}

function unknownRollout(name: string): Refused {
  return refuse("not-found", `there is no rollout ${name}`, "see `treeline rollout list`");
}

function wrongState(rollout: RolloutRecord, verb: string): Refused {
  const because = rollout.reason ? `: ${rollout.reason}` : "";
  return refuse("wrong-state", `rollout ${rollout.name} is ${rollout.state} and cannot be ${verb}${because}`, remedyFor(rollout));
}

function remedyFor({ state, name }: RolloutRecord): string {
  switch (state) {
    case "held":
      return `start it with \`treeline rollout start ${name}\``;
    case "halted":
      return `try its failed nodes again with \`treeline rollout retry ${name}\`, take it back with \`treeline rollout rollback ${name}\` or end it with \`treeline rollout abort ${name}\``;
    case "aborted":
    case "completed":
    case "rolled-back":
      return "it has ended; create a new rollout";
    default:
      return `see \`treeline rollout show ${name}\``;
  }
}

/** Equal after checking, so that defaults written out or left out are the same policy. */
function samePolicy(a: RolloutPolicy, b: RolloutPolicy): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
