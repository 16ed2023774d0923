import { limitOf } from "@treeline/disruption";
import { isChecksum, selects, type NodeRecord, type ReleaseRecord, type Target } from "@treeline/fleet";
import { checkPolicy } from "./check-policy.ts";
import type { PolicyDraft } from "./policy-draft.ts";
import type { FieldViolation, RolloutPolicy } from "./policy.ts";
import { invalid, refuse, type Refused } from "./refusal.ts";
import { isSelected, selectionOf, waveTakes, type Selection } from "./selection.ts";
import type { Snapshot } from "./snapshot.ts";
import { waveCapacity } from "./wave-size.ts";

/** A checked policy laid over the fleet as it is: what `create` stores and `plan` shows. */
export interface Layout {
  readonly policy: RolloutPolicy;
  readonly target: Target;
  readonly selection: Selection;
  /** By wave, in the order of their names. */
  readonly waves: readonly (readonly NodeRecord[])[];
}

/** Lays a policy over the fleet, or says everything that is wrong with it. */
export function layOut(snapshot: Snapshot, name: string, draft: PolicyDraft): { readonly ok: true; readonly layout: Layout } | Refused {
  const checked = checkPolicy(draft);
  const violations = [...nameProblems(name), ...(checked.ok ? [] : checked.violations)];
  if (!checked.ok || violations.length > 0) return invalid("the rollout's policy is not valid", violations);
  const { policy } = checked;
  const target = targetIn(snapshot, policy);
  if ("field" in target) return invalid(target.description, [target]);
  const unmanaged = unmanagedRelease(snapshot, target);
  if (unmanaged !== undefined) return unmanaged;
  const unknown = unknownNodes(snapshot, policy);
  if (unknown.length > 0) return invalid("the policy names nodes that are not enrolled", unknown);
  const selection = selectionOf(policy);
  const selected = [...snapshot.nodes.values()].filter((node) => isSelected(selection, node)).sort(byName);
  if (selected.length === 0) return invalid("no node matches", [emptySelection(policy)]);
  const { waves, leftOver } = cutWaves(selected, policy, selection);
  const problems = [...coverageProblems(policy, waves, leftOver, selected.length), ...frozenBudgets(policy, selected.length)];
  if (problems.length > 0) return invalid(problems[0]!.description, problems);
  return { ok: true, layout: { policy, target, selection, waves } };
}

/**
 * Cuts an ordered list of nodes into waves: each takes, of those that are left and that its own selector takes, as many as its size says. Nodes
 * that no wave takes are left over.
 */
export function cutWaves(
  nodes: readonly NodeRecord[],
  policy: RolloutPolicy,
  selection: Selection,
): { readonly waves: readonly (readonly NodeRecord[])[]; readonly leftOver: readonly NodeRecord[] } {
  let left = nodes;
  const waves = policy.waves.map(({ size }, index) => {
    const selector = selection.waves[index];
    const matching =
      "percent" in size ? (selector === undefined ? nodes.length : nodes.filter((node) => selects(selector, node.labels)).length) : 0;
    const capacity = waveCapacity(size, matching);
    const taken: NodeRecord[] = [];
    const rest: NodeRecord[] = [];
    for (const node of left) (taken.length < capacity && waveTakes(selection, index, node) ? taken : rest).push(node);
    left = rest;
    return taken;
  });
  return { waves, leftOver: left };
}

/** The release named by a version or a checksum, or why there is no single one. */
export function findRelease(snapshot: Snapshot, name: string): ReleaseRecord | string {
  if (isChecksum(name)) return snapshot.releases.get(name) ?? `there is no release with commit ${name}`;
  const found = [...snapshot.releases.values()].filter((release) => release.version === name);
  if (found.length > 1) return `version ${name} names ${found.length} commits; name one by its checksum`;
  return found[0] ?? `there is no release ${name}`;
}

/** The newest release of a channel, or why there is none. */
export function headOf(snapshot: Snapshot, channel: string): ReleaseRecord | string {
  const found = [...snapshot.releases.values()]
    .filter(({ ref }) => ref === channel)
    .sort((a, b) => b.publishedAt - a.publishedAt || (a.checksum < b.checksum ? -1 : 1));
  return found[0] ?? `channel ${channel} has no release`;
}

