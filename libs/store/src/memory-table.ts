import type { Row, RowWrite } from "./encoded-batch.ts";
import { checkRun } from "./epoch-fence.ts";
import { ConflictError } from "./errors.ts";
import { recordTables, type RecordTable } from "./record-table.ts";
import type { RecordTableName } from "./schema.ts";

const definitions: ReadonlyMap<RecordTableName, RecordTable<never>> = new Map(
  Object.values(recordTables).map((definition) => [definition.table, definition as unknown as RecordTable<never>]),
);

/**
 * The rows of one table, by key. Writing one costs the same however many there are.
 * INVARIANT: `#owners` holds, for each row with a unique column, the value there and the row's key, and nothing else.
 */
export class MemoryTable {
  readonly #name: RecordTableName;
  readonly #key: readonly string[];
  readonly #unique: string | undefined;
  readonly #rows = new Map<string, Row>();
  readonly #owners = new Map<string | number, string>();

  constructor(name: RecordTableName) {
    const definition = definitions.get(name);
    if (definition === undefined) throw new RangeError(`there is no table ${name}`);
    this.#name = name;
    this.#key = definition.key;
    this.#unique = definition.unique;
  }

  rows(): Iterable<Row> {
    return this.#rows.values();
  }

  /** The row with the same key columns. */
  find(key: Row): Row | undefined {
    return this.#rows.get(this.#keyOf(key));
  }

  /** Returns how to take it back. Throws `ConflictError` or `StaleEpochError`, and has written nothing then. */
  write(change: RowWrite): () => void {
    return change.op === "put" ? this.#put(change.row) : this.#delete(change.where);
  }

  #put(row: Row): () => void {
    const key = this.#keyOf(row);
    const before = this.#rows.get(key);
    if (this.#name === "server_run") checkStoredRun(row, before);
    const taken = this.#uniqueOf(row);
    const owner = taken === undefined ? undefined : this.#owners.get(taken);
    if (owner !== undefined && owner !== key) throw new ConflictError({ subject: `${this.#name}.${this.#unique}` });
    this.#replace(key, before, row);
    return () => this.#replace(key, row, before);
  }

  #delete(where: Row): () => void {
    const key = this.#keyOf(where);
    const before = this.#rows.get(key);
    if (before === undefined || !Object.entries(where).every(([column, value]) => before[column] === value)) return () => undefined;
    this.#replace(key, before, undefined);
    return () => this.#replace(key, undefined, before);
  }

  #replace(key: string, before: Row | undefined, after: Row | undefined): void {
    const [freed, taken] = [this.#uniqueOf(before), this.#uniqueOf(after)];
    if (freed !== undefined) this.#owners.delete(freed);
    if (taken !== undefined) this.#owners.set(taken, key);
    if (after === undefined) this.#rows.delete(key);
    else this.#rows.set(key, after);
  }

  #keyOf(row: Row): string {
    const [first = "", ...others] = this.#key;
    return others.length === 0 ? String(row[first]) : JSON.stringify(this.#key.map((column) => row[column]));
  }

  #uniqueOf(row: Row | undefined): string | number | undefined {
    return this.#unique === undefined ? undefined : row?.[this.#unique];
  }
}

function checkStoredRun(row: Row, stored: Row | undefined): void {
  checkRun({
    epoch: Number(row["epoch"]),
    startedAt: Number(row["started_at"]),
    stored: stored === undefined ? undefined : Number(stored["started_at"]),
  });
}
