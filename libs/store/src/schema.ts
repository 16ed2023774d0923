import type { Generated } from "kysely";

/**
 * The tables: one per kind of record. Columns are the record's key and what one would ask for with `sqlite3 treeline.db`; `body` is the
 * whole record as JSON and the only thing read back. Instants are milliseconds since the epoch.
 */
export interface Schema extends RecordSchema {
  readonly audit: AuditTable;
  readonly schema_migration: MigrationTable;
}

export interface RecordSchema {
  readonly server_run: Body & { readonly epoch: number; readonly started_at: number };
  readonly operator: Body & { readonly name: string; readonly secret_hash: string };
  readonly token: Body & { readonly id: string; readonly secret_hash: string };
  readonly enrollment: Body & { readonly token_id: string; readonly public_key: string; readonly node_id: string };
  readonly release: Body & { readonly checksum: string; readonly ref: string; readonly version: string };
  readonly key_rotation: Body & { readonly serial: number; readonly published_at: number };
  readonly node: Body & { readonly id: string; readonly name: string };
  readonly stop: Body & { readonly id: string; readonly at: number };
  readonly budget: Body & { readonly name: string; readonly selector: string };
  readonly rollout: Body & { readonly name: string; readonly state: string };
  readonly assignment: Body & { readonly rollout: string; readonly node_id: string; readonly phase: string };
  readonly slot: Body & { readonly id: string; readonly node_id: string; readonly holder: string };
  readonly intent: Body & { readonly node_id: string };
  readonly denied: Body & { readonly node_id: string; readonly checksum: string };
  readonly observation: Body & { readonly node_id: string; readonly at: number };
}

export type RecordTableName = keyof RecordSchema;

interface Body {
  readonly body: string;
}

interface AuditTable {
  readonly sequence: Generated<number>;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly because: string;
}

interface MigrationTable {
  readonly number: number;
  readonly name: string;
  /** The first Treeline version that knows this schema: what an older program tells its operator to start. */
  readonly since: string;
}
