/** What the store was doing when it failed. */
export type StorePhase = "open" | "load" | "commit" | "seal" | "read" | "close";

/**
 * An error as it crosses a thread: plain data, of which `errorOf` makes the typed error again.
 * Callers tell errors apart by class or `code`, never by text.
 */
export type StoreFailure =
  | { readonly code: "stale-epoch"; readonly details: StaleEpochDetails }
  | { readonly code: "conflict"; readonly details: ConflictDetails }
  | { readonly code: "after-refused"; readonly details: AfterRefusedDetails }
  | { readonly code: "invalid"; readonly details: InvalidDetails }
  | { readonly code: "newer-schema"; readonly details: NewerSchemaDetails }
  | { readonly code: "overloaded"; readonly details: OverloadedDetails }
  | { readonly code: "closed"; readonly details: ClosedDetails }
  | { readonly code: "gone"; readonly details: GoneDetails }
  | { readonly code: DatabaseErrorCode; readonly details: DatabaseDetails };

export type StoreErrorCode = StoreFailure["code"];

export interface StaleEpochDetails {
  readonly epoch: number;
  readonly newest: number;
}

export interface ConflictDetails {
  /** The table and, where known, the columns in which two records may not be equal. */
  readonly subject: string;
  readonly cause?: string;
}

export interface AfterRefusedDetails {
  /** Why the first one was refused. */
  readonly cause: string;
}

export interface InvalidDetails {
  readonly phase: StorePhase;
  readonly field: string;
  readonly reason: string;
  readonly remedy: string;
}

export interface NewerSchemaDetails {
  readonly subject: string;
  /** Number of the newest migration in the database. */
  readonly found: number;
  /** Number of the newest migration this program knows. */
  readonly known: number;
  /** The first Treeline version that knows the schema found. */
  readonly since: string;
}

export interface OverloadedDetails {
  /** Batches that wait. */
  readonly pending: number;
}

export interface ClosedDetails {
  readonly phase: StorePhase;
}

export interface GoneDetails {
  readonly phase: StorePhase;
  readonly subject: string;
  readonly cause: string;
}

/**
 * - `not-a-database`: the file is something else.
 * - `foreign`: a database, but not of Treeline.
 * - `corrupt`: its pages or records cannot be read.
 * - `cannot-open`: missing directory, no permission, a directory in its place.
 * - `read-only`: it can be read but not written.
 * - `no-wal`: the file system cannot keep a write-ahead log.
 * - `busy`: another process holds its lock.
 * - `full`: no space left.
 * - `io`: the disk failed; whether the batches under way are durable is unknown until the database is opened again.
 * - `failed`: anything else.
 */
export type DatabaseErrorCode = keyof typeof remedies;

export interface DatabaseDetails {
  readonly phase: StorePhase;
  /** The file. */
  readonly subject: string;
  readonly cause: string;
}

const remedies = {
  "not-a-database": "Check the path; if the file is yours and damaged, restore the newest backup.",
  foreign: "It belongs to another program: choose another path.",
  corrupt: "Stop the server, keep a copy of the file, and restore the newest backup.",
  "cannot-open": "Create its directory, or give this user the right to write there; the path must name a file, not a directory.",
  "read-only": "Give this user the right to write the file and its directory, and check that the file system is not mounted read-only.",
  "no-wal": "Keep the database on a local file system: network file systems lack the shared memory it needs.",
  busy: "Another process uses it: stop that one, then start the server again.",
  full: "Free space on its file system, then start the server again.",
  io: "Check the disk (kernel log), then start the server again: what was acknowledged is read back from the database.",
  failed: "This is unexpected: report it with the cause.",
} as const;

export abstract class StoreError extends Error {
  abstract readonly code: StoreErrorCode;
  abstract readonly details: StoreFailure["details"];
  readonly phase: StorePhase;
  readonly subject: string;
  /** The same call may succeed later without anyone changing anything. Never so of a commit: see `AfterRefusedError`. */
  readonly retryable: boolean;

  constructor(about: {
    readonly phase: StorePhase;
    readonly subject: string;
    readonly message: string;
    readonly retryable?: boolean;
    readonly cause?: unknown;
  }) {
    super(about.message, about.cause === undefined ? undefined : { cause: about.cause });
    this.name = new.target.name;
    this.phase = about.phase;
    this.subject = about.subject;
    this.retryable = about.retryable ?? false;
  }
}

/** A server that was replaced tried to write. */
export class StaleEpochError extends StoreError {
  readonly code = "stale-epoch";
  readonly details: StaleEpochDetails;
  constructor(details: StaleEpochDetails) {
    const taken =
      details.newest > details.epoch ? `server run ${details.newest} is newer` : `another server has taken run ${details.newest}`;
    super({
      phase: "commit",
      subject: `epoch ${details.epoch}`,
      message: `epoch ${details.epoch} may not write: ${taken}. Stop this server; only the newest may go on.`,
    });
    this.details = details;
  }
}

