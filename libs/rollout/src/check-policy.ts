import { checkOwnBudgets } from "./check-budget.ts";
import { checkDuration, checkSelector, checkWholeNumber, day, sameSelector, type Wrong } from "./check-field.ts";
import { checkGate } from "./check-gate.ts";
import { checkWaves } from "./check-waves.ts";
import { formatDuration } from "./duration.ts";
import type { FieldViolation, OnFailure, Retries, RolloutPolicy, Staging, Timeouts } from "./policy.ts";
import type { PolicyDraft } from "./policy-draft.ts";

export type CheckedPolicy =
  | { readonly ok: true; readonly policy: RolloutPolicy }
  | { readonly ok: false; readonly violations: readonly FieldViolation[] };

export const maxNamedNodes = 1000;
export const maxPriority = 1000;
export const maxSoakMillis = 7 * day;
export const maxRetries = 10;
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * Checks every field, names all that is wrong at once and fills in the defaults: equal policies come out equal, field by field and in the same
 * order, whatever was written out and whatever left out. Whether the release exists and nodes match is asked of the snapshot later.
 */
export function checkPolicy(draft: PolicyDraft): CheckedPolicy {
  const violations: FieldViolation[] = [];
  const wrong: Wrong = (field, description) => void violations.push({ field, description });
  const target = checkTarget(draft, wrong);
  const selection = checkSelection(draft, wrong);
  const gate = draft.gate === undefined ? { maxFailures: 0 } : checkGate(draft.gate, "spec.gate", wrong);
  const policy: RolloutPolicy = {
    target,
    ...selection,
    priority: checkWholeNumber(draft.priority, { field: "spec.priority", least: -maxPriority, most: maxPriority, fallback: 0 }, wrong),
    cure: draft.cure ?? false,
    waves: checkWaves(draft.waves, { gate, gateIsWritten: draft.gate !== undefined }, wrong),
    budgets: checkOwnBudgets(draft, wrong),
    nodeSoakMillis: checkDuration(draft.nodeSoakMillis, { field: "spec.nodeSoak", least: 0, most: maxSoakMillis, fallback: 0 }, wrong),
    gate,
    onFailure: checkOnFailure(draft.onFailure, wrong),
    timeouts: checkTimeouts(draft, wrong),
    retries: checkRetries(draft, wrong),
    staging: checkStaging(draft, wrong),
  };
  return violations.length > 0 ? { ok: false, violations } : { ok: true, policy };
}

function checkTarget({ release, channel }: PolicyDraft, wrong: Wrong): RolloutPolicy["target"] {
  if (release !== undefined && channel !== undefined)
    wrong("spec.channel", "stands beside spec.release; keep the one that says where the nodes shall go");
  if (channel !== undefined && release === undefined) {
    if (!isWord(channel.trim())) wrong("spec.channel", "is not the name of a channel; write one without spaces, such as stable");
    return { channel: channel.trim() };
  }
  if (release === undefined)
    wrong("spec.release", "is missing; name a version or a commit that `treeline release list` shows, or a channel in spec.channel");
  else if (release.trim() === "") wrong("spec.release", "is empty; name a version or a commit that `treeline release list` shows");
  else if (release.trim().length > 255)
    wrong("spec.release", "is longer than any version; name a version or a commit that `treeline release list` shows");
  return { release: release?.trim() ?? "" };
}

function checkSelection(draft: PolicyDraft, wrong: Wrong): Pick<RolloutPolicy, "selector" | "nodes" | "exclude"> {
  const nodes = checkNodes(draft.nodes, "spec.nodes", wrong);
  const excluded = checkNodes(draft.exclude?.nodes, "spec.exclude.nodes", wrong);
  const selector = draft.selector === undefined ? undefined : checkSelector(draft.selector, "spec.selector", wrong);
  if (selector === undefined && nodes.length === 0)
    wrong("spec.selector", 'is missing; name labels such as "site=berlin", "*" for every node, or single nodes in spec.nodes');

  const without = draft.exclude?.selector === undefined ? undefined : checkSelector(draft.exclude.selector, "spec.exclude.selector", wrong);
  if (without === "*") wrong("spec.exclude.selector", "excludes every node; name the labels of those that shall be left alone");
  else if (without !== undefined && selector !== undefined && nodes.length === 0 && sameSelector(without, selector))
    wrong("spec.exclude.selector", "excludes every node that spec.selector matches; change one of the two");
  const named = new Set(nodes);
  excluded.forEach((name, index) => {
    if (named.has(name)) wrong(`spec.exclude.nodes[${index}]`, `is ${name}, which spec.nodes names, too; remove it from one of the two`);
  });
  return {
    ...(selector === undefined ? {} : { selector }),
    nodes,
    exclude: { ...(without === undefined ? {} : { selector: without }), nodes: excluded },
  };
}

