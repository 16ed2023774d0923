import { sql, type Kysely } from "kysely";

/** A record's body, read as whatever an earlier schema wrote. */
export type Json = Readonly<Record<string, unknown>>;

export interface RewriteOptions {
  readonly table: string;
  /** The columns of its primary key. They are not rewritten. */
  readonly key: readonly string[];
  /** The columns to set, by the body that is there. */
  readonly rewrite: (body: Json) => Readonly<Record<string, string | number>>;
}

type AnySchema = Record<string, Record<string, string | number>>;

const rowsPerPage = 500;

/**
 * Rewrites every row of a table, in pages by key, so that no more than a page is held and no row is met twice. In TypeScript, because the
 * databases' own JSON functions differ. Throws `SyntaxError` for a body that is not JSON.
 */
export async function rewriteRows<Schema>(typedDb: Kysely<Schema>, { table, key, rewrite }: RewriteOptions): Promise<void> {
  const db = typedDb as unknown as Kysely<AnySchema>;
  let last: Readonly<Record<string, string | number>> | undefined;
  do {
    let page = db
      .selectFrom(table)
      .select([...key, "body"])
      .limit(rowsPerPage);
    for (const column of key) page = page.orderBy(column);
    if (last !== undefined) {
      const after = last;
      const values = sql.join(key.map((column) => sql.val(after[column])));
      page = page.where(sql<boolean>`(${sql.join(key.map((column) => sql.ref(column)))}) > (${values})`);
    }
    const rows = await page.execute();
    for (const row of rows) {
      let update = db.updateTable(table).set(rewrite(JSON.parse(String(row["body"])) as Json));
      for (const column of key) update = update.where(column, "=", row[column] as string | number);
      await update.execute();
    }
    last = rows.length === rowsPerPage ? rows.at(-1) : undefined;
  } while (last !== undefined);
}
