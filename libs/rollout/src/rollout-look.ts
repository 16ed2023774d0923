import type { Instant } from "@treeline/fleet";
import { rolloutDecision, type Decision } from "./decision.ts";
import { judgeGate } from "./gate.ts";
import type { Look } from "./place.ts";
import type { AssignmentRecord, Results, RolloutRecord } from "./record.ts";
import { assignmentsOf, tallyOf, type Snapshot } from "./snapshot.ts";
import { categoryOf, resultsOf, type Tally } from "./tally.ts";

/** What there is to do about a rollout as a whole: its gate, its waves, its end. Costs its waves, not its nodes. */
export function lookAtRollout(snapshot: Snapshot, rollout: RolloutRecord, now: Instant): Look {
  const tally = tallyOf(snapshot, rollout.name);
  switch (rollout.state) {
    case "running":
      return lookAtRunning(snapshot, rollout, tally, now);
    case "rolling-back":
      return { decision: rolledBack(rollout, tally, now) };
    case "halted":
    case "aborted":
    case "completed":
    case "rolled-back":
      return { decision: settle(rollout, tally) };
    case "held":
    case "paused":
      return {};
  }
}

function lookAtRunning(snapshot: Snapshot, rollout: RolloutRecord, tally: Tally, now: Instant): Look {
  const shrunk = withoutVoidPardons(rollout, tally);
  if (shrunk !== undefined) return { decision: shrunk };
  const closed = gateClosed(rollout, tally, false);
  if (closed !== undefined) return { decision: onFailure(snapshot, rollout, closed) };
  const wave = rollout.openWave;
  if (wave < 0) return next(rollout, tally, now);
  const counts = tally.waves.get(wave)?.counts;
  if (unended(rollout, tally) > 0) return { decision: bakeAgain(rollout) };
  const { bakeMillis, name } = rollout.policy.waves[wave]!;
  if (counts !== undefined && bakeMillis > 0) {
    if (rollout.bakingSince === undefined)
      return {
        decision: rolloutDecision("bake-wave", { ...rollout, bakingSince: now }, `every node of wave ${wave + 1} (${name}) has ended`),
      };
    const due = rollout.bakingSince + bakeMillis;
    if (now < due) return { due };
  }
  const closedAtEnd = gateClosed(rollout, tally, true);
  if (closedAtEnd !== undefined) return { decision: onFailure(snapshot, rollout, closedAtEnd) };
  return next(rollout, tally, now);
}

/**
 * How many nodes the open wave still waits for: its own without a result, and those of earlier waves that an attempt is under way on (they came back
 * from silence, or joined late). One of an earlier wave that only waits holds up the end of the rollout, not the next wave.
 */
function unended({ openWave }: RolloutRecord, { waves }: Tally): number {
  let nodes = waves.get(openWave)?.counts.waiting ?? 0;
  for (const [wave, { counts }] of waves) if (wave <= openWave) nodes += counts.moving;
  return nodes;
}

/** A node joined the open wave, came back or is tried again: the bake begins anew when it has ended. */
function bakeAgain(rollout: RolloutRecord): Decision | undefined {
  if (rollout.bakingSince === undefined) return undefined;
  const { bakingSince: _, ...rest } = rollout;
  return rolloutDecision("bake-wave", rest, `wave ${rollout.openWave + 1} has a node under way again: it will bake anew`);
}

function next(rollout: RolloutRecord, tally: Tally, now: Instant): Look {
  const wave = rollout.openWave + 1;
  const policy = rollout.policy.waves[wave];
  if (policy === undefined) return tally.counts.waiting + tally.counts.moving > 0 ? {} : { decision: complete(rollout, tally, now) };
  if (policy.approval && rollout.approvals[wave] === undefined) return {};
  const { bakingSince: _, ...rest } = rollout;
  const because = wave === 0 ? "the rollout has started" : `wave ${wave} is done`;
  return { decision: rolloutDecision("open-wave", { ...rest, openWave: wave, waveOpenedAt: now }, because) };
}

/** Does the running rollout wait for a person to approve its next wave? The wave's index, or nothing. */
export function awaitedApproval(rollout: RolloutRecord, tally: Tally, now: Instant): number | undefined {
  const wave = rollout.openWave + 1;
  if (rollout.state !== "running" || rollout.policy.waves[wave]?.approval !== true || rollout.approvals[wave] !== undefined)
    return undefined;
  const counts = tally.waves.get(rollout.openWave)?.counts;
  if (unended(rollout, tally) > 0) return undefined;
  const bakeMillis = rollout.policy.waves[rollout.openWave]?.bakeMillis ?? 0;
  if (counts !== undefined && bakeMillis > 0 && (rollout.bakingSince === undefined || now < rollout.bakingSince + bakeMillis))
    return undefined;
  return wave;
}

// ---- the gate ----

