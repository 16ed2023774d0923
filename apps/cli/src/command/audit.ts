import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { AuditVerification, isAuditKey, type AuditRow, type Verification } from "@treeline/audit";
import { exitCode } from "@treeline/process";
import { auditRowFromWire } from "@treeline/rpc";
import { type Command } from "commander";
import { auditFromFile, auditFromServer, keptCheckpoints, type AuditLine } from "../audit-file.ts";
import { CliError, usageError } from "../cli-error.ts";
import { withServer } from "../connect.ts";
import { integerOption } from "../option.ts";
import { fieldLines, tableLines } from "../output/table.ts";
import { say, type Shell } from "../shell.ts";
import { readTextFile } from "../text-file.ts";
import { callOptions, plainCommand, print, serverCommand, sharedOptions, type SharedOptions } from "./shared.ts";

export function auditCommand(shell: Shell): Command {
  const command = plainCommand("audit", "read the audit log, and verify that nobody has rewritten it", [
    "treeline audit list --actor operator:admin",
    "treeline audit export --out audit.ndjson",
    "treeline audit verify --key audit.pub --checkpoint last.ndjson",
  ]);
  for (const create of [listCommand, exportCommand, verifyCommand]) command.addCommand(create(shell));
  return command;
}

interface ListOptions {
  readonly subject?: string;
  readonly under?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly outcome?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
}

function listCommand(shell: Shell): Command {
  const command = serverCommand("list", "show who did what; the newest first", [
    "treeline audit list --under 'rollout spring-update'",
    "treeline audit list --outcome refused --since 2026-01-31T12:00:00Z --json",
  ])
    .option("--subject <subject>", "only what was done to exactly this, such as 'node ID'")
    .option("--under <subject>", "only what was done to this or to what is beneath it")
    .option("--actor <actor>", "only what this one did, such as operator:admin")
    .option("--action <action>", "only this action, such as revoke-node")
    .option("--outcome <outcome>", "done or refused")
    .option("--since <instant>", "not older than this, such as 2026-01-31T12:00:00Z")
    .option("--until <instant>", "older than this")
    .option("--limit <count>", "at most so many", integerOption(1, 100_000), 100);
  return command.action(async ({ since, until, limit, ...filters }: ListOptions) => {
    const shared = sharedOptions(command);
    const request = { ...filters, sinceMillis: millisOf("--since", since), untilMillis: millisOf("--until", until) };
    const rows = await withServer(shell, shared, async (clients) => {
      const found: AuditRow[] = [];
      let pageToken = "";
      do {
        const page = await clients.audit.listAudit(
          { ...request, pageSize: Math.min(1_000, limit - found.length), pageToken },
          callOptions(shared),
        );
        found.push(...page.entries.map((entry) => auditRowFromWire(entry)));
        pageToken = page.nextPageToken;
      } while (pageToken !== "" && found.length < limit);
      return found.slice(0, limit);
    });
    print(shell, shared.output, rows, () => auditTable(rows));
  });
}

function auditTable(rows: readonly AuditRow[]): readonly string[] {
  return tableLines(
    [
      { title: "ROW", cell: ({ sequence }) => String(sequence), align: "right" },
      { title: "AT", cell: ({ at }) => isoOf(at) },
      { title: "WHO", cell: ({ actor }) => actor },
      { title: "FROM", cell: ({ from }) => from ?? "" },
      { title: "WHAT", cell: ({ action, outcome }) => (outcome === undefined ? action : `${action} (${outcome})`) },
      { title: "SUBJECT", cell: ({ subject }) => subject },
      { title: "BECAUSE", cell: ({ because }) => because },
    ],
    rows,
  );
}

function exportCommand(shell: Shell): Command {
  const command = serverCommand("export", "write the log with its seals and checkpoints, one JSON document on each line", [
    "treeline audit export --out audit.ndjson",
    "treeline audit export --after 1200 >> audit.ndjson",
  ])
    .option("--after <row>", "only what comes after this row: goes on with an earlier export", integerOption(0, 9_999_999_999), 0)
    .option("--out <file>", "write to this file (default: standard output)");
  return command.action(async ({ after, out }: { readonly after: number; readonly out?: string }) => {
    const file = out === undefined ? undefined : createWriteStream(out, { flags: "wx", mode: 0o600 });
    if (file !== undefined) await once(file, "open").catch((cause: unknown) => unwritable(out!, cause));
    let last = after;
    // Rows without a seal wait for a sealed one: at the end of the log they are left out, so that a later export goes on with them.
    let unsealed: AuditLine[] = [];
    await withServer(shell, sharedOptions(command), async (clients) => {
      for await (const line of auditFromServer(clients, after)) {
        unsealed.push(line);
        if (line.kind === "record" && line.hash === undefined) continue;
        for (const kept of unsealed) {
          const text = `${JSON.stringify(kept)}\n`;
          if (file === undefined) shell.out.write(text);
          else if (!file.write(text)) await once(file, "drain");
          last = Math.max(last, kept.sequence);
        }
        unsealed = [];
      }
    });
    if (unsealed.length > 0) say(shell, `${unsealed.length} rows at the end are not sealed yet and are left out`);
    if (file !== undefined) {
      file.end();
      await once(file, "close");
    }
    say(shell, `exported up to row ${last}; go on later with --after ${last}`);
  });
}