function targetIn(snapshot: Snapshot, { target }: RolloutPolicy): Target | FieldViolation {
  const found = "release" in target ? findRelease(snapshot, target.release) : headOf(snapshot, target.channel);
  if (typeof found === "string")
    return { field: "release" in target ? "spec.release" : "spec.channel", description: `${found}; see \`treeline release list\`` };
  return { checksum: found.checksum, ref: found.ref, version: found.version };
}

/** Law 1 needs somebody on the node who brings it back: a release without agent or boot guard goes to none. */
export function unmanagedRelease({ releases }: Snapshot, { checksum, version }: Target): Refused | undefined {
  const because = releases.get(checksum)?.unmanaged;
  if (because === undefined) return undefined;
  return refuse(
    "unmanaged",
    `release ${version} (commit ${checksum}) is unmanaged: ${because}; no node could be brought back from it`,
    "publish a release that holds the agent and the boot guard and roll that one out, or deploy this one on the host by hand",
  );
}

function unknownNodes(snapshot: Snapshot, { nodes, exclude }: RolloutPolicy): readonly FieldViolation[] {
  if (nodes.length + exclude.nodes.length === 0) return [];
  const names = new Set([...snapshot.nodes.values()].map(({ name }) => name));
  const missing = (list: readonly string[], field: string): readonly FieldViolation[] =>
    list.flatMap((name, index) =>
      snapshot.nodes.has(name) || names.has(name)
        ? []
        : [{ field: `${field}[${index}]`, description: `"${name}" is no enrolled node's name or id; see \`treeline node list\`` }],
    );
  return [...missing(nodes, "spec.nodes"), ...missing(exclude.nodes, "spec.exclude.nodes")];
}

function emptySelection(policy: RolloutPolicy): FieldViolation {
  const excluded = policy.exclude.selector !== undefined || policy.exclude.nodes.length > 0;
  const but = excluded ? " after the exclusions" : "";
  return policy.selector === undefined
    ? { field: "spec.nodes", description: `no named node is left${but}: they were revoked or written off; see \`treeline node list\`` }
    : { field: "spec.selector", description: `"${policy.selector}" matches no enrolled node${but}; see \`treeline node list\`` };
}

function coverageProblems(
  policy: RolloutPolicy,
  waves: Layout["waves"],
  leftOver: readonly NodeRecord[],
  selected: number,
): readonly FieldViolation[] {
  if (leftOver.length > 0) {
    const some = leftOver.slice(0, 3).map(({ name }) => name);
    return [
      {
        field: "spec.waves",
        description: `the waves take ${selected - leftOver.length} of ${selected} selected nodes (not ${some.join(", ")}${leftOver.length > 3 ? ", ..." : ""}); end with "- rest: true"`,
      },
    ];
  }
  return waves.flatMap((wave, index): readonly FieldViolation[] => {
    const { size, selector, name } = policy.waves[index]!;
    if (wave.length > 0 || ("rest" in size && selector === undefined)) return [];
    const why =
      selector === undefined
        ? `the waves before it already take all ${selected}`
        : `"${selector}" matches none of the nodes that the waves before it leave`;
    return [{ field: `spec.waves[${index}]`, description: `wave ${name} takes no node: ${why}; remove it` }];
  });
}

/** A budget of the rollout's own over all its nodes that lets none of them go: it could never do anything. */
function frozenBudgets(policy: RolloutPolicy, members: number): readonly FieldViolation[] {
  return policy.budgets.flatMap((limits): readonly FieldViolation[] => {
    if (limits.per !== undefined || limitOf({ limits, members }) > 0) return [];
    const description = `keeps all ${members} selected nodes available, so none could ever be updated; leave room for at least one`;
    return [{ field: "spec.budgets", description }];
  });
}

const rolloutName = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/;

function nameProblems(name: string): readonly FieldViolation[] {
  if (rolloutName.test(name)) return [];
  return [
    {
      field: "metadata.name",
      description: `"${name}" must be 1 to 63 lower-case letters, digits, '-' or '.', beginning and ending with a letter or digit`,
    },
  ];
}

export function byName(a: NodeRecord, b: NodeRecord): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1;
}