function checkNodes(names: readonly string[] = [], field: string, wrong: Wrong): readonly string[] {
  if (names.length > maxNamedNodes) {
    wrong(field, `has ${names.length} names; at most ${maxNamedNodes} are allowed: give the nodes a label and select that`);
    return [];
  }
  const first = new Map<string, number>();
  return names.map((written, index) => {
    const name = written.trim();
    const before = first.get(name);
    if (!isWord(name)) wrong(`${field}[${index}]`, "is not the name or id of a node; see `treeline node list`");
    else if (before !== undefined) wrong(`${field}[${index}]`, `is ${name}, as ${field}[${before}] is; remove one`);
    else first.set(name, index);
    return name;
  });
}

function checkOnFailure(value: string | undefined, wrong: Wrong): OnFailure {
  if (value === undefined) return "halt";
  if (value === "pause" || value === "halt" || value === "rollback") return value;
  wrong("spec.onFailure", `is "${value.slice(0, 80)}"; write pause, halt or rollback`);
  return "halt";
}

function checkTimeouts({ timeouts = {} }: PolicyDraft, wrong: Wrong): Timeouts {
  const of = (name: string, value: number | undefined, fallback: number, most = 7 * day): number =>
    checkDuration(value, { field: `spec.timeouts.${name}`, least: 1, most, fallback }, wrong);
  return {
    ...(timeouts.eligibleMillis === undefined ? {} : { eligibleMillis: of("eligible", timeouts.eligibleMillis, 0, 30 * day) }),
    stagingMillis: of("staging", timeouts.stagingMillis, hour),
    drainingMillis: of("draining", timeouts.drainingMillis, 10 * minute),
    rebootingMillis: of("rebooting", timeouts.rebootingMillis, 20 * minute),
    verifyingMillis: of("verifying", timeouts.verifyingMillis, 20 * minute),
  };
}

function checkRetries({ retries = {} }: PolicyDraft, wrong: Wrong): Retries {
  const limit = checkWholeNumber(retries.limit, { field: "spec.retries.limit", least: 0, most: maxRetries, fallback: 2 }, wrong);
  const backoffMillis = checkDuration(
    retries.backoffMillis,
    { field: "spec.retries.backoff", least: 0, most: hour, fallback: Math.min(10 * second, retries.maxBackoffMillis ?? hour) },
    wrong,
  );
  const maxBackoffMillis = checkDuration(
    retries.maxBackoffMillis,
    { field: "spec.retries.maxBackoff", least: 0, most: day, fallback: Math.max(10 * minute, backoffMillis) },
    wrong,
  );
  if (maxBackoffMillis < backoffMillis)
    wrong(
      "spec.retries.maxBackoff",
      `is ${formatDuration(maxBackoffMillis)}, shorter than the first wait of ${formatDuration(backoffMillis)}; raise it or lower spec.retries.backoff`,
    );
  return { limit, backoffMillis, maxBackoffMillis };
}

function checkStaging({ staging = {} }: PolicyDraft, wrong: Wrong): Staging {
  const nodes =
    staging.nodes === undefined
      ? undefined
      : checkWholeNumber(staging.nodes, { field: "spec.staging.nodes", least: 1, most: 100_000, fallback: 1 }, wrong);
  const field = "spec.staging.bytesPerSecond";
  const bytesPerSecond =
    staging.bytesPerSecond === undefined
      ? undefined
      : checkWholeNumber(staging.bytesPerSecond, { field, least: leastBytesPerNode, most: 10 ** 15, fallback: 10 ** 15 }, wrong);
  if (bytesPerSecond !== undefined && nodes === undefined)
    wrong(field, "is shared by the nodes that pull at once, but nothing says how many those are; write spec.staging.nodes, too");
  else if (bytesPerSecond !== undefined && nodes !== undefined && bytesPerSecond / nodes < leastBytesPerNode)
    wrong(field, `leaves each of ${nodes} nodes less than ${leastBytesPerNode} bytes per second; raise it or lower spec.staging.nodes`);
  return {
    ...(nodes === undefined ? {} : { nodes }),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
    jitterMillis: checkDuration(staging.jitterMillis, { field: "spec.staging.jitter", least: 0, most: day, fallback: 0 }, wrong),
  };
}

/** Slower, a pull would never end. */
const leastBytesPerNode = 1024;

/** One word of a length that a name can have. */
function isWord(text: string): boolean {
  return /^[^\s\p{Cc}]{1,253}$/u.test(text);
}
