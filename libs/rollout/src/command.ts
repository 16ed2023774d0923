import { isChecksum, parseSelector, selects, type Instant, type NodeRecord, type ReleaseRecord, type Target } from "@treeline/fleet";
import type { DurableChange } from "./change.ts";
import { checkPolicy, cutWaves, type FieldViolation, type PolicyDraft, type RolloutPolicy } from "./policy.ts";
import { isEnd, isWaiting, type AssignmentRecord, type RolloutRecord } from "./record.ts";
import { assignmentsOf, type Snapshot } from "./snapshot.ts";

/** Why an operator's command was not carried out. Nothing was changed. */
export interface Refusal {
  readonly code: "invalid" | "not-found" | "exists" | "wrong-state";
  readonly message: string;
  readonly remedy: string;
  readonly violations: readonly FieldViolation[];
}

/** The changes to commit (none when the command was carried out before), or why not. */
export type CommandResult =
  | { readonly ok: true; readonly rollout: RolloutRecord; readonly changes: readonly DurableChange[] }
  | { readonly ok: false; readonly refusal: Refusal };

export interface CreateRollout {
  readonly name: string;
  readonly policy: PolicyDraft;
  readonly hold: boolean;
}

const rolloutName = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/;

/** Creates a rollout, and starts it unless held. The same name with the same policy is the same rollout: the command may be repeated. */
export function createRollout(snapshot: Snapshot, request: CreateRollout, now: Instant): CommandResult {
  const checked = checkPolicy(request.policy);
  const violations = [...nameProblems(request.name), ...(checked.ok ? [] : checked.violations)];
  if (!checked.ok || violations.length > 0) return invalid("the rollout's policy is not valid", violations);
  const { policy } = checked;

  const existing = snapshot.rollouts.get(request.name);
  if (existing !== undefined)
    return samePolicy(existing.policy, policy)
      ? { ok: true, rollout: existing, changes: [] }
      : refuse("exists", `rollout ${request.name} exists with another policy`, "choose another name; a rollout's policy does not change");

  const release = findRelease(snapshot, policy.release);
  if (typeof release === "string")
    return invalid(release, [{ field: "spec.release", description: `${release}; see \`treeline release list\`` }]);
  const nodes = selectedNodes(snapshot, policy);
  if (nodes.length === 0)
    return invalid("no node matches", [
      { field: "spec.selector", description: `"${policy.selector}" matches no enrolled node; see \`treeline node list\`` },
    ]);
  const busy = nodes.flatMap((node) => busyWith(snapshot, node));
  if (busy.length > 0)
    return refuse("wrong-state", `${busy.length} of the selected nodes are ${inAnother(busy)}`, `${freeing(busy)}, or narrow the selector`);
  const problem = coverageProblem(policy, nodes.length);
  if (problem) return invalid(problem.description, [problem]);

  const rollout: RolloutRecord = {
    name: request.name,
    policy,
    target: { checksum: release.checksum, ref: release.ref, version: release.version } satisfies Target,
    state: request.hold ? "held" : "running",
    reason: request.hold ? "created with hold" : "",
    createdAt: now,
    ...(request.hold ? {} : { startedAt: now }),
    openWave: 0,
    settled: false,
  };
  const assignments = cutWaves(nodes, policy.waves).waves.flatMap((wave, index) =>
    wave.map(
      (node): AssignmentRecord => ({
        rollout: rollout.name,
        nodeId: node.id,
        wave: index,
        phase: "pending",
        attempt: 0,
        retried: 0,
        reason: "",
      }),
    ),
  );
  return {
    ok: true,
    rollout,
    changes: [{ kind: "rollout", value: rollout }, ...assignments.map((value) => ({ kind: "assignment" as const, value }))],
  };
}

/** Starts a held rollout, unless another one took its nodes meanwhile. Starting a running one changes nothing. */
export function startRollout(snapshot: Snapshot, name: string, now: Instant): CommandResult {
  if (snapshot.rollouts.get(name)?.state === "held") {
    const nodes = [...assignmentsOf(snapshot, name)].flatMap(({ nodeId }) => snapshot.nodes.get(nodeId) ?? []);
    const busy = nodes.flatMap((node) => busyWith(snapshot, node));
    if (busy.length > 0)
      return refuse(
        "wrong-state",
        `${busy.length} of the nodes of rollout ${name} are ${inAnother(busy)}`,
        `${freeing(busy)}, then start it`,
      );
  }
  return move(
    snapshot,
    name,
    (rollout) => {
      if (rollout.state === "running") return rollout;
      if (rollout.state === "held") return { ...rollout, state: "running", reason: "", startedAt: now };
      return undefined;
    },
    "started",
  );
}

/** No new attempt, grant or confirmation while paused; nodes past their confirmation finish. */
export function pauseRollout(snapshot: Snapshot, name: string, reason: string): CommandResult {
  return move(
    snapshot,
    name,
    (rollout) => {
      if (rollout.state === "paused") return rollout;
      if (rollout.state === "running") return { ...rollout, state: "paused", reason: reason || "paused by an operator" };
      return undefined;
    },
    "paused",
  );
}

export function resumeRollout(snapshot: Snapshot, name: string): CommandResult {
  return move(
    snapshot,
    name,
    (rollout) => {
      if (rollout.state === "running") return rollout;
      if (rollout.state === "paused") return { ...rollout, state: "running", reason: "" };
      return undefined;
    },
    "resumed",
  );
}

/**
 * Ends a rollout before all its nodes are updated: it is halted, and `decide` calls back what is not confirmed. Aborting a halted one changes
 * nothing; a completed one is refused.
 */
