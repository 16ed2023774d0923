import { createLogger } from "@treeline/process";
import { openSqliteStore } from "@treeline/store";
import { nodeClock } from "../clock.ts";
import { openSealKey } from "./seal-key.ts";
import { Sealer } from "./sealer.ts";

/**
 * A server that only writes audit entries, as fast as it can, and seals them; a checkpoint after every few rows. Writes a line for each acknowledged
 * commit, until it is killed. Argument: the data directory.
 */
const data = process.argv[2] ?? "";
const log = createLogger({ name: "child", level: "error" });
const clock = nodeClock(Date.now);
const store = await openSqliteStore({ path: `${data}/treeline.db` });
const key = await openSealKey(data, { signed: (await store.readAuditState()).checkpoint !== undefined });
await Sealer.start({ store, key, epoch: () => 1, clock, log, everyMillis: 1, signEveryMillis: 1 });
for (let number = 0; ; number++) {
  const audit = Array.from({ length: 1 + (number % 5) }, (_, index) => ({ at: Date.now(), actor: "server", action: "test", subject: `entry ${number}.${index}`, because: "" }));
  await store.commit({ epoch: 1, changes: [], audit });
  process.stdout.write(`${number}\n`);
}
