import type { Deployment as HostDeployment } from "@treeline/ostree";
import type { ClosedAttempt, Deployment, Health, Inventory, Observation, ObservationDelta, OsState, Trust, UpdateState } from "@treeline/fleet";
import { wireLimits } from "@treeline/rpc";
import { isDeepStrictEqual } from "node:util";

/**
 * What ostree says, as the fleet speaks of it. INVARIANT (of the caller): read with no `ostree` child of ours alive.
 */
export function osStateOf(bootId: string, deployments: readonly HostDeployment[]): OsState {
  return { bootId, deployments: deployments.slice(0, wireLimits.deployments).map(deploymentOf) };
}

function deploymentOf(found: HostDeployment): Deployment {
  const { osname, checksum, serial, booted, pending, staged, rollback, pinned } = found;
  return {
    ...{ osname, checksum, serial, booted, pending, staged, rollback, pinned },
    version: clipped(found.version ?? "", wireLimits.name),
    refspec: clipped(found.refspec ?? "", wireLimits.name),
    kargs: clipped((found.kargs ?? []).join(" "), wireLimits.kargs),
  };
}

/** One observation, cut to what the wire takes: a report that is refused for its length would never be heard. */
export function observationOf(parts: { readonly os: OsState; readonly update: UpdateState; readonly health: Health; readonly inventory: Inventory; readonly trust: Trust }): Observation {
  const { serial, note } = parts.trust;
  return { os: parts.os, update: boundedUpdate(parts.update), health: boundedHealth(parts.health), inventory: parts.inventory, trust: { serial, note: clipped(note, wireLimits.reason) } };
}

const sections = ["os", "update", "health", "inventory", "trust"] as const;

/** The sections that differ, by structure; undefined when nothing does. */
export function changedSections(before: Observation, now: Observation): ObservationDelta | undefined {
  const changed = sections.filter((section) => !isDeepStrictEqual(before[section], now[section]));
  return changed.length === 0 ? undefined : Object.fromEntries(changed.map((section) => [section, now[section]]));
}

function boundedUpdate(update: UpdateState): UpdateState {
  return {
    ...update,
    reason: clipped(update.reason, wireLimits.reason),
    closed: update.closed.slice(-wireLimits.closedAttempts).map(boundedClosed),
    denied: update.denied.slice(-wireLimits.deniedCommits).map((entry) => ({ ...entry, reason: clipped(entry.reason, wireLimits.reason) })),
    ...(update.journalNote === undefined ? {} : { journalNote: clipped(update.journalNote, wireLimits.reason) }),
  };
}

function boundedClosed(closed: ClosedAttempt): ClosedAttempt {
  const { outcome } = closed;
  return outcome.kind === "updated" ? closed : { ...closed, outcome: { ...outcome, reason: clipped(outcome.reason, wireLimits.reason) } };
}

function boundedHealth(health: Health): Health {
  const checks = health.checks.slice(0, wireLimits.checks).map((check) => ({
    ...check,
    name: clipped(check.name, wireLimits.name),
    output: clipped(check.output, wireLimits.checkOutput),
  }));
  return { ...health, checks };
}

/** Cuts to a length in UTF-16 units without leaving half a character behind. */
function clipped(text: string, length: number): string {
  return (text.length <= length ? text : `${text.slice(0, length - 1)}…`).toWellFormed();
}
