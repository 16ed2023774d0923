import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { AuditRecord, Checkpoint } from "@treeline/audit";
import { auditRecordFromWire, checkpointFromWire, type FrontClients, type wire } from "@treeline/rpc";
import { CliError } from "./cli-error.ts";
import { reasonOf } from "./text-file.ts";

/** One line of an exported audit log: a place, or a checkpoint after the place it is on. */
export type AuditLine = ({ readonly kind: "record" } & AuditRecord) | ({ readonly kind: "checkpoint" } & Checkpoint);

/** The log as the server streams it, in the order of its places. Rejects with RpcError. */
export async function* auditFromServer(clients: FrontClients, after: number): AsyncGenerator<AuditLine> {
  const call = clients.audit.exportAudit({ afterSequence: String(after) });
  try {
    for await (const message of call as AsyncIterable<wire.ExportAuditResponse__Output>) {
      const checkpoints = message.checkpoints.map((checkpoint) => ({ kind: "checkpoint" as const, ...checkpointFromWire(checkpoint) }));
      let next = 0;
      for (const wired of message.records) {
        const record = auditRecordFromWire(wired);
        while (next < checkpoints.length && checkpoints[next]!.sequence < record.sequence) yield checkpoints[next++]!;
        yield { kind: "record", ...record };
      }
      for (; next < checkpoints.length; next++) yield checkpoints[next]!;
    }
  } finally {
    call.cancel();
  }
}

/** The log as it was exported: one JSON document on each line. @throws CliError file-unreadable, document-invalid */
export async function* auditFromFile(file: string): AsyncGenerator<AuditLine> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  let number = 0;
  try {
    for await (const line of lines) {
      number++;
      if (line.trim() !== "") yield lineOf(line, `${file}:${number}`);
    }
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError(`cannot read ${file}: ${reasonOf(cause)}`, {
      code: "file-unreadable",
      subject: file,
      remedy: "check the path",
      cause,
    });
  }
}

/** Checkpoints that were kept: lines of an export, or what `--save-checkpoint` wrote. @throws CliError */
export async function keptCheckpoints(file: string): Promise<readonly Checkpoint[]> {
  const kept: Checkpoint[] = [];
  for await (const line of auditFromFile(file)) if (line.kind === "checkpoint") kept.push(line);
  if (kept.length === 0)
    throw new CliError(`${file} holds no checkpoint`, {
      code: "document-invalid",
      subject: file,
      remedy: "give a file that `treeline audit verify --save-checkpoint` wrote, or an export",
    });
  return kept;
}

function lineOf(text: string, place: string): AuditLine {
  let value: Partial<Record<string, unknown>> | null | undefined;
  try {
    value = JSON.parse(text) as Partial<Record<string, unknown>> | null;
  } catch {
    // Said below.
  }
  const sound =
    Number.isSafeInteger(value?.["sequence"]) &&
    (value?.["kind"] === "record"
      ? isRow(value["row"]) && isTextOrAbsent(value["hash"])
      : value?.["kind"] === "checkpoint" &&
        Number.isSafeInteger(value["at"]) &&
        [value["hash"], value["keyId"], value["signature"]].every((field) => typeof field === "string"));
  if (sound) return value as unknown as AuditLine;
  throw new CliError(`${place} is no line of an exported audit log`, {
    code: "document-invalid",
    subject: place,
    remedy: "export the log again with `treeline audit export`",
  });
}

function isRow(value: unknown): boolean {
  return value === undefined || (typeof value === "object" && value !== null);
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}
