import { auditEntry, nodeRecord } from "./conformance-records.ts";
import { StoreError } from "./errors.ts";
import { openSqliteStore } from "./sqlite-store.ts";

/**
 * Commits numbered batches, several under way at a time, and writes each number to standard output once it was acknowledged: until it is
 * killed, or until a commit is refused; then it writes the codes of that refusal and of the next. Arguments: the database file, the first number.
 */
const [path = "", first = "0"] = process.argv.slice(2);
const store = await openSqliteStore({ path });
const underWay = 16;
let next = Number(first);

async function commitNext(): Promise<void> {
  const number = next++;
  const changes = ["left", "middle", "right"].map((part) => ({ kind: "node" as const, value: nodeRecord(`${part} ${number}`) }));
  await store.commit({ epoch: 1, changes, audit: [auditEntry(`batch ${number}`)] });
  process.stdout.write(`${number}\n`);
}

async function commitForever(): Promise<never> {
  for (;;) await commitNext();
}

const codeOf = (error: unknown): string => (error instanceof StoreError ? error.code : String(error));
await Promise.all(Array.from({ length: underWay }, commitForever)).catch(async (error: unknown) => {
  process.stdout.write(`${codeOf(error)}\n${codeOf(await commitNext().catch((later: unknown) => later))}\n`);
});
await store.close();
