import {
  bootedDeployment,
  compareGenerations,
  nextDeployment,
  sameAttempt,
  type Instant,
  type NodeId,
  type UpdatePhase,
} from "@treeline/fleet";
import { hindranceBack, hindranceTo, type Hindrance } from "./hindrance.ts";
import { beforeConfirmation, calledOffBecause } from "./call-off.ts";
import { claimsOn, type Claim } from "./claim.ts";
import { closedAttempt, proveBack } from "./evidence.ts";
import { fullBudget, hindranceToSlot } from "./grant.ts";
import { selectedWithoutWave } from "./join.ts";
import { placeOf, type Place } from "./place.ts";
import { attemptOf, hasEnded, targetOf } from "./record.ts";
import { awaitedApproval } from "./rollout-look.ts";
import { isConnected, isDenied, tallyOf, type Snapshot } from "./snapshot.ts";
import { stopOn } from "./stop.ts";
import { categoryOf, isRevertible } from "./tally.ts";

/** One reason why a node is not being updated, and what a person can do about it. */
export interface Explanation {
  /** For machines: stable. */
  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
}

/**
 * Why is this node not updating? The reasons in order, what stands most in the way first; at least one. Computed from the same snapshot and by
 * the same functions as the decisions, so it cannot say anything else than what is done.
 */
export function explainNode(snapshot: Snapshot, nodeId: NodeId, now: Instant): readonly Explanation[] {
  const node = snapshot.nodes.get(nodeId);
  if (node === undefined) return [{ code: "unknown", reason: "there is no such node", remedy: "see `treeline node list`" }];
  const name = node.name;
  const reasons: Explanation[] = [];
  const say = (code: string, reason: string, remedy: string): void => void reasons.push({ code, reason, remedy });
  if (node.revokedAt !== undefined)
    say("revoked", `it was revoked${node.revokedBecause ? `: ${node.revokedBecause}` : ""}`, "enroll the host again with a new token");
  if (node.writtenOff !== undefined)
    say(
      "written-off",
      `it was written off by ${node.writtenOff.by}: ${node.writtenOff.reason}`,
      "it counts again when it is in contact with green checks and nothing staged",
    );
  for (const rollout of snapshot.rollouts.values())
    if (selectedWithoutWave(snapshot, rollout, node))
      say(
        "no-wave",
        `rollout ${rollout.name} takes it, but none of its waves does`,
        "relabel it so that a wave's selector takes it; a rollout's waves do not change",
      );
  const claims = claimsOn(snapshot, nodeId);
  for (const claim of claims) reasons.push(...explainClaim(snapshot, claim, now, name));
  const cord = stopOn(snapshot, nodeId, "forward");
  // Said for itself: a wave or a pause in front of it must not hide it.
  if (cord !== undefined && claims.length > 0 && !reasons.some(({ code }) => code === "stopped"))
    say("stopped", `it is stopped by ${cord.by}: ${cord.reason}`, `\`treeline resume-all --selector '${cord.selector}'\` lets it go`);
  if (!isConnected(snapshot, nodeId))
    say("silent", "it is not in contact", "look at the host, its network and `systemctl status treeline-agent` on it");
  const observation = snapshot.observations.get(nodeId)?.observation;
  if (observation?.health.state === "red") {
    const red = observation.health.checks.filter((check) => check.required && !check.passed).map((check) => check.name);
    say("red", `required checks are red: ${red.join(", ")}`, `see \`treeline node show ${name}\``);
  }
  const intent = snapshot.intents.get(nodeId);
  const booted = observation && bootedDeployment(observation.os);
  if (booted && intent && intent.attempt === undefined && intent.target.checksum !== booted.checksum)
    say(
      "drifted",
      `it runs ${booted.checksum}, shall run ${intent.target.checksum}; held, never forced`,
      "a new rollout sets what it shall run",
    );
  if (observation && nextDeployment(observation.os)?.booted === false && observation.update.open === undefined)
    say(
      "pending-deployment",
      "another deployment than the running one is the default for the next boot",
      "look at `ostree admin status` on the host",
    );
  const last = claims.length === 0 ? lastRollout(snapshot, nodeId) : undefined;
  if (last !== undefined) reasons.unshift(...explainClaim(snapshot, last, now, name));
  if (reasons.length === 0) say("no-rollout", "no rollout that is under way covers it", "see `treeline rollout list`");
  return unique(reasons);
}

