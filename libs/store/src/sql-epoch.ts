import type { Kysely } from "kysely";
import { checkEpoch } from "./epoch-fence.ts";
import type { Schema } from "./schema.ts";

/** Throws `StaleEpochError` when a newer run than this epoch's is stored. Within the transaction that writes. */
export async function requireEpoch(db: Kysely<Schema>, epoch: number): Promise<void> {
  const newest = await db.selectFrom("server_run").select("epoch").orderBy("epoch", "desc").limit(1).executeTakeFirst();
  checkEpoch({ epoch, newest: newest?.epoch });
}