export function abortRollout(snapshot: Snapshot, name: string, reason: string, now: Instant): CommandResult {
  return move(
    snapshot,
    name,
    (rollout) => {
      if (rollout.state === "halted") return rollout;
      if (rollout.state === "completed") return undefined;
      return { ...rollout, state: "halted", reason: `aborted by an operator${reason ? `: ${reason}` : ""}`, endedAt: now };
    },
    "aborted",
  );
}

function move(snapshot: Snapshot, name: string, step: (rollout: RolloutRecord) => RolloutRecord | undefined, verb: string): CommandResult {
  const rollout = snapshot.rollouts.get(name);
  if (rollout === undefined) return refuse("not-found", `there is no rollout ${name}`, "see `treeline rollout list`");
  const next = step(rollout);
  if (next === undefined)
    return refuse(
      "wrong-state",
      `rollout ${name} is ${rollout.state} and cannot be ${verb}${rollout.reason ? `: ${rollout.reason}` : ""}`,
      remedyFor(rollout),
    );
  return { ok: true, rollout: next, changes: next === rollout ? [] : [{ kind: "rollout", value: next }] };
}

function remedyFor(rollout: RolloutRecord): string {
  switch (rollout.state) {
    case "held":
      return `start it with \`treeline rollout start ${rollout.name}\``;
    case "halted":
    case "completed":
      return "it has ended; create a new rollout";
    default:
      return `see \`treeline rollout show ${rollout.name}\``;
  }
}

/** The release named by a version or a checksum, or why there is no single one. */
export function findRelease(snapshot: Snapshot, name: string): ReleaseRecord | string {
  if (isChecksum(name)) return snapshot.releases.get(name) ?? `there is no release with commit ${name}`;
  const found = [...snapshot.releases.values()].filter((release) => release.version === name);
  if (found.length > 1) return `version ${name} names ${found.length} commits; name one by its checksum`;
  return found[0] ?? `there is no release ${name}`;
}

function selectedNodes(snapshot: Snapshot, policy: RolloutPolicy): readonly NodeRecord[] {
  const parsed = parseSelector(policy.selector);
  if (!parsed.ok) return [];
  return [...snapshot.nodes.values()]
    .filter((node) => node.revokedAt === undefined && selects(parsed.selector, node.labels))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1));
}

interface Busy {
  readonly node: NodeRecord;
  readonly rollout: RolloutRecord;
}

/**
 * The rollout that is at work on the node, if any: a node is in at most one. A held one blocks nobody, which is why `createRollout` and
 * `startRollout` both ask.
 */
function busyWith(snapshot: Snapshot, node: NodeRecord): readonly Busy[] {
  for (const rollout of snapshot.rollouts.values()) {
    if (rollout.settled || rollout.state === "held") continue;
    const assignment = snapshot.assignments.get(rollout.name)?.get(node.id);
    if (assignment === undefined) continue;
    const free = hasEnded(rollout) && (isEnd(assignment) || isWaiting(assignment)) && !snapshot.slots.has(node.id);
    if (!free) return [{ node, rollout }];
  }
  return [];
}

function hasEnded(rollout: RolloutRecord): boolean {
  return rollout.state === "halted" || rollout.state === "completed";
}

function inAnother(busy: readonly Busy[]): string {
  const named = busy.slice(0, 3).map(({ node, rollout }) => `${node.name} (${rollout.name})`);
  return `in another rollout: ${named.join(", ")}`;
}

/** What frees the nodes. One that has ended cannot be ended again: its nodes are on their way back. */
function freeing(busy: readonly Busy[]): string {
  const rollouts = [...new Set(busy.map(({ rollout }) => rollout))];
  const underWay = rollouts.find((rollout) => !hasEnded(rollout));
  if (underWay !== undefined) return `wait for it to end, end it with \`treeline rollout abort ${underWay.name}\``;
  return `wait until its nodes are back, see \`treeline rollout show ${rollouts[0]!.name}\``;
}

function coverageProblem(policy: RolloutPolicy, nodes: number): FieldViolation | undefined {
  const cut = cutWaves(Array.from({ length: nodes }), policy.waves);
  if (cut.leftOver.length > 0)
    return {
      field: "spec.waves",
      description: `the waves take ${nodes - cut.leftOver.length} of ${nodes} selected nodes; end with "- rest: true"`,
    };
  const empty = cut.waves.findIndex((wave, index) => wave.length === 0 && !("rest" in policy.waves[index]!));
  if (empty >= 0)
    return { field: `spec.waves[${empty}]`, description: `takes no node: the waves before it already take all ${nodes}; remove it` };
  return undefined;
}

function nameProblems(name: string): readonly FieldViolation[] {
  return rolloutName.test(name)
    ? []
    : [
        {
          field: "metadata.name",
          description: `"${name}" must be 1 to 63 lower-case letters, digits, '-' or '.', beginning and ending with a letter or digit`,
        },
      ];
}

/** Equal after checking, so that defaults written out or left out are the same policy. */
function samePolicy(a: RolloutPolicy, b: RolloutPolicy): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function invalid(message: string, violations: readonly FieldViolation[]): CommandResult {
  return { ok: false, refusal: { code: "invalid", message, remedy: "correct the fields named and try again", violations } };
}

function refuse(code: Refusal["code"], message: string, remedy: string): CommandResult {
  return { ok: false, refusal: { code, message, remedy, violations: [] } };
}

/** For counting: how the assignments of a rollout stand. */
export function countPhases(snapshot: Snapshot, rollout: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const assignment of assignmentsOf(snapshot, rollout)) counts.set(assignment.phase, (counts.get(assignment.phase) ?? 0) + 1);
  return counts;
}