/** Why the rollout must not go on, or nothing: its own gate over all results, then each open wave's over the wave's. */
function gateClosed(rollout: RolloutRecord, tally: Tally, atEnd: boolean): string | undefined {
  const { gate, waves } = rollout.policy;
  const whole = judgeGate(gate, unpardoned(resultsOf(tally.counts), allPardons(rollout)), atEnd);
  if (whole.closed) return whole.reason;
  for (const [index, wave] of waves.entries()) {
    const results = tally.waves.get(index);
    if (wave.gate === undefined || results === undefined || index > rollout.openWave) continue;
    const judged = judgeGate(wave.gate, unpardoned(resultsOf(results.counts), rollout.pardons[index]), atEnd && index === rollout.openWave);
    if (judged.closed) return `wave ${index + 1} (${wave.name}): ${judged.reason}`;
  }
  return undefined;
}

function unpardoned(results: Results, pardon: Results | undefined): Results {
  const failed = Math.max(0, results.failed - (pardon?.failed ?? 0));
  return { ended: Math.max(failed, results.ended - (pardon?.ended ?? 0)), failed };
}

function allPardons(rollout: RolloutRecord): Results {
  const pardons = Object.values(rollout.pardons);
  return { ended: pardons.reduce((sum, { ended }) => sum + ended, 0), failed: pardons.reduce((sum, { failed }) => sum + failed, 0) };
}

/** A person has seen the results so far and goes on: no gate counts them again. */
export function pardonsFor(snapshot: Snapshot, rollout: RolloutRecord): RolloutRecord["pardons"] {
  return Object.fromEntries([...tallyOf(snapshot, rollout.name).waves].map(([wave, { counts }]) => [wave, resultsOf(counts)]));
}

/** A pardoned failure that is none any more (the node came back) pardons no other. */
function withoutVoidPardons(rollout: RolloutRecord, tally: Tally): Decision | undefined {
  const pardons: Record<number, Results> = {};
  let shrunk = false;
  for (const [wave, pardon] of Object.entries(rollout.pardons)) {
    const counts = tally.waves.get(Number(wave))?.counts;
    const { ended, failed } = counts === undefined ? { ended: 0, failed: 0 } : resultsOf(counts);
    pardons[Number(wave)] = { ended: Math.min(pardon.ended, ended), failed: Math.min(pardon.failed, failed) };
    shrunk ||= ended < pardon.ended || failed < pardon.failed;
  }
  return shrunk ? rolloutDecision("void-pardon", { ...rollout, pardons }, "a result that was pardoned does not stand any more") : undefined;
}

function onFailure(snapshot: Snapshot, rollout: RolloutRecord, closed: string): Decision {
  const reason = `${closed}${newestFailure(snapshot, rollout)}`;
  switch (rollout.policy.onFailure) {
    case "pause":
      return rolloutDecision("pause-rollout", { ...rollout, state: "paused", reason, gateClosed: true }, reason);
    case "halt":
      return rolloutDecision("halt-rollout", { ...rollout, state: "halted", reason }, reason);
    case "rollback":
      return rolloutDecision("rollback-rollout", rollingBack(rollout, reason), reason);
  }
}

/** What people ask next: which node, and why. Looked for once, when the gate closes. */
function newestFailure(snapshot: Snapshot, rollout: RolloutRecord): string {
  let newest: AssignmentRecord | undefined;
  for (const one of assignmentsOf(snapshot, rollout.name))
    if (categoryOf(one) === "failed" && (newest === undefined || one.since >= newest.since)) newest = one;
  if (newest === undefined) return "";
  const failure = newest.failure === undefined ? "" : `(${newest.failure})`;
  return `; ${snapshot.nodes.get(newest.nodeId)?.name ?? newest.nodeId} is ${newest.phase}${failure}: ${newest.reason}`;
}

export function rollingBack(rollout: RolloutRecord, reason: string): RolloutRecord {
  const { endedAt: _, bakingSince: __, gateClosed: ___, ...rest } = rollout;
  return { ...rest, state: "rolling-back", way: "back", reason, settled: false };
}

// ---- ends ----

function complete(rollout: RolloutRecord, tally: Tally, now: Instant): Decision {
  const { updated, failed, ended } = tally.counts;
  const others = failed + ended > 0 ? `, ${failed} failed, ${ended} left out` : "";
  const reason = `${updated} nodes are updated${others}`;
  return rolloutDecision("complete-rollout", { ...rollout, state: "completed", reason, endedAt: now }, reason);
}

function rolledBack(rollout: RolloutRecord, tally: Tally, now: Instant): Decision | undefined {
  if (tally.counts.moving > 0 || tally.revertible > 0) return undefined;
  const because = "no node is left to be taken back";
  return rolloutDecision(
    "complete-rollout",
    { ...rollout, state: "rolled-back", reason: rollout.reason || because, endedAt: now },
    because,
  );
}

/** Settled: no attempt is open and every slot is back. A Lost node holds its slot, so it keeps the rollout unsettled. */
function settle(rollout: RolloutRecord, tally: Tally): Decision | undefined {
  if (rollout.settled || tally.counts.moving > 0 || tally.slots > 0) return undefined;
  return rolloutDecision("settle-rollout", { ...rollout, settled: true }, "no attempt is open and every slot is back");
}
