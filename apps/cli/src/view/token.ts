import type { wire } from "@treeline/rpc";
import { formatDue, formatLabels } from "../output/format.ts";
import { tableLines } from "../output/table.ts";
import { instantOf } from "./instant.ts";

/** An enrollment token as machines read it. Its secret is shown once, when it is made, and is not in here. */
export interface TokenView {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
  /** Null: any number until it expires. */
  readonly usesLeft: number | null;
  readonly nodesEnrolled: number;
  readonly revoked: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

export function tokenView(token: wire.Token__Output): TokenView {
  const { id, name, nodesEnrolled, revoked, labels } = token;
  return {
    id,
    name,
    createdAt: instantOf(token.createdAtMillis),
    expiresAt: instantOf(token.expiresAtMillis),
    usesLeft: token.unlimited ? null : token.usesLeft,
    nodesEnrolled,
    revoked,
    labels,
  };
}

export function tokenTable(tokens: readonly TokenView[], now: number): readonly string[] {
  return tableLines(
    [
      { title: "ID", cell: (token) => token.id },
      { title: "NAME", cell: (token) => token.name },
      { title: "EXPIRES", cell: (token) => (token.revoked ? "revoked" : formatDue(token.expiresAt, now)) },
      { title: "USES LEFT", cell: (token) => (token.usesLeft === null ? "any" : String(token.usesLeft)), align: "right" },
      { title: "NODES", cell: (token) => String(token.nodesEnrolled), align: "right" },
      { title: "LABELS", cell: (token) => formatLabels(token.labels) },
    ],
    tokens,
  );
}