/** Two records share what only one may have: a node's slot, a secret. */
export class ConflictError extends StoreError {
  readonly code = "conflict";
  readonly details: ConflictDetails;
  constructor(details: ConflictDetails) {
    super({
      phase: "commit",
      subject: details.subject,
      message: `${details.subject}: another record has the same value, and only one may. Release or remove that one first.`,
      cause: details.cause,
    });
    this.details = details;
  }
}

/** An earlier batch was refused, and this one was made by someone who did not know that yet. Nothing of it was stored. */
export class AfterRefusedError extends StoreError {
  readonly code = "after-refused";
  readonly details: AfterRefusedDetails;
  constructor(details: AfterRefusedDetails) {
    super({
      phase: "commit",
      subject: "batch",
      message: `an earlier batch was refused (${details.cause}) and this one may rest on it, so nothing of it was stored: open the store again and decide anew from what it loads.`,
      cause: details.cause,
    });
    this.details = details;
  }

  /** The error for each batch after the one that was refused with `refusal`. */
  static because(refusal: unknown): AfterRefusedError {
    return new AfterRefusedError({ cause: refusal instanceof Error ? refusal.message : String(refusal) });
  }
}

/** The caller asked for what cannot be. */
export class InvalidRequestError extends StoreError {
  readonly code = "invalid";
  readonly details: InvalidDetails;
  constructor(details: InvalidDetails) {
    super({ phase: details.phase, subject: details.field, message: `${details.field} ${details.reason}; ${details.remedy}` });
    this.details = details;
  }
}

/** The database was last used by a newer program. Nothing in it was changed. */
export class NewerSchemaError extends StoreError {
  readonly code = "newer-schema";
  readonly details: NewerSchemaDetails;
  readonly found: number;
  readonly known: number;
  constructor(details: NewerSchemaDetails) {
    const { subject, found, known, since } = details;
    super({
      phase: "open",
      subject,
      message: `${subject} has schema ${found}, this server knows schemas up to ${known}. Nothing was changed: start a server of at least version ${since} or restore the backup taken before the upgrade.`,
    });
    this.details = details;
    this.found = found;
    this.known = known;
  }
}

/** More batches wait than the store takes on: its last defence against a server that does not bound its own work. */
export class OverloadedError extends StoreError {
  readonly code = "overloaded";
  readonly details: OverloadedDetails;
  constructor(details: OverloadedDetails) {
    super({
      phase: "commit",
      subject: "queue",
      message: `${details.pending} batches wait for the disk, as many as may: turn callers away before so many wait, and start the server again.`,
    });
    this.details = details;
  }
}

export class StoreClosedError extends StoreError {
  readonly code = "closed";
  readonly details: ClosedDetails;
  constructor(details: ClosedDetails) {
    super({ phase: details.phase, subject: "store", message: "the store was closed: open it again." });
    this.details = details;
  }
}

/** The thread that owns the database died. Whether the batches under way are durable is unknown until the database is opened again. */
export class StoreGoneError extends StoreError {
  readonly code = "gone";
  readonly details: GoneDetails;
  constructor(details: GoneDetails) {
    super({
      phase: details.phase,
      subject: details.subject,
      message: `the thread that keeps ${details.subject} ended (${details.cause}). Start the server again: what was acknowledged is read back from the database.`,
      cause: details.cause,
    });
    this.details = details;
  }
}

export class DatabaseError extends StoreError {
  readonly code: DatabaseErrorCode;
  readonly details: DatabaseDetails;
  constructor(code: DatabaseErrorCode, details: DatabaseDetails) {
    super({
      phase: details.phase,
      subject: details.subject,
      message: `${details.subject}: ${code}, ${details.cause}. ${remedies[code]}`,
      retryable: details.phase !== "commit" && (code === "busy" || code === "full"),
      cause: details.cause,
    });
    this.code = code;
    this.details = details;
  }
}

/** What of an error crosses the thread. */
export function failureOf(error: StoreError): StoreFailure {
  return { code: error.code, details: error.details } as StoreFailure;
}

/** The typed error that `failureOf` was made of. */
export function errorOf(failure: StoreFailure): StoreError {
  switch (failure.code) {
    case "stale-epoch":
      return new StaleEpochError(failure.details);
    case "conflict":
      return new ConflictError(failure.details);
    case "after-refused":
      return new AfterRefusedError(failure.details);
    case "invalid":
      return new InvalidRequestError(failure.details);
    case "newer-schema":
      return new NewerSchemaError(failure.details);
    case "overloaded":
      return new OverloadedError(failure.details);
    case "closed":
      return new StoreClosedError(failure.details);
    case "gone":
      return new StoreGoneError(failure.details);
    default:
      return new DatabaseError(failure.code, failure.details);
  }
}