/** The newest rollout that the node is in, though nothing is left to do there: what became of the node in it may be the answer. */
function lastRollout(snapshot: Snapshot, nodeId: NodeId): Claim | undefined {
  let last: Claim | undefined;
  for (const rollout of snapshot.rollouts.values()) {
    const assignment = snapshot.assignments.get(rollout.name)?.get(nodeId);
    if (assignment !== undefined && (last === undefined || rollout.createdAt >= last.rollout.createdAt)) last = { rollout, assignment };
  }
  const open = last?.rollout.state === "halted" || (last !== undefined && categoryOf(last.assignment) === "failed");
  return open ? last : undefined;
}

function explainClaim(snapshot: Snapshot, { rollout, assignment }: Claim, now: Instant, name: string): readonly Explanation[] {
  const place = placeOf(snapshot, rollout, assignment, now);
  const category = categoryOf(assignment);
  const said = assignment.reason === "" ? "" : `: ${assignment.reason}`;
  if (assignment.phase === "Lost")
    return [
      {
        code: "lost",
        reason: `rollout ${rollout.name}: Lost${said}`,
        remedy: `repair the host, or give it up with \`treeline node write-off ${name} --reason TEXT\``,
      },
    ];
  if (category === "moving") return explainAttempt(place, name);
  if (rollout.way === "back" && !hasEnded(rollout) && isRevertible(assignment)) {
    const hindrance = hindranceBack(place);
    return [hindrance === undefined ? explainTurn(place) : explainHindrance(place, hindrance, name)];
  }
  if (category === "waiting") {
    const denied = isDenied(snapshot, assignment.nodeId, rollout.target.checksum);
    const hindrance = hindranceTo(place);
    return [
      ...(denied
        ? [
            {
              code: "denied",
              reason: `it was brought back from ${rollout.target.version} and denies it`,
              remedy: `allow it with \`treeline node clear ${name}\``,
            },
          ]
        : []),
      ...(hindrance === undefined ? [explainTurn(place)] : [explainHindrance(place, hindrance, name)]),
    ];
  }
  if (category === "failed" || category === "ended") {
    const failure = assignment.failure ? `(${assignment.failure})` : "";
    const slot = snapshot.slots.has(assignment.nodeId) ? "; it still holds its slot" : "";
    const remedy =
      slot === ""
        ? endRemedy(place, name)
        : `it must show where it stands, or be given up with \`treeline node write-off ${name} --reason TEXT\``;
    return [
      { code: assignment.phase.toLowerCase(), reason: `rollout ${rollout.name}: ${assignment.phase}${failure}${said}${slot}`, remedy },
    ];
  }
  return [{ code: "updated", reason: `rollout ${rollout.name} has updated it to ${rollout.target.version}`, remedy: "nothing is to do" }];
}

/** What a person can do about a node that has ended in a rollout without being updated. */
function endRemedy({ snapshot, rollout, assignment }: Place, name: string): string {
  if (assignment.phase === "Superseded" || assignment.phase === "Reverted") return "nothing is to do";
  const retry = `\`treeline rollout retry ${rollout.name} --node ${name}\` tries it again`;
  const again = hasEnded(rollout) || rollout.way === "back" ? "a new rollout tries it again" : retry;
  return isDenied(snapshot, assignment.nodeId, rollout.target.checksum)
    ? `allow the commit with \`treeline node clear ${name}\`; then ${again}`
    : again;
}

function explainAttempt(place: Place, name: string): readonly Explanation[] {
  const { rollout, assignment, slot } = place;
  const target = targetOf(rollout, assignment);
  const said = assignment.reason === "" ? "" : `: ${assignment.reason}`;
  const under = {
    code: "under-way",
    reason: `rollout ${rollout.name} is ${assignment.way === "back" ? "taking it back" : "updating it"} to ${target.version || target.checksum}: ${assignment.phase}${said}`,
    remedy: `follow it with \`treeline rollout watch ${rollout.name}\``,
  };
  const missing = missingForSlot(place);
  if (missing !== undefined)
    return [
      {
        code: "slot-waits",
        reason: `rollout ${rollout.name}: its attempt is over on the node, and its slot waits for evidence: ${missing}`,
        remedy: `boot ${assignment.base?.checksum ?? "its previous commit"} on it with green checks and nothing staged, or give it up with \`treeline node write-off ${name} --reason TEXT\``,
      },
      under,
    ];
  const off = slot?.confirmed === undefined ? calledOffBecause(place) : undefined;
  if (off !== undefined)
    return [{ code: "called-off", reason: `its attempt is being called off: ${off.reason}`, remedy: under.remedy }, under];
  if (assignment.phase !== "Staged" || slot !== undefined) return [under];
  const hindrance = hindranceToSlot(place);
  if (hindrance !== undefined)
    return [explainHindrance(place, { ...hindrance, reason: `it is staged, and ${hindrance.reason}` }, name), under];
  const full = fullBudget(place);
  return full === undefined ? [under] : [explainBudget(full, name), under];
}

