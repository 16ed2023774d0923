import type { DeniedCommit, Health, Intent, Inventory, OsState, Trust, UpdateState } from "@treeline/fleet";
import {
  healthFromProto,
  intentFromProto,
  inventoryFromProto,
  osStateFromProto,
  trustFromProto,
  updateStateFromProto,
  type PlacePhase,
  type wire,
} from "@treeline/rpc";
import { formatBytes, formatLabels, formatSince } from "../output/format.ts";
import { fieldLines, tableLines, type Column } from "../output/table.ts";
import { instantOf } from "./instant.ts";
import { phaseOf } from "./phase.ts";
import { signedView, type SignedView } from "./signed.ts";

/** A node as machines read it. Its parts are the fleet's own types; a part is null when the node has not reported it. */
export interface NodeView {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly connected: boolean;
  readonly revoked: boolean;
  readonly enrolledAt: string | null;
  readonly lastSeenAt: string | null;
  readonly phase: PlacePhase | "unknown";
  readonly reason: string;
  readonly rollout: string;
  readonly holdsSlot: boolean;
  readonly agentVersion: string;
  readonly conditions: readonly { readonly type: string; readonly status: boolean; readonly reason: string; readonly message: string }[];
  readonly os: OsState | null;
  readonly update: UpdateState | null;
  readonly health: Health | null;
  readonly inventory: Inventory | null;
  readonly intent: Intent | null;
  /** Set while an operator has written it off. */
  readonly writtenOff: SignedView | null;
  /** What the server does not give it again. */
  readonly denied: readonly DeniedCommit[];
  /** Which key rotations it has followed; null for an agent that knows none. */
  readonly trust: Trust | null;
}

/** @throws RpcError when the server's answer is not what the protocol allows */
export function nodeView(node: wire.Node__Output): NodeView {
  const { id, name, labels, connected, revoked, reason, rollout, holdsSlot, agentVersion } = node;
  return {
    id,
    name,
    labels,
    connected,
    revoked,
    enrolledAt: instantOf(node.enrolledAtMillis),
    lastSeenAt: instantOf(node.lastSeenAtMillis),
    phase: phaseOf(node.phase, "unknown"),
    reason,
    rollout,
    holdsSlot,
    agentVersion,
    conditions: node.conditions.map(({ type, status, reason: why, message }) => ({ type, status, reason: why, message })),
    os: node.os && osStateFromProto(node.os),
    update: node.update && updateStateFromProto(node.update),
    health: node.health && healthFromProto(node.health),
    inventory: node.inventory && inventoryFromProto(node.inventory),
    intent: node.intent && intentFromProto(node.intent),
    writtenOff: node.writtenOff && signedView(node.writtenOff),
    denied: node.denied.map(({ checksum, reason: why }) => ({ checksum, reason: why })),
    trust: node.trust && trustFromProto(node.trust),
  };
}

export function nodeTable(nodes: readonly NodeView[], options: { readonly now: number; readonly labels: boolean }): readonly string[] {
  const columns: readonly Column<NodeView>[] = [
    { title: "NAME", cell: (node) => node.name },
    { title: "SESSION", cell: sessionOf },
    { title: "PHASE", cell: (node) => node.phase },
    { title: "VERSION", cell: bootedVersion },
    { title: "HEALTH", cell: (node) => node.health?.state ?? "unknown" },
    { title: "ROLLOUT", cell: (node) => node.rollout },
    { title: "SLOT", cell: (node) => (node.holdsSlot ? "held" : "") },
    { title: "SEEN", cell: (node) => formatSince(node.lastSeenAt, options.now) },
    { title: "ID", cell: (node) => node.id },
    ...(options.labels ? [{ title: "LABELS", cell: (node: NodeView) => formatLabels(node.labels) }] : []),
  ];
  return tableLines(columns, nodes);
}

