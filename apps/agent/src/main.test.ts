import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { temporaryDirectory } from "./test-fleet.ts";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  readonly stdout: () => string;
}

function start(...args: readonly string[]): Running {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], { stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env["PATH"] } });
  children.push(child);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return { child, stdout: () => stdout, ended: new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr }))) };
}

it("tells its version and its commands", async () => {
  expect(await start("--version").ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  expect(await start("--help").ended).toMatchObject({ code: 0, stdout: expect.stringContaining("treeline-agent status -o json") });
});

it("ends with 2 when it cannot make sense of what it is asked", async () => {
  expect(await start("enrol").ended).toMatchObject({ code: 2, stderr: expect.stringContaining("did you mean enroll?") });
  expect(await start("run", "--toke-file", "x").ended).toMatchObject({ code: 2, stderr: expect.stringContaining("did you mean --token-file?") });
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, "agent.yaml"), "session: { deadline: never }\n");
  expect(await start("run", "-c", join(directory.path, "agent.yaml")).ended).toMatchObject({ code: 2, stderr: expect.stringContaining("session.deadline") });
  expect(await start("run", "--check-config", "-c", join(directory.path, "agent.yaml")).ended).toMatchObject({ code: 1, stderr: expect.stringContaining("session.deadline") });
});

it("enroll says what is missing and ends with 1", async () => {
  await using directory = await temporaryDirectory();
  const ended = await start("enroll", `--state-directory=${directory.path}`, `--token-file=${join(directory.path, "token")}`).ended;
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/token file .*does not exist: write an enrollment token into it/) });
});

it("status changes nothing, not even a damaged journal", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, "journal.json"), "{");
  const ended = await start("status", "-o", "json", `--state-directory=${directory.path}`).ended;
  const status = JSON.parse(ended.stdout) as { readonly problems: readonly string[] };
  expect(ended.code).toBe(1);
  expect(status.problems).toEqual(expect.arrayContaining([expect.stringContaining("has not joined a fleet"), expect.stringContaining("journal.json cannot be read")]));
  expect(await readFile(join(directory.path, "journal.json"), "utf8")).toBe("{");
});

it("status tells what the boot guard watches, and of a file of it that is damaged", async () => {
  await using directory = await temporaryDirectory();
  const [state, lock] = [join(directory.path, "guard"), join(directory.path, "host.lock")];
  const order = `rollout=spring\nnumber=2\ntarget=${"ab".repeat(32)}\nearlier=\nbase=${"cd".repeat(32)}.0\n`;
  execFileSync(join(import.meta.dirname, "../boot-guard/boot-guard"), ["--state", state, "--lock", lock, "arm"], { input: order });
  expect((await start("status", `--state-directory=${directory.path}`).ended).stdout).toContain("guard     watches ababababab for spring #2, else back to cdcdcdcdcd.0\n");
  await writeFile(join(state, "armed"), "format=1\n");
  const { problems, guard } = JSON.parse((await start("status", "-o", "json", `--state-directory=${directory.path}`).ended).stdout) as { readonly problems: readonly string[]; readonly guard: object };
  expect(problems).toContainEqual(expect.stringContaining("boot guard is damaged"));
  expect(guard).toEqual({});
});

it("as a daemon stays up without a token, has its state directory for itself, and ends with 0 on SIGTERM", async () => {
  await using directory = await temporaryDirectory();
  const args = ["run", `--state-directory=${join(directory.path, "state")}`, `--token-file=${join(directory.path, "token")}`];
  const first = start(...args);
  await expect.poll(() => first.stdout(), { timeout: 30_000 }).toContain("does not exist: write an enrollment token into it");
  const second = await start(...args).ended;
  expect(second).toMatchObject({ code: 1, stdout: expect.stringContaining(`is in use by treeline-agent (pid ${first.child.pid})`) });
  first.child.kill("SIGTERM");
  expect((await first.ended).code).toBe(0);
});
