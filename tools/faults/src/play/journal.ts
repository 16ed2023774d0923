import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Machine } from "@treeline/testkit";
import type { Ending } from "../matrix/fault-case.ts";

/** The agent's journal as it lies on the machine's disk; only what is looked at here. */
export interface AgentJournal {
  readonly open?: { readonly step: string; readonly note: string; readonly target: { readonly checksum: string } };
  readonly closed: readonly {
    readonly attempt: { readonly rollout: string; readonly number: number };
    readonly outcome: { readonly kind: string; readonly failure?: string; readonly reason?: string };
  }[];
  readonly denied: readonly { readonly checksum: string; readonly reason: string }[];
}

export const journalPath = (machine: Machine): string => path.join(machine.varDirectory, "lib/treeline/journal.json");

/** Undefined when there is none yet, or when it is being written just now. */
export async function journalOf(machine: Machine): Promise<AgentJournal | undefined> {
  try {
    return (JSON.parse(await readFile(journalPath(machine), "utf8")) as { readonly value: AgentJournal }).value;
  } catch {
    return undefined;
  }
}

/** How the attempts of one rollout ended, oldest first. */
export function endingsOf(journal: AgentJournal | undefined, rollout: string): readonly Ending[] {
  const closed = (journal?.closed ?? []).filter(({ attempt }) => attempt.rollout === rollout);
  return closed.map(({ outcome }) => (outcome.kind === "failed" ? `failed(${outcome.failure ?? ""})` : outcome.kind) as Ending);
}
