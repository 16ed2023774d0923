import { chmod, chown, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { silentLogger } from "@treeline/process";
import { expect, it } from "vitest";
import type { Probe } from "../configuration.ts";
import { temporaryDirectory } from "../test-fleet.ts";
import { runChecks, type CheckOptions } from "./run-checks.ts";
import { ResourceWatch } from "./resources.ts";
import { gone, recordingLogger, script } from "./test-programs.ts";

const bootId = "00000000-0000-4000-8000-000000000001";

const run = (directories: readonly string[], timeoutMillis = 20_000, signal = new AbortController().signal, others: Partial<CheckOptions> = {}) =>
  runChecks({ directories, timeoutMillis, bootId, signal, logger: silentLogger, ...others });

it("runs required checks of all directories by name, then wanted ones, and is green when the required ones are", async () => {
  await using root = await temporaryDirectory();
  const [a, b] = [join(root.path, "a"), join(root.path, "b")];
  await script(join(a, "required.d/20-second"), "echo two");
  await script(join(a, "required.d/10-first"), "echo one; echo problem >&2");
  await script(join(a, "wanted.d/10-want"), "echo no; exit 3");
  await script(join(b, "required.d/10-first"), "true");
  const health = await run([a, b, join(root.path, "missing")]);
  expect(health).toMatchObject({ state: "green", bootId });
  expect(health.checks.map(({ name, required, passed }) => [name, required, passed])).toEqual([
    ["10-first", true, true],
    ["20-second", true, true],
    [join(b, "required.d/10-first"), true, true],
    ["10-want", false, false],
  ]);
  expect(health.checks[0]?.output).toBe("one\nproblem\n");
  expect(health.checks[3]?.output).toBe("no\n(exit status 3)");
});

it("is red when a required check fails, and still runs the others", async () => {
  await using root = await temporaryDirectory();
  await script(join(root.path, "required.d/1"), "exit 1");
  await script(join(root.path, "required.d/2"), "true");
  const health = await run([root.path]);
  expect(health.state).toBe("red");
  expect(health.checks.map(({ passed }) => passed)).toEqual([false, true]);
});

it("is green without any check", async () => {
  await using root = await temporaryDirectory();
  expect(await run([root.path])).toEqual({ state: "green", bootId, checks: [] });
});

it("says of what is no directory that nothing is looked for in it", async () => {
  await using root = await temporaryDirectory();
  await writeFile(join(root.path, "file"), "");
  const { logger, warnings } = recordingLogger();
  expect(await run([join(root.path, "file")], 20_000, undefined, { logger })).toMatchObject({ state: "green" });
  expect(warnings().map(({ msg }) => msg)).toEqual(["required.d", "wanted.d"].map((name) => expect.stringMatching(`no check is looked for in .*file/${name}: .*correct checks\\.directories`) as string));
});

it("passes over what is not executable, and fails what cannot be started", async () => {
  await using root = await temporaryDirectory();
  await script(join(root.path, "required.d/1"), "exit 1", 0o644);
  await mkdir(join(root.path, "required.d/folder"));
  expect((await run([root.path])).state).toBe("green");
  await writeFile(join(root.path, "required.d/2"), "#!/no/such/interpreter\n");
  await chmod(join(root.path, "required.d/2"), 0o755);
  const health = await run([root.path]);
  expect(health.state).toBe("red");
  expect(health.checks[0]?.output).toContain("ENOENT");
});

it("kills a check that takes too long together with all it started", async () => {
  await using root = await temporaryDirectory();
  const pidFile = join(root.path, "pid");
  await script(join(root.path, "required.d/1"), `sleep 600 & echo $! > ${pidFile}; echo waiting; wait`);
  const health = await run([root.path], 1500);
  expect(health.checks[0]).toMatchObject({ passed: false, output: "waiting\n(timed out after 1.5 s)" });
  await gone(Number(await readFile(pidFile, "utf8")));
});

it("does not wait for what a check left in the background, and ends it", async () => {
  await using root = await temporaryDirectory();
  const pidFile = join(root.path, "pid");
  await script(join(root.path, "required.d/1"), `sleep 600 & echo $! > ${pidFile}; echo done`);
  const health = await run([root.path], 600_000);
  expect(health.checks[0]).toMatchObject({ passed: true, output: "done\n" });
  await gone(Number(await readFile(pidFile, "utf8")));
});

it("keeps the last 4096 bytes of what a check prints", async () => {
  await using root = await temporaryDirectory();
  await script(join(root.path, "required.d/1"), "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; exit 1");
  const [check] = (await run([root.path])).checks;
  expect(check?.output.length).toBe(4096);
  expect(check?.output.endsWith("line 2999\n(exit status 1)")).toBe(true);
});

it("says unknown when it is stopped", async () => {
  await using root = await temporaryDirectory();
  await script(join(root.path, "required.d/1"), "sleep 600");
  const stop = new AbortController();
  const running = run([root.path], 600_000, stop.signal);
  setTimeout(() => stop.abort(), 50);
  expect((await running).state).toBe("unknown");
});

it("runs a shell script by bash though it is not executable, as greenboot does", async () => {
  await using root = await temporaryDirectory();
  await script(join(root.path, "required.d/10_bash.sh"), "[[ $0 == *.sh ]] && echo bash", 0o644);
  expect((await run([root.path])).checks).toEqual([{ name: "10_bash.sh", required: true, passed: true, output: "bash\n" }]);
});

it("does not run what everybody can change, nor what lies where everybody can put it: that check has failed, and says why", async () => {
  await using root = await temporaryDirectory();
  const [check, other] = [join(root.path, "check/required.d/10"), join(root.path, "check/required.d/20")];
  const ran = join(root.path, "ran");
  await script(check, `touch ${ran}`);
  await script(other, "true");
  const why = "can be written by everybody, who could make the agent run anything: chmod o-w it";
  await chmod(check, 0o777);
  expect(await run([join(root.path, "check")])).toMatchObject({
    state: "red",
    checks: [
      { name: "10", required: true, passed: false, output: `not run: ${check} ${why}` },
      { name: "20", passed: true },
    ],
  });
  await chmod(check, 0o755);
  for (const directory of [dirname(check), dirname(dirname(check))]) {
    await chmod(directory, 0o1777);
    expect(await run([join(root.path, "check")])).toMatchObject({ state: "red", checks: [{ output: `not run: ${directory} ${why}` }, { passed: false }] });
    await chmod(directory, 0o755);
  }
  await expect(stat(ran)).rejects.toThrow("ENOENT");
  expect((await run([join(root.path, "check")])).state).toBe("green");
  await stat(ran);
});

it("does not give bash a script that everybody can change, nor follow a link to one", async () => {
  await using root = await temporaryDirectory();
  const ran = join(root.path, "ran");
  await script(join(root.path, "required.d/10.sh"), `touch ${ran}`, 0o646);
  await script(join(root.path, "open/program"), `touch ${ran}`);
  await chmod(join(root.path, "open"), 0o777);
  await mkdir(join(root.path, "wanted.d"));
  await symlink(join(root.path, "open/program"), join(root.path, "wanted.d/20"));
  const { state, checks } = await run([root.path]);
  expect([state, ...checks.map(({ name, required, output }) => [name, required, /^not run: \S+ can be written/.test(output)])]).toEqual(["red", ["10.sh", true, true], ["20", false, true]]);
  await expect(stat(ran)).rejects.toThrow("ENOENT");
});

it.skipIf(process.getuid?.() !== 0)("does not run what belongs to another user, and stays green where that was only wanted", async () => {
  await using root = await temporaryDirectory();
  await script(join(root.path, "wanted.d/10"), "true");
  await chown(join(root.path, "wanted.d/10"), 65_534, 0);
  expect(await run([root.path])).toMatchObject({ state: "green", checks: [{ passed: false, output: expect.stringMatching(/belongs to user 65534.*chown root it$/) as string }] });
});

const probe = (name: string, required: boolean, ...command: string[]): Probe => ({ kind: "exec", name, required, command });

it("makes programs and probes one result: red when a required probe fails, green when a wanted one does", async () => {
  await using root = await temporaryDirectory();
  await script(join(root.path, "required.d/10"), "true");
  const named = async (probes: CheckOptions["probes"]) => {
    const { state, checks } = await run([root.path], 100, undefined, { probes: probes ?? [], failedUnits: { severity: "off", ignore: [] } });
    return { state, checks: checks.map(({ name, required, passed }) => [name, required, passed]) };
  };
  expect(await named([probe("web", true, "false"), probe("db", true, "true")])).toEqual({
    state: "red",
    checks: [
      ["10", true, true],
      ["probe/web", true, false],
      ["probe/db", true, true],
    ],
  });
  expect(await named([probe("web", false, "false"), probe("web", true, "true")])).toEqual({
    state: "green",
    checks: [
      ["10", true, true],
      ["probe/web", false, false],
      ["probe/web#2", true, true],
    ],
  });
});

it("is red when an extended resource is lost", async () => {
  await using root = await temporaryDirectory();
  let gpus = 2;
  const resources = new ResourceWatch({ stateDirectory: root.path, source: { read: () => Promise.resolve({ "vendor.com/gpu": gpus }) }, logger: silentLogger });
  const { signal } = new AbortController();
  expect((await run([], 100, signal, { resources })).checks).toEqual([]);
  await resources.remember({ rollout: "r", number: 1 }, signal);
  expect(await run([], 100, signal, { resources })).toMatchObject({ state: "green", checks: [{ name: "extended-resources", passed: true }] });
  gpus = 1;
  expect(await run([], 100, signal, { resources })).toMatchObject({ state: "red", checks: [{ name: "extended-resources", required: true, passed: false }] });
});

it("says unknown when it is stopped during a probe", async () => {
  const stop = new AbortController();
  const running = run([], 600_000, stop.signal, { probes: [probe("slow", true, "sleep", "600")] });
  setTimeout(() => stop.abort(), 50);
  expect((await running).state).toBe("unknown");
});