interface VerifyOptions {
  readonly file?: string;
  readonly key?: string;
  readonly checkpoint?: string;
  readonly saveCheckpoint?: string;
}

function verifyCommand(shell: Shell): Command {
  const command = serverCommand(
    "verify",
    "find what was edited, removed, inserted, reordered, cut off or forged; computed here, not on the server",
    [
      "treeline audit verify --save-checkpoint last.ndjson",
      "treeline audit verify --checkpoint last.ndjson --key 'PUBLIC KEY'",
      "treeline audit verify --file audit.ndjson --key audit.pub",
    ],
  )
    .option("--file <file>", "an exported log, whole (default: the server's)")
    .option("--key <key>", "the public key in base64, or a file that holds it (default: the one the server shows)")
    .option("--checkpoint <file>", "a checkpoint that was kept elsewhere: finds a tail that was cut off with its checkpoints")
    .option("--save-checkpoint <file>", "write the newest checkpoint that fits to a file, to be kept elsewhere");
  return command.action(async (options: VerifyOptions) => {
    const shared = sharedOptions(command);
    const found =
      options.file !== undefined && options.key !== undefined
        ? await verified(auditFromFile(options.file), await keyOf(shell, options.key), options.checkpoint)
        : await verifiedWithServer(shell, shared, options);
    print(shell, shared.output, found, () => verificationLines(found));
    if (found.findings.length > 0)
      throw new CliError("the audit log does not verify", {
        code: "audit-broken",
        subject: options.file ?? "audit log",
        exitCode: exitCode.fails,
        remedy: "keep the database file and the newest backup as they are, and find out who can write there",
      });
    if (options.saveCheckpoint !== undefined && found.signed !== undefined) {
      const line = `${JSON.stringify({ kind: "checkpoint", ...found.signed })}\n`;
      await writeFile(options.saveCheckpoint, line).catch((cause: unknown) => unwritable(options.saveCheckpoint!, cause));
    }
  });
}

async function verifiedWithServer(shell: Shell, shared: SharedOptions, options: VerifyOptions): Promise<Verification> {
  return withServer(shell, shared, async (clients) => {
    const key =
      options.key === undefined ? (await clients.audit.getAuditKey({}, callOptions(shared))).publicKey : await keyOf(shell, options.key);
    if (options.key === undefined)
      say(
        shell,
        `the key is the server's own word (${key}): keep it elsewhere and give it with --key, or a forged log may come with a forged key`,
      );
    const lines = options.file === undefined ? auditFromServer(clients, 0) : auditFromFile(options.file);
    return verified(lines, key, options.checkpoint);
  });
}

async function verified(lines: AsyncIterable<AuditLine>, publicKey: string, checkpointFile: string | undefined): Promise<Verification> {
  const kept = checkpointFile === undefined ? [] : await keptCheckpoints(checkpointFile);
  const verification = new AuditVerification({ publicKeys: [publicKey], kept });
  for await (const line of lines) {
    if (line.kind === "record") verification.take(line);
    else verification.takeCheckpoint(line);
  }
  return verification.finish();
}

function verificationLines({ findings, moreFindings, rows, sealed, signed, unsealed }: Verification): readonly string[] {
  return [
    ...fieldLines([
      ["rows", String(rows)],
      ["sealed up to", String(sealed)],
      ["signed up to", signed === undefined ? "nothing" : `${signed.sequence}, at ${isoOf(signed.at)}, by key ${signed.keyId}`],
      ["unsealed tail", unsealed === undefined ? "none" : `${unsealed.from} to ${unsealed.to}`],
      ["findings", String(findings.length + moreFindings)],
    ]),
    ...(findings.length === 0
      ? []
      : tableLines(
          [
            { title: "FINDING", cell: ({ kind }) => kind },
            { title: "ROWS", cell: ({ from, to }) => (from === to ? String(from) : `${from} to ${to}`) },
            { title: "WHAT", cell: ({ message }) => message },
          ],
          findings,
        )),
  ];
}

/** The key itself, or a file that holds it and nothing else. */
async function keyOf(shell: Shell, text: string): Promise<string> {
  const key = isAuditKey(text) ? text : (await readTextFile(shell, text)).trim();
  if (isAuditKey(key)) return key;
  throw usageError("--key is neither a public key (32 bytes in base64) nor a file that holds one", { subject: "--key" });
}

function millisOf(option: string, text: string | undefined): string {
  if (text === undefined) return "0";
  const millis = Date.parse(text);
  if (Number.isSafeInteger(millis) && millis > 0) return String(millis);
  throw usageError(`${option} is not an instant`, { subject: option, remedy: "write it such as 2026-01-31T12:00:00Z" });
}

function isoOf(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : String(at);
}

function unwritable(file: string, cause: unknown): never {
  throw new CliError(`cannot write ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    code: "file-unwritable",
    subject: file,
    remedy: "give a path that can be written; an export goes to a new file only",
    cause,
  });
}
