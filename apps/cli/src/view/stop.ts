import type { wire } from "@treeline/rpc";
import { formatSince } from "../output/format.ts";
import { tableLines } from "../output/table.ts";
import { instantOf } from "./instant.ts";

/** An andon cord that is pulled, as machines read it. */
export interface StopView {
  readonly selector: string;
  readonly reason: string;
  readonly by: string;
  readonly at: string | null;
  readonly sparesRollbacks: boolean;
  /** Enrolled nodes in its scope now. */
  readonly nodes: number;
}

export function stopView({ selector, reason, by, atMillis, sparesRollbacks, nodeCount }: wire.Stop__Output): StopView {
  return { selector, reason, by, at: instantOf(atMillis), sparesRollbacks, nodes: nodeCount };
}

export function stopTable(stops: readonly StopView[], now: number): readonly string[] {
  return tableLines(
    [
      { title: "SCOPE", cell: ({ selector }) => selector },
      { title: "NODES", cell: ({ nodes }) => String(nodes) },
      { title: "BY", cell: ({ by }) => by },
      { title: "AGE", cell: ({ at }) => formatSince(at, now) },
      { title: "ROLLBACKS", cell: ({ sparesRollbacks }) => (sparesRollbacks ? "go on" : "stopped, too") },
      { title: "REASON", cell: ({ reason }) => reason },
    ],
    stops,
  );
}
