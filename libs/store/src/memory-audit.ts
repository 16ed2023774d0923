import { chainStep, genesis, maxRowsPerCheckpoint, type AuditRecord, type Checkpoint, type SealHead } from "@treeline/audit";
import type { AuditQuery } from "./audit-query.ts";
import { auditEntryOf } from "./audit-row.ts";
import { checkNextCheckpoint } from "./checkpoint-fence.ts";
import type { AuditColumns } from "./schema.ts";
import type { AuditLogPage, AuditRange, AuditState, Sealed, StoredAuditEntry } from "./store.ts";

/**
 * The audit of a memory store. Its rows cannot be tampered with, so places in these lists are sequences.
 * INVARIANT: row n is at index n - 1, and so is its seal.
 */
export class MemoryAudit {
  readonly #rows: StoredAuditEntry[] = [];
  readonly #seals: string[] = [];
  readonly #checkpoints: Checkpoint[] = [];

  add(entries: readonly AuditColumns[]): void {
    for (const entry of entries) this.#rows.push(auditEntryOf({ sequence: this.#rows.length + 1, ...entry }));
  }

  /** Looks no further back than it must to find so many. */
  read(query: AuditQuery): readonly StoredAuditEntry[] {
    const { limit, before = Infinity, after = 0 } = query;
    const found: StoredAuditEntry[] = [];
    for (let place = Math.min(this.#rows.length, before - 1); place > after && found.length < limit; place--) {
      const entry = this.#rows[place - 1] as StoredAuditEntry;
      if (isAskedFor(entry, query)) found.push(entry);
    }
    return found;
  }

  state(): AuditState {
    const checkpoint = this.#checkpoints.at(-1);
    return { last: this.#rows.length, sealed: this.#head(), ...(checkpoint === undefined ? {} : { checkpoint }) };
  }

  log({ after = Number.MIN_SAFE_INTEGER, limit }: AuditRange): AuditLogPage {
    const first = Math.max(0, after);
    const records = this.#rows.slice(first, first + limit).map((row): AuditRecord => {
      const hash = this.#seals[row.sequence - 1];
      return { sequence: row.sequence, row, ...(hash === undefined ? {} : { hash }) };
    });
    const last = records.length < limit ? Infinity : first + limit;
    return { records, checkpoints: this.#checkpoints.filter(({ sequence }) => sequence > after && sequence <= last) };
  }

  seal(most: number): Sealed {
    const from = this.#head();
    const checkpoint = this.#checkpoints.at(-1);
    const end = checkpoint === undefined ? 0 : Math.min(this.#rows.length, checkpoint.sequence + maxRowsPerCheckpoint);
    let head = from;
    for (const row of this.#rows.slice(from.sequence, Math.min(end, from.sequence + most))) {
      head = { sequence: row.sequence, hash: chainStep(head.hash, row) };
      this.#seals.push(head.hash);
    }
    return { from, head, more: head.sequence < end };
  }

  /** Throws `InvalidRequestError`. */
  addCheckpoint(checkpoint: Checkpoint): void {
    const sealed = checkpoint.sequence === genesis.sequence ? genesis.hash : this.#seals[checkpoint.sequence - 1];
    checkNextCheckpoint({ checkpoint, sealed, newest: this.#checkpoints.at(-1)?.sequence });
    this.#checkpoints.push(checkpoint);
  }

  #head(): SealHead {
    const hash = this.#seals.at(-1);
    return hash === undefined ? genesis : { sequence: this.#seals.length, hash };
  }
}

function isAskedFor(entry: StoredAuditEntry, query: AuditQuery): boolean {
  const { subject, under, actor, action, outcome, since, until, within } = query;
  return (
    (subject === undefined || entry.subject === subject) &&
    (under === undefined || entry.subject === under || entry.subject.startsWith(`${under} `)) &&
    (actor === undefined || entry.actor === actor) &&
    (action === undefined || entry.action === action) &&
    (outcome === undefined || (entry.outcome ?? "done") === outcome) &&
    (since === undefined || entry.at >= since) &&
    (until === undefined || entry.at < until) &&
    (within === undefined || within.some((scope) => isWithin(entry, scope)))
  );
}

/** A scope that names nothing holds nothing. */
function isWithin({ scope }: StoredAuditEntry, { tenant, pool }: { readonly tenant?: string; readonly pool?: string }): boolean {
  if (tenant === undefined && pool === undefined) return false;
  return (tenant === undefined || scope?.tenant === tenant) && (pool === undefined || scope?.pool === pool);
}