/**
 * What the node does not show although its attempt ended before the point of no return, so that its slot stays out. Such an attempt never becomes
 * Lost, so nothing but this asks for a person.
 */
function missingForSlot({ rollout, snapshot, assignment, slot, observation }: Place): string | undefined {
  if (slot === undefined || observation === undefined || !isConnected(snapshot, assignment.nodeId)) return undefined;
  if (!beforeConfirmation.has(assignment.phase as UpdatePhase)) return undefined;
  const { open, highest } = observation.update;
  if (open !== undefined && sameAttempt(open.attempt, attemptOf(assignment))) return undefined;
  const intent = snapshot.intents.get(assignment.nodeId);
  // Called off, and not known to the agent any more, counts as closed: its journal is gone.
  const recalled = intent !== undefined && intent.attempt === undefined && compareGenerations(highest, intent.generation) >= 0;
  if (!recalled && closedAttempt(assignment, observation) === undefined) return undefined;
  const back = proveBack(rollout, assignment, observation);
  return "missing" in back ? back.missing : undefined;
}

function explainBudget({ budget, taken, limit }: NonNullable<ReturnType<typeof fullBudget>>, name: string): Explanation {
  return {
    code: "budget",
    reason: `it is staged and waits for a slot: ${taken} of at most ${limit} are unavailable in budget ${budget}`,
    remedy: `${whoHolds(budget)}; a host that is gone for good is given up with \`treeline node write-off NODE --reason TEXT\`, not ${name}`,
  };
}

function whoHolds(budget: string): string {
  const own = /^rollout (\S+)/.exec(budget);
  return own === null
    ? `see who holds them with \`treeline budget show ${budget.split("/")[0]}\``
    : `see who holds them with \`treeline rollout show ${own[1]}\``;
}

function explainTurn({ rollout }: Place): Explanation {
  const { nodes } = rollout.policy.staging;
  return nodes === undefined
    ? { code: "turn", reason: `rollout ${rollout.name} is about to begin with it`, remedy: "wait a moment" }
    : {
        code: "staging-limit",
        reason: `rollout ${rollout.name} stages ${nodes} nodes at once, and others are before it`,
        remedy: "wait for its turn",
      };
}

function explainHindrance({ snapshot, rollout, now }: Place, { code, reason, until }: Hindrance, name: string): Explanation {
  const wave = awaitedApproval(rollout, tallyOf(snapshot, rollout.name), now);
  const remedy =
    code === "wave" && wave !== undefined
      ? `wave ${wave + 1} waits for an approval: \`treeline rollout approve ${rollout.name}\``
      : until !== undefined
        ? `it goes on by itself at ${new Date(until).toISOString()}`
        : remedies[code].replaceAll("ROLLOUT", rollout.name).replaceAll("NODE", name);
  return { code, reason: `rollout ${rollout.name}: ${reason}`, remedy };
}

const remedies: Readonly<Record<Hindrance["code"], string>> = {
  held: "start it with `treeline rollout start ROLLOUT`",
  paused: "go on with `treeline rollout resume ROLLOUT`",
  halted: "`treeline rollout retry ROLLOUT`, `rollback` or `abort`",
  ended: "create a new rollout",
  wave: "wait for the waves before it; see `treeline rollout show ROLLOUT`",
  "other-rollout": "wait for it, or abort it",
  stopped: "`treeline resume-all` lets it go",
  backoff: "wait",
  jitter: "wait",
  silent: "look at the host, its network and `systemctl status treeline-agent` on it",
  "no-ostree": "only OSTree hosts can be updated; exclude it",
  red: "repair it, or create the rollout with `cure: true`",
  "not-default": "look at `ostree admin status` on the host",
  "slot-of-another": "wait until that work is done",
};

function unique(reasons: readonly Explanation[]): readonly Explanation[] {
  return reasons.filter((one, index) => reasons.findIndex((other) => other.code === one.code && other.reason === one.reason) === index);
}
