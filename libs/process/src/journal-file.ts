import { createHash } from "node:crypto";
import { link, unlink } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { readFileIfExists, syncDirectory, writeFileDurably } from "./durable-file.ts";
import { errnoOf } from "./errno.ts";

// Invariants:
// 1. The envelope {formatVersion, minReaderVersion, sha256, value} and what sha256 covers never change, in no version: it is how an
//    older program finds out that it cannot read the value.
// 2. What cannot be read is set aside, never overwritten and never deleted: a person can look at it.
// 3. `read()` gives what is on the disk: a value becomes current only after its write was durable.

const envelope = z.object({
  formatVersion: z.int().positive(),
  minReaderVersion: z.int().positive(),
  sha256: z.string(),
  value: z.json(),
});

export interface JournalOptions<T> {
  readonly path: string;
  /**
   * The shape of the value; it must be JSON. It must also accept what the previous version wrote (give new fields a default), and, so
   * that this program can read what its successor writes, ignore fields it does not know: `z.object`, not `z.strictObject`.
   */
  readonly schema: z.ZodType<T>;
  /** The version of the format this program writes, from 1. */
  readonly version: number;
  /** The oldest version whose programs can read what this one writes. Default: one version back. */
  readonly minReaderVersion?: number;
  /** What to start from when there is nothing to read. */
  readonly empty: () => T;
}

/** A journal that could not be read and was moved out of the way: the caller must say so. */
export interface SetAside {
  /** `newer`: written by a program too new for this one. `damaged`: truncated, changed, or not a journal. */
  readonly kind: "damaged" | "newer";
  readonly reason: string;
  readonly path: string;
  readonly movedTo: string;
}

export interface Journal<T> {
  /** The last value that is durable, or `empty()`. Treat it as immutable. */
  read(): T;
  /**
   * Resolves when the value is durable. Writes happen one after the other, in the order of the calls. After a rejection `read()` still
   * gives the value before, while the disk may hold either.
   * @throws JournalError value-invalid when the value does not fit the schema (nothing was written), write-failed
   */
  write(value: T): Promise<void>;
}

export class JournalError extends Error {
  override readonly name = "JournalError";
  readonly code: "read-failed" | "value-invalid" | "write-failed";
  readonly phase: "open" | "write";
  /** The journal's path. */
  readonly subject: string;

  constructor(
    message: string,
    details: {
      readonly code: JournalError["code"];
      readonly phase: JournalError["phase"];
      readonly subject: string;
      readonly cause: unknown;
    },
  ) {
    super(message, { cause: details.cause });
    this.code = details.code;
    this.phase = details.phase;
    this.subject = details.subject;
  }
}

/**
 * Opens a small journal (one JSON file, replaced as a whole at each write). What cannot be understood is set aside and the journal
 * starts from `empty()`; what cannot be read for another reason (permissions, a failing disk) is an error, because it may be fine.
 * @throws JournalError read-failed
 */
export async function openJournal<T>(options: JournalOptions<T>): Promise<{ readonly journal: Journal<T>; readonly setAside?: SetAside }> {
  const { path: file } = options;
  try {
    const bytes = await readFileIfExists(file);
    if (bytes === undefined) return { journal: journalFrom(options, options.empty()) };
    const found = understood(bytes, options);
    if (found.kind === "value") return { journal: journalFrom(options, found.value) };
    const movedTo = await moveAside(file, found.kind);
    return { journal: journalFrom(options, options.empty()), setAside: { ...found, path: file, movedTo } };
  } catch (cause) {
    const message = `cannot read the journal ${file} (${errnoOf(cause) ?? String(cause)}): check its permissions and the disk`;
    throw new JournalError(message, { code: "read-failed", phase: "open", subject: file, cause });
  }
}

type Understood<T> = { readonly kind: "value"; readonly value: T } | { readonly kind: "damaged" | "newer"; readonly reason: string };

function understood<T>(bytes: Buffer, { schema, version }: JournalOptions<T>): Understood<T> {
  const json = parsedJson(bytes);
  if (json === undefined) return { kind: "damaged", reason: "it is not JSON: truncated or overwritten" };
  const parsed = envelope.safeParse(json);
  if (!parsed.success) return { kind: "damaged", reason: "it is not a journal: version, checksum or value is missing" };
  const { formatVersion, minReaderVersion, sha256, value } = parsed.data;
  if (sha256 !== checksum(formatVersion, minReaderVersion, value))
    return { kind: "damaged", reason: "its checksum does not match its content" };
  if (minReaderVersion > version) {
    return {
      kind: "newer",
      reason: `it has format ${formatVersion} and needs a program that reads ${minReaderVersion}; this one reads ${version}`,
    };
  }
  const checked = schema.safeParse(value);
  if (checked.success) return { kind: "value", value: checked.data };
  return { kind: "damaged", reason: `its value does not fit format ${version}: ${z.prettifyError(checked.error)}` };
}

function parsedJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Over the versions too: a changed digit there would otherwise make a good journal look too new. */
function checksum(formatVersion: number, minReaderVersion: number, value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify([formatVersion, minReaderVersion, value]))
    .digest("hex");
}

/** link(2) refuses an existing name, so an earlier set-aside file is never lost. */
async function moveAside(file: string, kind: "damaged" | "newer"): Promise<string> {
  for (let n = 1; ; n++) {
    const target = `${file}.${kind}-${n}`;
    try {
      await link(file, target);
    } catch (error) {
      if (errnoOf(error) === "EEXIST") continue;
      throw error;
    }
    await unlink(file);
    await syncDirectory(path.dirname(file));
    return target;
  }
}

function journalFrom<T>(options: JournalOptions<T>, initial: T): Journal<T> {
  const { path: file, schema, version, minReaderVersion = Math.max(1, version - 1) } = options;
  let current = initial;
  let queue: Promise<unknown> = Promise.resolve();

  const text = (value: T): string => {
    // Through JSON and back before it is checked: what is checked is what a reader will find.
    const json: unknown = JSON.parse(JSON.stringify(value));
    schema.parse(json);
    const sha256 = checksum(version, minReaderVersion, json);
    return `${JSON.stringify({ formatVersion: version, minReaderVersion, sha256, value: json }, undefined, 2)}\n`;
  };

  const write = async (value: T): Promise<void> => {
    let content: string;
    try {
      content = text(value);
    } catch (cause) {
      throw new JournalError(`the value does not fit the journal ${file}: nothing was written`, {
        code: "value-invalid",
        phase: "write",
        subject: file,
        cause,
      });
    }
    const turn = queue.then(async () => {
      try {
        await writeFileDurably(file, content);
      } catch (cause) {
        const message = `cannot write the journal ${file} (${errnoOf(cause) ?? String(cause)}): free space or make its directory writable`;
        throw new JournalError(message, { code: "write-failed", phase: "write", subject: file, cause });
      }
      current = value;
    });
    queue = turn.catch(() => {});
    return turn;
  };

  return { read: () => current, write };
}
