import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { CommandError, run } from "./run.ts";
import { temporaryDirectory } from "./test-tree.ts";

const failureOf = async (promise: Promise<unknown>): Promise<CommandError> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CommandError);
  return error as CommandError;
};

/** Whether a process exists and is not a zombie that waits for pid 1. */
const alive = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return stat !== null && !/\) Z /.test(stat);
};
const gone = async (pid: number): Promise<boolean> => {
  for (let i = 0; i < 200; i++) {
    if (!(await alive(pid))) return true;
    await sleep(25);
  }
  return false;
};
const pidIn = async (path: string): Promise<number> => {
  for (let i = 0; i < 200; i++) {
    const text = await readFile(path, "utf8").catch(() => "");
    if (text.endsWith("\n")) return Number(text);
    await sleep(25);
  }
  throw new Error(`no pid in ${path}`);
};

test("returns both outputs of a command that ends well, with its input read", async () => {
  const result = await run({ command: "sh", args: ["-c", "cat; echo warning >&2"], input: Buffer.from("hello") });
  expect(result).toEqual({ stdout: "hello", stderr: "warning\n" });
});

test("passes arguments as they are, without a shell", async () => {
  expect((await run({ command: "printf", args: ["%s|", "$HOME", "a b", "'"] })).stdout).toBe("$HOME|a b|'|");
});

test("a failure says status and the end of standard error", async () => {
  const error = await failureOf(run({ command: "sh", args: ["-c", "echo first >&2; echo error: last >&2; exit 3"] }));
  expect(error).toMatchObject({ failure: "exit", exitCode: 3, signal: null, stderrTail: "first\nerror: last\n" });
  expect(error.message).toContain("error: last");
});

test("a command that is not installed is named", async () => {
  const error = await failureOf(run({ command: "no-such-command-here", args: [] }));
  expect(error).toMatchObject({ failure: "not-found", command: ["no-such-command-here"] });
});

test("a command that a signal killed says which", async () => {
  expect(await failureOf(run({ command: "sh", args: ["-c", "kill -SEGV $$"] }))).toMatchObject({
    failure: "signal",
    signal: "SIGSEGV",
    exitCode: null,
  });
});

test("abort kills the command and what it started before the promise settles", async () => {
  await using directory = await temporaryDirectory();
  const abort = new AbortController();
  const pidFile = join(directory.path, "pid");
  const running = failureOf(run({ command: "sh", args: ["-c", 'sleep 1000 & echo $! > "$1"; wait', "sh", pidFile], signal: abort.signal }));
  const pid = await pidIn(pidFile);
  expect(await alive(pid)).toBe(true);
  abort.abort();
  expect((await running).failure).toBe("aborted");
  expect(await gone(pid)).toBe(true);
});

test("nothing is started for a caller that gave up already", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "started");
  const error = await failureOf(run({ command: "touch", args: [path], signal: AbortSignal.abort() }));
  expect(error.failure).toBe("aborted");
  await expect(readFile(path)).rejects.toThrow("ENOENT");
});

test("a command that prints without end is killed at the limit; of standard error the tail is kept", async () => {
  expect((await failureOf(run({ command: "yes", args: [], outputLimit: 100_000 }))).failure).toBe("output-limit");
  const { stderr } = await run({ command: "sh", args: ["-c", "head -c 200000 /dev/zero | tr '\\0' x >&2; echo end >&2"] });
  expect(stderr).toHaveLength(64 * 1024);
  expect(stderr.endsWith("end\n")).toBe(true);
});

test("redacted strings appear neither in the command nor in standard error", async () => {
  const error = await failureOf(run({ command: "sh", args: ["-c", "echo got $1 >&2; exit 1", "sh", "s3cret"], redact: ["s3cret"] }));
  expect(JSON.stringify({ ...error, message: error.message })).not.toContain("s3cret");
  expect(error.stderrTail).toBe("got …\n");
});

test("the environment is minimal: proxies and ostree's own variables do not reach the command", async () => {
  process.env["http_proxy"] = "http://elsewhere.invalid";
  try {
    const { stdout } = await run({ command: "env", args: [], env: { EXTRA: "1" } });
    const names = stdout.split("\n").flatMap((line) => line.split("=", 1));
    expect(names).not.toContain("http_proxy");
    expect(stdout).toContain("LC_ALL=C.UTF-8");
    expect(names).toContain("EXTRA");
  } finally {
    delete process.env["http_proxy"];
  }
});

test("a command dies with the process that started it", async () => {
  await using directory = await temporaryDirectory();
  const pidFile = join(directory.path, "pid");
  const module = fileURLToPath(new URL("run.ts", import.meta.url));
  const code = `const { run } = await import(${JSON.stringify(module)}); await run({ command: "sh", args: ["-c", 'echo $$ > "$1"; exec sleep 1000', "sh", process.argv[1]] });`;
  const parent = execFile(process.execPath, ["--input-type=module", "-e", code, pidFile]);
  const pid = await pidIn(pidFile);
  parent.kill("SIGKILL");
  expect(await gone(pid)).toBe(true);
});
