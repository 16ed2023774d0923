import { chainStep, genesis, maxRowsPerCheckpoint, type AuditRecord, type Checkpoint, type SealHead } from "@treeline/audit";
import type { Kysely } from "kysely";
import { auditEntryOf } from "./audit-row.ts";
import { checkNextCheckpoint } from "./checkpoint-fence.ts";
import type { Schema } from "./schema.ts";
import { requireEpoch } from "./sql-epoch.ts";
import type { AuditLogPage, AuditRange, AuditState, Sealed, SealRequest } from "./store.ts";

export interface CheckpointRequest {
  readonly epoch: number;
  readonly checkpoint: Checkpoint;
}

export async function readAuditState(db: Kysely<Schema>): Promise<AuditState> {
  const newest = await db.selectFrom("audit").select("sequence").orderBy("sequence", "desc").limit(1).executeTakeFirst();
  const checkpoint = await newestCheckpoint(db);
  return { last: newest?.sequence ?? 0, sealed: await headOf(db), ...(checkpoint === undefined ? {} : { checkpoint }) };
}

/**
 * Extends the chain over the oldest rows without a seal. Within a transaction.
 * INVARIANT: at most `maxRowsPerCheckpoint` rows past the newest checkpoint, none without one: whoever dies between a seal and its checkpoint leaves
 * no more unsigned than that, and the next one signs before it goes on.
 */
export async function seal(db: Kysely<Schema>, { epoch, most }: SealRequest): Promise<Sealed> {
  await requireEpoch(db, epoch);
  const from = await headOf(db);
  const checkpoint = await newestCheckpoint(db);
  const room = checkpoint === undefined ? 0 : Math.max(0, checkpoint.sequence + maxRowsPerCheckpoint - from.sequence);
  const limit = Math.min(most, room);
  if (limit === 0) return { from, head: from, more: false };
  // One more than is sealed tells that there are more.
  const rows = await db
    .selectFrom("audit")
    .selectAll()
    .where("sequence", ">", from.sequence)
    .orderBy("sequence")
    .limit(limit + 1)
    .execute();
  let head = from;
  for (const row of rows.slice(0, limit)) {
    head = { sequence: row.sequence, hash: chainStep(head.hash, auditEntryOf(row)) };
    await db.insertInto("audit_seal").values(head).execute();
  }
  return { from, head, more: rows.length > limit && room > limit };
}

/** Within a transaction. Throws `InvalidRequestError`. */
export async function addCheckpoint(db: Kysely<Schema>, { epoch, checkpoint }: CheckpointRequest): Promise<void> {
  await requireEpoch(db, epoch);
  const { sequence, hash, at, keyId, signature } = checkpoint;
  const seal = await db.selectFrom("audit_seal").select("hash").where("sequence", "=", sequence).executeTakeFirst();
  const newest = await newestCheckpoint(db);
  checkNextCheckpoint({ checkpoint, sealed: sequence === genesis.sequence ? genesis.hash : seal?.hash, newest: newest?.sequence });
  await db.insertInto("audit_checkpoint").values({ sequence, hash, at, key_id: keyId, signature }).execute();
}

/** Within a transaction. Seals without a row are shown, too, wherever they are. */
export async function readAuditLog(db: Kysely<Schema>, { after = Number.MIN_SAFE_INTEGER, limit }: AuditRange): Promise<AuditLogPage> {
  const rows = await db.selectFrom("audit").selectAll().where("sequence", ">", after).orderBy("sequence").limit(limit).execute();
  const seals = await db.selectFrom("audit_seal").selectAll().where("sequence", ">", after).orderBy("sequence").limit(limit).execute();
  const hashes = new Map(seals.map(({ sequence, hash }) => [sequence, hash]));
  const entries = new Map(rows.map((row) => [row.sequence, auditEntryOf(row)]));
  const places = [...new Set([...entries.keys(), ...hashes.keys()])].sort((a, b) => a - b).slice(0, limit);
  const records = places.map((sequence): AuditRecord => {
    const [row, hash] = [entries.get(sequence), hashes.get(sequence)];
    return { sequence, ...(row === undefined ? {} : { row }), ...(hash === undefined ? {} : { hash }) };
  });
  let checkpoints = db.selectFrom("audit_checkpoint").selectAll().where("sequence", ">", after).orderBy("sequence");
  const last = places.length < limit ? undefined : places.at(-1);
  if (last !== undefined) checkpoints = checkpoints.where("sequence", "<=", last);
  // One more than there are places: the first checkpoint is before the first row.
  return { records, checkpoints: (await checkpoints.limit(limit + 1).execute()).map(checkpointOf) };
}

async function headOf(db: Kysely<Schema>): Promise<SealHead> {
  const newest = await db.selectFrom("audit_seal").selectAll().orderBy("sequence", "desc").limit(1).executeTakeFirst();
  return newest === undefined ? genesis : { sequence: newest.sequence, hash: newest.hash };
}

async function newestCheckpoint(db: Kysely<Schema>): Promise<Checkpoint | undefined> {
  const newest = await db.selectFrom("audit_checkpoint").selectAll().orderBy("sequence", "desc").limit(1).executeTakeFirst();
  return newest === undefined ? undefined : checkpointOf(newest);
}

function checkpointOf({ sequence, hash, at, key_id, signature }: Schema["audit_checkpoint"]): Checkpoint {
  return { sequence, hash, at, keyId: key_id, signature };
}
