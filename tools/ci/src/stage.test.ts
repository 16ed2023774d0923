import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { judge, runStages, stagesOf, type StagesOptions } from "./stage.ts";
import { testDirectory } from "./test-directory.ts";

const minute = 60_000;

async function run(commands: readonly string[], options: Partial<StagesOptions> = {}) {
  let output = "";
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  const ran = await runStages({
    commands,
    cwd: import.meta.dirname,
    stageLimit: minute,
    limit: minute,
    say: () => undefined,
    output: collect,
    ...options,
  });
  return { ran, output };
}

test("reads one command a line, without comments and blank lines", () => {
  expect(stagesOf("# first\n\n  npm test -- --json\nnpm run demo # not a comment\n")).toEqual([
    "npm test -- --json",
    "npm run demo # not a comment",
  ]);
});

test("counts a stage's own numbers, and 1 for a report without numbers", async () => {
  const { ran, output } = await run([
    `echo noise; echo '{"test":"ok","passed":41,"failed":0}'`,
    `echo '{"demo":"ok","nodes":5}'; echo`,
    `echo '{"test":"failed","passed":3,"failed":2}'; exit 1`,
  ]);
  expect(ran.map(({ tally }) => tally)).toEqual([
    { passed: 41, failed: 0 },
    { passed: 1, failed: 0 },
    { passed: 3, failed: 2 },
  ]);
  expect(ran.map(({ reason }) => reason)).toEqual([undefined, undefined, undefined]);
  expect(output).toContain("noise\n");
});

test.each([
  ["no output", "true", "not a JSON report"],
  ["a report and then something else", `echo '{"demo":"ok"}'; echo bye`, "not a JSON report"],
  ["half a report", `printf '{"demo":"o'`, "not a JSON report"],
  ["a program that is not there", "exec /nowhere/treeline-nothing", "not a JSON report"],
  ["a report that nothing was checked", `echo '{"test":"ok","passed":0,"failed":0}'`, "nothing was checked"],
])("counts %s as 1 failed", async (_name, command, reason) => {
  const { ran } = await run([command]);
  expect(ran).toMatchObject([{ tally: { passed: 0, failed: 1 }, reason: expect.stringContaining(reason) }]);
});

test("counts one failure when exit status and report disagree", () => {
  const ok = '{"test":"ok","passed":5,"failed":0}';
  expect(judge({ exitCode: 1, timedOut: false, lastLine: ok }).tally).toEqual({ passed: 5, failed: 1 });
  expect(judge({ exitCode: null, timedOut: false, lastLine: ok }).tally).toEqual({ passed: 5, failed: 1 });
  expect(judge({ exitCode: 0, timedOut: false, lastLine: ok.replace("ok", "failed") }).tally).toEqual({ passed: 5, failed: 1 });
  expect(judge({ exitCode: 0, timedOut: false, lastLine: '{"demo":"no","nodes":5}' }).tally).toEqual({ passed: 0, failed: 1 });
  expect(judge({ exitCode: 0, timedOut: true, lastLine: ok }).tally).toEqual({ passed: 0, failed: 1 });
});

test.each([
  [26, 26, 0, { passed: 1, failed: 0 }],
  [26, 25, 1, { passed: 0, failed: 1 }],
  [26, 25, 0, { passed: 0, failed: 1 }],
  [26, 26, 1, { passed: 1, failed: 1 }],
  [26, 27, 0, { passed: 0, failed: 1 }],
  [0, 0, 0, { passed: 0, failed: 1 }],
])("counts a self-test by its mutants: %i, of which %i were caught, exit status %i", (mutants, caught, exitCode, tally) => {
  const lastLine = JSON.stringify({ simulate: "self-test", mutants, caught });
  expect(judge({ exitCode, timedOut: false, lastLine }).tally).toEqual(tally);
});

/** Whether a process runs; one that has ended and that nobody has waited for yet (a zombie) does not. */
async function isAlive(pidFile: string): Promise<boolean> {
  const pid = (await readFile(pidFile, "utf8")).trim();
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat !== undefined && !/\) [ZX] /.test(stat);
}

test("stops a stage at its limit with everything it started, and goes on with the next", async () => {
  await using directory = await testDirectory();
  const pidFile = path.join(directory.path, "pid");
  // Deaf to SIGTERM, so that only SIGKILL to the whole group ends it.
  const deaf = `trap '' TERM; (trap '' TERM; sleep 1000) & echo $! > ${pidFile}; echo '{"demo":"ok"}'; wait`;
  const { ran } = await run([deaf, `echo '{"demo":"ok"}'`], { stageLimit: 300, grace: 100 });
  expect(ran.map(({ tally }) => tally)).toEqual([
    { passed: 0, failed: 1 },
    { passed: 1, failed: 0 },
  ]);
  await expect.poll(() => isAlive(pidFile)).toBe(false);
});

test("ends what a stage leaves behind", async () => {
  await using directory = await testDirectory();
  const pidFile = path.join(directory.path, "pid");
  const { ran } = await run([`sleep 1000 & echo $! > ${pidFile}; echo '{"demo":"ok"}'`]);
  expect(ran).toMatchObject([{ tally: { passed: 1, failed: 0 } }]);
  await expect.poll(() => isAlive(pidFile)).toBe(false);
});

test("fails, unstarted, every stage for which no time is left or that comes after a stop", async () => {
  const stages = [`echo '{"demo":"ok"}'`, `echo '{"demo":"ok"}'`];
  const late = await run(stages, { limit: 0 });
  expect(late).toMatchObject({ output: "", ran: [{ tally: { failed: 1 } }, { tally: { failed: 1 } }] });
  const stopped = await run(["sleep 1000", ...stages], { signal: AbortSignal.timeout(100) });
  expect(stopped.ran.map(({ tally }) => tally.failed)).toEqual([1, 1, 1]);
});
