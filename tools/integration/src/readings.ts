import { readFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { DemoFleet, Machine } from "@treeline/testkit";

export interface AuditEntry {
  readonly sequence: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly because: string;
}

/** The server's audit log, oldest first, read from its database as anybody on its host could. Node ids are replaced by node names. */
export async function auditLog(fleet: DemoFleet): Promise<readonly AuditEntry[]> {
  const database = new DatabaseSync(path.join(fleet.server.data, "treeline.db"), { readOnly: true });
  try {
    const entries = database.prepare("select sequence, at, actor, action, subject, because from audit order by sequence").all();
    const nodes = database.prepare("select id, name from node").all();
    const named = (text: string): string => nodes.reduce((result, node) => result.replace(String(node["id"]), String(node["name"])), text);
    return entries.map((entry) => ({
      sequence: Number(entry["sequence"]),
      at: Number(entry["at"]),
      actor: named(String(entry["actor"])),
      action: String(entry["action"]),
      subject: named(String(entry["subject"])),
      because: String(entry["because"]),
    }));
  } finally {
    database.close();
  }
}

/** The audit entries of one rollout. */
export async function auditOf(fleet: DemoFleet, rollout: string): Promise<readonly AuditEntry[]> {
  return (await auditLog(fleet)).filter(({ subject }) => subject === `rollout ${rollout}` || subject.startsWith(`rollout ${rollout} `));
}

/** The agent's journal on its disk; the machine may be off. */
export interface AgentJournal {
  readonly open?: { readonly step: string; readonly note: string; readonly ref: { readonly rollout: string; readonly number: number } };
  readonly closed: readonly {
    readonly attempt: { readonly rollout: string; readonly number: number };
    readonly outcome: { readonly kind: string; readonly reason?: string; readonly failure?: string };
  }[];
  readonly denied: readonly { readonly checksum: string; readonly reason: string }[];
}

export async function journalOf(machine: Machine): Promise<AgentJournal> {
  const text = await readFile(path.join(machine.varDirectory, "lib/treeline/journal.json"), "utf8");
  return (JSON.parse(text) as { readonly value: AgentJournal }).value;
}

/** Deployments as the machine's own `ostree admin status` prints them, first the one that boots next: checksum and what stands behind it. */
export interface StatusLine {
  readonly booted: boolean;
  readonly checksum: string;
  /** "staged", "pending", "rollback" or nothing. */
  readonly mark: string;
}

export async function deploymentsOf(machine: Machine): Promise<readonly StatusLine[]> {
  const lines = (await machine.adminStatus()).split("\n");
  return lines.flatMap((line) => {
    const match = /^(\*| ) \S+ ([0-9a-f]{64})\.\d+(?: \((\w+)\))?/.exec(line);
    return match ? [{ booted: match[1] === "*", checksum: match[2]!, mark: match[3] ?? "" }] : [];
  });
}

/** The deployment a machine runs. */
export async function bootedChecksum(machine: Machine): Promise<string> {
  return (await deploymentsOf(machine)).find(({ booted }) => booted)?.checksum ?? "";
}
