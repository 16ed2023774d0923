import type { Kysely } from "kysely";

/**
 * One step of the schema. A released migration is never edited: what it got wrong, the next one mends.
 * `up` is typed against no schema, because it must keep compiling when the schema has moved on.
 */
export interface Migration {
  /** From 1, without gaps. */
  readonly number: number;
  readonly name: string;
  /** The first Treeline version that knows the schema after this step. */
  readonly since: string;
  up(db: Kysely<never>): Promise<void>;
}
