/** `.ci/run`: every stage of tools/ci/stages, then one total line. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { compileCache } from "./compile-cache.ts";
import { runStages, stagesOf } from "./stage.ts";
import { seconds, table } from "./table.ts";
import { holds, sum, wordsOf } from "./tally.ts";

const minutes = 60_000;
const root = path.resolve(import.meta.dirname, "../../..");
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());

/** When no time is left for any stage, in seconds since 1970: one that waits for slow things gives up before, and still reports. No TREELINE_ in its name: our programs would take it for a setting. */
const limit = 80 * minutes;
process.env["CI_DEADLINE"] = String(Math.floor((Date.now() + limit) / 1000));

Object.assign(process.env, compileCache(root));

const ran = await runStages({
  commands: stagesOf(await readFile(path.join(root, "tools/ci/stages"), "utf8")),
  cwd: root,
  stageLimit: 60 * minutes,
  limit,
  say: (line) => process.stdout.write(`\n=== ${line}\n`),
  output: (chunk) => process.stdout.write(chunk),
  signal: stop.signal,
});
const total = sum(ran.map(({ tally }) => tally));
const rows = ran.map(({ command, elapsed, tally, reason }) => [
  command,
  seconds(elapsed),
  [wordsOf(tally), reason].filter(Boolean).join(": "),
]);
process.stdout.write(`\n${table([["stage", "time", "result"], ...rows])}\n\n${wordsOf(total)}\n`);
process.exitCode = holds(total) ? 0 : 1;
