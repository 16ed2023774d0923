import { chmod, chown, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { silentLogger, type Logger } from "@treeline/process";
import type { HookKind } from "@treeline/upgrade";
import { expect, it } from "vitest";
import { gone, recordingLogger, script } from "../checks/test-programs.ts";
import { temporaryDirectory } from "../test-fleet.ts";
import { hookEnvironment } from "./hook-environment.ts";
import { presentHooks, runHooks } from "./run-hooks.ts";

/** Two directories, such as /usr/lib's and /etc's, and a file in which the programs of `says` leave their words. */
async function hooks() {
  const root = await temporaryDirectory();
  const said = join(root.path, "said");
  await writeFile(said, "");
  const directories = [join(root.path, "usr"), join(root.path, "etc")];
  return {
    usr: (name: string) => join(root.path, "usr", name),
    etc: (name: string) => join(root.path, "etc", name),
    says: (path: string, words: string, mode?: number) => script(path, `echo "${words}" >> ${said}`, mode),
    said: async () => (await readFile(said, "utf8")).split("\n").slice(0, -1),
    present: () => presentHooks({ directories }),
    run: (kind: HookKind, options: { timeoutMillis?: number; environment?: Record<string, string>; signal?: AbortSignal; logger?: Logger } = {}) =>
      runHooks({ kind, directories, timeoutMillis: 20_000, environment: {}, signal: new AbortController().signal, logger: silentLogger, ...options }),
    path: root.path,
    [Symbol.asyncDispose]: () => root[Symbol.asyncDispose](),
  };
}

it("runs the programs of all directories in the order of their names, each once", async () => {
  await using host = await hooks();
  await host.says(host.usr("drain/20-second"), "second");
  await host.says(host.etc("drain/10-first"), "first");
  await host.says(host.etc("drain/30-third"), "third");
  await host.says(host.usr("pre-drain/10-other"), "other kind");
  expect(await host.run("drain")).toEqual({ ok: true });
  expect(await host.said()).toEqual(["first", "second", "third"]);
});

it("has nothing to do where there is no directory", async () => {
  await using host = await hooks();
  expect(await host.present()).toEqual([]);
  expect(await host.run("drain")).toEqual({ ok: true });
});

it("says of what is no directory that nothing is looked for in it", async () => {
  await using host = await hooks();
  await host.says(host.etc("drain/10"), "runs");
  await writeFile(join(host.path, "usr"), "");
  const { logger, warnings } = recordingLogger();
  expect(await host.run("drain", { logger })).toEqual({ ok: true });
  expect(warnings().map(({ msg }) => msg)).toEqual([expect.stringMatching(/no hook is looked for in .*usr\/drain: it is not a directory.*correct hooks\.directories/)]);
});

it("names the kinds that have a program, in the order in which they run", async () => {
  await using host = await hooks();
  await host.says(host.etc("post-update/10"), "");
  await host.says(host.usr("pre-drain/10"), "");
  await host.says(host.usr("drain/10"), "", 0o644);
  expect(await host.present()).toEqual(["pre-drain", "post-update"]);
});

it("takes the program of a later directory in place of the same name in an earlier one", async () => {
  await using host = await hooks();
  await host.says(host.usr("drain/10-stop"), "image");
  await host.says(host.etc("drain/10-stop"), "local");
  await host.run("drain");
  expect(await host.said()).toEqual(["local"]);
});

it("leaves out what an empty file or a link to /dev/null masks", async () => {
  await using host = await hooks();
  await host.says(host.usr("drain/10-a"), "a");
  await host.says(host.usr("drain/20-b"), "b");
  await mkdir(host.etc("drain"), { recursive: true });
  await symlink("/dev/null", host.etc("drain/10-a"));
  await writeFile(host.etc("drain/20-b"), "");
  expect(await host.present()).toEqual([]);
  expect(await host.run("drain")).toEqual({ ok: true });
  expect(await host.said()).toEqual([]);
});

it("passes over what is not executable, with a warning, and does not take it for a replacement; nor directories and leftovers", async () => {
  await using host = await hooks();
  await host.says(host.usr("drain/10-stop"), "image");
  await host.says(host.etc("drain/10-stop"), "local", 0o644);
  for (const name of ["10-stop~", ".hidden", "10-stop.rpmsave", "10-stop.dpkg-old"]) await host.says(host.etc(`drain/${name}`), name);
  await mkdir(host.etc("drain/folder"));
  await symlink(join(host.path, "gone"), host.etc("drain/20-gone"));
  const { logger, warnings } = recordingLogger();
  expect(await host.run("drain", { logger })).toEqual({ ok: true });
  expect(await host.said()).toEqual(["image"]);
  expect(warnings().map(({ hook }) => hook).toSorted()).toEqual([host.etc("drain/10-stop"), host.etc("drain/20-gone")]);
});

it("ends at the first that fails, and says which, how it ended and its last words", async () => {
  await using host = await hooks();
  await host.says(host.usr("drain/10"), "ran");
  await script(host.usr("drain/20"), "i=0; while [ $i -lt 500 ]; do echo line $i; i=$((i+1)); done; echo no database >&2; exit 7");
  await host.says(host.usr("drain/30"), "must not run");
  const result = await host.run("drain");
  expect(await host.said()).toEqual(["ran"]);
  if (result.ok) throw new Error("expected a failure");
  expect(result.reason).toMatch(new RegExp(`^drain hook ${host.usr("drain/20")} failed: `));
  expect(result.reason).toMatch(/line 499\nno database\n\(exit status 7\)$/);
  expect(result.reason.length).toBeLessThan(800);
});

it("runs every post-update program, also after one that failed", async () => {
  await using host = await hooks();
  await script(host.usr("post-update/10"), "exit 1");
  await host.says(host.usr("post-update/20"), "uncordoned");
  await script(host.usr("post-update/30"), "exit 2");
  const result = await host.run("post-update");
  expect(await host.said()).toEqual(["uncordoned"]);
  expect(result).toEqual({ ok: false, reason: `post-update hook ${host.usr("post-update/10")} failed: (exit status 1) (and 1 more)` });
});

it("kills one that takes too long together with all it started", async () => {
  await using host = await hooks();
  await script(host.usr("drain/10"), `sleep 600 & echo $! > ${host.path}/pid; echo waiting; wait`);
  expect(await host.run("drain", { timeoutMillis: 1500 })).toMatchObject({ ok: false, reason: expect.stringMatching(/waiting\n\(timed out after 1.5 s\)$/) as string });
  await gone(Number(await readFile(join(host.path, "pid"), "utf8")));
});

it("ends what one leaves in the background, and neither ends nor waits for what has left its process group", async () => {
  await using host = await hooks();
  const pid = async (name: string): Promise<number> => Number(await readFile(join(host.path, name), "utf8"));
  await script(host.usr("drain/10"), `sleep 600 & echo $! > ${host.path}/stays; setsid sh -c 'echo $$ > ${host.path}/left; exec sleep 600' & until [ -s ${host.path}/left ]; do sleep 0.05; done`);
  expect(await host.run("drain")).toEqual({ ok: true });
  await gone(await pid("stays"));
  // Throws where there is no such process.
  process.kill(await pid("left"), "SIGKILL");
});

it("when stopped kills what runs, with all it started, and begins no other", async () => {
  await using host = await hooks();
  await script(host.usr("post-update/10"), `sleep 600 & echo $! > ${host.path}/pid; wait`);
  await host.says(host.usr("post-update/20"), "must not run");
  const stop = new AbortController();
  const running = host.run("post-update", { timeoutMillis: 600_000, signal: stop.signal });
  await expect.poll(() => readFile(join(host.path, "pid"), "utf8").catch(() => "")).toMatch(/\d\n/);
  stop.abort();
  expect(await running).toEqual({ ok: false, reason: "post-update hooks were stopped by the agent before 20" });
  await gone(Number(await readFile(join(host.path, "pid"), "utf8")));
  expect(await host.said()).toEqual([]);
});

it("gives each the attempt in its environment, and nothing of the agent's own", async () => {
  await using host = await hooks();
  await script(host.usr("post-update/10"), `env > ${host.path}/env; cat > ${host.path}/stdin`);
  process.env["NOTIFY_SOCKET"] = "/run/secret";
  try {
    const target = { checksum: "b".repeat(64), ref: "os/x86_64/stable", version: "2\0.0; rm -rf /" };
    const environment = hookEnvironment({ attempt: { rollout: "2026-11", number: 3 }, target, from: "a".repeat(64), outcome: "rolled-back" });
    expect(await host.run("post-update", { environment })).toEqual({ ok: true });
  } finally {
    delete process.env["NOTIFY_SOCKET"];
  }
  const lines = (await readFile(join(host.path, "env"), "utf8")).split("\n").filter((line) => !/^(PWD|SHLVL|_|OLDPWD)?(=|$)/.test(line));
  expect(lines.toSorted()).toEqual(
    [
      "LC_ALL=C",
      `PATH=${process.env["PATH"]}`,
      "TREELINE_ATTEMPT=3",
      `TREELINE_FROM=${"a".repeat(64)}`,
      "TREELINE_HOOK=post-update",
      "TREELINE_OUTCOME=rolled-back",
      "TREELINE_ROLLOUT=2026-11",
      `TREELINE_TARGET=${"b".repeat(64)}`,
      "TREELINE_TARGET_VERSION=2.0; rm -rf /",
    ].toSorted(),
  );
  expect(await readFile(join(host.path, "stdin"), "utf8")).toBe("");
});

it("refuses what everybody can write, the program or a directory it lies in, and runs nothing then", async () => {
  await using host = await hooks();
  await host.says(host.usr("drain/10"), "must not run");
  await host.says(host.usr("drain/20"), "must not run", 0o777);
  const remedy = "can be written by everybody, who could make the agent run anything: chmod o-w it";
  expect(await host.run("drain")).toEqual({ ok: false, reason: `drain hooks were not run: ${host.usr("drain/20")} ${remedy}` });
  await chmod(host.usr("drain/20"), 0o755);
  for (const directory of [host.usr("drain"), host.usr("")]) {
    await chmod(directory, 0o777);
    expect(await host.run("drain")).toMatchObject({ ok: false, reason: expect.stringContaining(remedy) as string });
    await chmod(directory, 0o755);
  }
  expect(await host.said()).toEqual([]);
  expect(await host.run("drain")).toEqual({ ok: true });
});

it("refuses a link into a directory that everybody can write", async () => {
  await using host = await hooks();
  await host.says(join(host.path, "open/program"), "must not run");
  await chmod(join(host.path, "open"), 0o1777);
  await mkdir(host.etc("drain"), { recursive: true });
  await symlink(join(host.path, "open/program"), host.etc("drain/10"));
  expect(await host.run("drain")).toMatchObject({ ok: false, reason: expect.stringContaining(`${join(host.path, "open")} can be written by everybody`) as string });
  expect(await host.present()).toEqual(["drain"]);
});

it.skipIf(process.getuid?.() !== 0)("refuses what belongs to another user than root", async () => {
  await using host = await hooks();
  await host.says(host.usr("drain/10"), "must not run");
  await chown(host.usr("drain/10"), 65_534, 0);
  expect(await host.run("drain")).toEqual({
    ok: false,
    reason: `drain hooks were not run: ${host.usr("drain/10")} belongs to user 65534, who could make the agent run anything: chown root it`,
  });
  expect(await host.present()).toEqual(["drain"]);
});

it("fails what cannot be started", async () => {
  await using host = await hooks();
  await mkdir(host.usr("drain"), { recursive: true });
  await writeFile(host.usr("drain/10"), "#!/no/such/interpreter\n");
  await chmod(host.usr("drain/10"), 0o755);
  expect(await host.run("drain")).toMatchObject({ ok: false, reason: expect.stringContaining("could not be started: ENOENT") as string });
});

it("fails when the directory cannot be read, and takes it for one with hooks", async () => {
  await using host = await hooks();
  await mkdir(host.etc(""), { recursive: true });
  // Not even root can follow a link to itself.
  await symlink("drain", host.etc("drain"));
  expect(await host.present()).toEqual(["drain"]);
  expect(await host.run("drain")).toMatchObject({ ok: false, reason: expect.stringContaining(`${host.etc("drain")} cannot be read (ELOOP)`) as string });
});

it("refuses more programs than make sense", async () => {
  await using host = await hooks();
  for (let index = 0; index <= 100; index++) await host.says(host.usr(`drain/${index}`), "must not run");
  expect(await host.run("drain")).toMatchObject({ ok: false, reason: expect.stringContaining("has 101 programs, more than 100") as string });
  expect(await host.said()).toEqual([]);
});
