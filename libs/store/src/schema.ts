import type { Generated } from "kysely";

/**
 * The tables: one per kind of record. Columns are the record's key and what one would ask for with `sqlite3 treeline.db`; `body` is the
 * whole record as JSON and the only thing read back. Instants are milliseconds since the epoch.
 */
export interface Schema extends RecordSchema {
  readonly audit: AuditColumns & { readonly sequence: Generated<number> };
  readonly audit_seal: AuditSealTable;
  readonly audit_checkpoint: AuditCheckpointTable;
  readonly schema_migration: MigrationTable;
}

export interface RecordSchema {
  readonly server_run: Body & { readonly epoch: number; readonly started_at: number };
  readonly api_token: Body & { readonly name: string; readonly secret_hash: string };
  readonly role: Body & { readonly name: string };
  readonly role_binding: Body & { readonly name: string; readonly role: string; readonly scope: string };
  readonly tenant: Body & { readonly name: string };
  readonly pool: Body & { readonly name: string };
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

/** An entry of the audit; `sequence` is its place. Columns without a value were not said. */
export interface AuditColumns {
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly because: string;
  readonly peer: string | null;
  readonly outcome: string | null;
  /** JSON, but nothing looks into it. */
  readonly value_before: string | null;
  readonly value_after: string | null;
  readonly tenant: string | null;
  readonly pool: string | null;
}

interface AuditSealTable {
  readonly sequence: number;
  readonly hash: string;
}

interface AuditCheckpointTable {
  readonly sequence: number;
  readonly hash: string;
  readonly at: number;
  readonly key_id: string;
  readonly signature: string;
}

interface MigrationTable {
  readonly number: number;
  readonly name: string;
  /** The first Treeline version that knows this schema: what an older program tells its operator to start. */
  readonly since: string;
}
