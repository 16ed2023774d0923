import { safeInteger, type wire } from "@treeline/rpc";
import { formatSince } from "../output/format.ts";
import { tableLines } from "../output/table.ts";
import { instantOf } from "./instant.ts";

/** One entry of the audit log as machines read it. */
export interface HistoryEntryView {
  readonly sequence: number;
  readonly at: string | null;
  /** `controller`, `node:ID`, `token:NAME` or `server`. */
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly because: string;
}

export function historyView(entry: wire.AuditEntry__Output): HistoryEntryView {
  const { actor, action, subject, because } = entry;
  return { sequence: safeInteger("entries.sequence", entry.sequence), at: instantOf(entry.atMillis), actor, action, subject, because };
}

export function historyTable(entries: readonly HistoryEntryView[], now: number): readonly string[] {
  return tableLines(
    [
      { title: "AGE", cell: ({ at }) => formatSince(at, now) },
      { title: "WHO", cell: ({ actor }) => actor },
      { title: "WHAT", cell: ({ action }) => action },
      { title: "SUBJECT", cell: ({ subject }) => subject },
      { title: "BECAUSE", cell: ({ because }) => because },
    ],
    entries,
  );
}