/** Everything about one node: who it is, what it runs, what it was told, how it is. */
export function nodeDetails(node: NodeView, now: number): readonly string[] {
  return [
    ...fieldLines([
      ["Name", node.name],
      ["ID", node.id],
      ["Session", sessionOf(node)],
      ["Labels", formatLabels(node.labels)],
      ["Enrolled", ago(node.enrolledAt, now)],
      ["Seen", ago(node.lastSeenAt, now)],
      ["Agent", node.agentVersion],
      ["Phase", node.phase],
      ["Reason", node.reason],
      ["Rollout", node.rollout],
      ["Slot", node.holdsSlot ? "held" : ""],
      ...(node.writtenOff === null ? [] : [["Written off", `by ${node.writtenOff.by}: ${node.writtenOff.reason}`] as const]),
      ["Intent", intentText(node.intent)],
      [
        "Release keys",
        node.trust === null ? "" : node.trust.serial === 0 ? "no rotation followed" : `rotation ${node.trust.serial} followed`,
      ],
      ["Health", node.health?.state ?? "unknown"],
      ...inventoryFields(node.inventory),
    ]),
    ...section("Deployments", node.os?.deployments ?? [], [
      { title: "VERSION", cell: (deployment) => deployment.version },
      { title: "COMMIT", cell: (deployment) => `${deployment.checksum.slice(0, 10)}.${deployment.serial}` },
      { title: "REF", cell: (deployment) => deployment.refspec },
      {
        title: "STATE",
        cell: (deployment) =>
          (["booted", "pending", "staged", "rollback", "pinned"] as const).filter((state) => deployment[state]).join(", "),
      },
    ]),
    ...section("Checks", node.health?.checks ?? [], [
      { title: "NAME", cell: (check) => check.name },
      { title: "REQUIRED", cell: (check) => (check.required ? "yes" : "no") },
      { title: "RESULT", cell: (check) => (check.passed ? "passed" : "failed") },
      { title: "OUTPUT", cell: (check) => (check.passed ? "" : check.output) },
    ]),
    ...section("Attempts that ended", node.update?.closed ?? [], [
      { title: "ROLLOUT", cell: ({ attempt }) => attempt.rollout },
      { title: "ATTEMPT", cell: ({ attempt }) => String(attempt.number) },
      { title: "VERSION", cell: ({ target }) => target.version },
      { title: "OUTCOME", cell: ({ outcome }) => outcome.kind },
      { title: "REASON", cell: ({ outcome }) => ("reason" in outcome ? outcome.reason : "") },
    ]),
    ...section("Commits not tried again", node.denied.length > 0 ? node.denied : (node.update?.denied ?? []), [
      { title: "COMMIT", cell: (denied) => denied.checksum },
      { title: "REASON", cell: (denied) => denied.reason },
    ]),
    ...section("Conditions", node.conditions, [
      { title: "TYPE", cell: (condition) => condition.type },
      { title: "STATUS", cell: (condition) => (condition.status ? "true" : "false") },
      { title: "REASON", cell: (condition) => condition.reason },
      { title: "MESSAGE", cell: (condition) => condition.message },
    ]),
  ];
}

function section<Row>(title: string, rows: readonly Row[], columns: readonly Column<Row>[]): readonly string[] {
  return rows.length === 0 ? [] : ["", `${title}:`, ...tableLines(columns, rows).map((line) => `  ${line}`)];
}

function inventoryFields(inventory: Inventory | null): readonly (readonly [string, string])[] {
  if (inventory === null) return [];
  const { architecture, osName, osVersion, kernel, cpuModel, cpuCores, memoryBytes, virtualization } = inventory;
  return [
    ["System", [osName, osVersion, architecture].filter((part) => part !== "").join(" ")],
    ["Kernel", kernel],
    ["Hardware", `${cpuCores} cores${cpuModel === "" ? "" : ` (${cpuModel})`}, ${formatBytes(memoryBytes)} memory`],
    ["Virtualization", virtualization],
  ];
}

function sessionOf(node: NodeView): string {
  if (node.writtenOff !== null) return "written off";
  return node.revoked ? "revoked" : node.connected ? "connected" : "offline";
}

function bootedVersion(node: NodeView): string {
  const booted = node.os?.deployments.find((deployment) => deployment.booted);
  return booted === undefined ? "" : booted.version || booted.checksum.slice(0, 10);
}

function intentText(intent: Intent | null): string {
  if (intent === null) return "";
  const { target, attempt } = intent;
  const what = `${target.version} (${target.checksum.slice(0, 10)})`;
  return attempt === undefined ? what : `${what}, attempt ${attempt.ref.number} of rollout ${attempt.ref.rollout}`;
}

function ago(iso: string | null, now: number): string {
  return iso === null ? "never" : `${formatSince(iso, now)} ago (${iso})`;
}
