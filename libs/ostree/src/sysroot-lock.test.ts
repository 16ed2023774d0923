import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { deploy } from "./deploy.ts";
import { run } from "./run.ts";
import { setRef } from "./ref.ts";
import { setDefault } from "./set-default.ts";
import { readDeployments } from "./status.ts";
import { underSysrootLock } from "./sysroot-lock.ts";
import { sysrootRepo } from "./ostree.ts";
import { makeSysroot, osname, publishVersions, ref, temporaryDirectory } from "./test-tree.ts";
import { undeploy } from "./undeploy.ts";

process.env["OSTREE_SYSROOT_DEBUG"] = "mutable-deployments";

const words = { phase: "test", subject: "the lock" };

/** Whether anybody holds the lock, as flock(1) says. */
async function isHeld(lockFile: string): Promise<boolean> {
  const child = spawn("flock", ["--nonblock", "--conflict-exit-code", "75", lockFile, "true"], { stdio: "ignore" });
  const [status] = (await once(child, "exit")) as [number];
  expect([0, 75]).toContain(status);
  return status === 75;
}

test("one at a time: the second waits for the first, and both get their result", async () => {
  await using directory = await temporaryDirectory();
  const lockFile = join(directory.path, "run/host.lock");
  const events: string[] = [];
  const first = underSysrootLock({ lockFile, ...words }, async (descriptor) => {
    events.push("first");
    await run({ command: "sleep", args: ["0.3"], descriptor });
    expect(await isHeld(lockFile)).toBe(true);
    events.push("first is done");
    return 1;
  });
  await vi.waitUntil(() => events.length > 0);
  const second = underSysrootLock({ lockFile, ...words }, () => Promise.resolve(events.push("second")));
  expect(await Promise.all([first, second])).toEqual([1, 3]);
  expect(events).toEqual(["first", "first is done", "second"]);
  expect(await isHeld(lockFile)).toBe(false);
});

test("a lock file that cannot be made is named", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, "file"), "");
  const never = vi.fn(() => Promise.resolve());
  await expect(underSysrootLock({ lockFile: join(directory.path, "file/host.lock"), ...words }, never)).rejects.toMatchObject({
    code: "bad-input",
    message: expect.stringContaining("file/host.lock"),
  });
  expect(never).not.toHaveBeenCalled();
});

test("is given back when the work throws", async () => {
  await using directory = await temporaryDirectory();
  const lockFile = join(directory.path, "host.lock");
  await expect(underSysrootLock({ lockFile, ...words }, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await isHeld(lockFile)).toBe(false);
});

test("whoever waits too long is told so, and whoever gives up waits no longer; nothing is done in either case", async () => {
  await using directory = await temporaryDirectory();
  const lockFile = join(directory.path, "host.lock");
  const never = vi.fn(() => Promise.resolve());
  await underSysrootLock({ lockFile, ...words }, async () => {
    await expect(underSysrootLock({ lockFile, patienceSeconds: 0.1, ...words }, never)).rejects.toMatchObject({
      code: "locked",
      retryable: true,
      message: expect.stringContaining(`fuser ${lockFile}`),
    });
    const abort = new AbortController();
    const waiting = underSysrootLock({ lockFile, signal: abort.signal, ...words }, never);
    setTimeout(() => abort.abort(), 50);
    await expect(waiting).rejects.toMatchObject({ code: "aborted" });
  });
  expect(never).not.toHaveBeenCalled();
});

test("an abort kills the command that works under the lock, and the lock is free", async () => {
  await using directory = await temporaryDirectory();
  const lockFile = join(directory.path, "host.lock");
  const abort = new AbortController();
  const working = underSysrootLock({ lockFile, ...words }, (descriptor) => {
    setTimeout(() => abort.abort(), 50);
    return run({ command: "sleep", args: ["1000"], descriptor, signal: abort.signal });
  });
  await expect(working).rejects.toMatchObject({ failure: "aborted" });
  expect(await isHeld(lockFile)).toBe(false);
});

test("a command that outlives its agent keeps the lock until it ends", async () => {
  await using directory = await temporaryDirectory();
  const lockFile = join(directory.path, "host.lock");
  const modules = ["sysroot-lock.ts", "run.ts"].map((name) => JSON.stringify(fileURLToPath(new URL(name, import.meta.url))));
  // setsid forks: the sleep is nobody's child, as an ostree in the middle of a system call is for a moment.
  const code = `
    const { underSysrootLock } = await import(${modules[0]}); const { run } = await import(${modules[1]});
    await underSysrootLock({ lockFile: process.argv[1], phase: "", subject: "" }, async (descriptor) => {
      await run({ command: "sh", args: ["-c", "setsid sh -c 'echo $$ >&4; sleep 1' 4>" + process.argv[1] + ".pid >/dev/null 2>&1 &"], descriptor });
      await new Promise((resolve) => setTimeout(resolve, 1_000_000));
    });`;
  const agent = execFile(process.execPath, ["--input-type=module", "-e", code, lockFile]);
  await vi.waitUntil(async () => (await readFile(`${lockFile}.pid`, "utf8").catch(() => "")).endsWith("\n"), { timeout: 20_000 });
  agent.kill("SIGKILL");
  await once(agent, "exit");
  expect(await isHeld(lockFile)).toBe(true);
  await vi.waitUntil(async () => !(await isHeld(lockFile)), { timeout: 20_000 });
});

test("deploy, undeploy and the way back change nothing while somebody else holds the lock, and work when it is free", async () => {
  await using directory = await temporaryDirectory();
  const { repo: archive, commits } = await publishVersions({ directory: directory.path, versions: ["1", "2"] });
  const sysroot = await makeSysroot({ directory: directory.path, archive, commits });
  const before = await readDeployments({ sysroot });
  const [second, first] = before;
  const lockFile = join(directory.path, "host.lock");
  await writeFile(lockFile, "");
  await setRef({ repo: sysrootRepo(sysroot), ref: `origin:${ref}`, checksum: commits[0] ?? "" });
  const abort = new AbortController();
  const doing = (signal?: AbortSignal) => [
    () => deploy({ sysroot, osname, refspec: `origin:${ref}`, stage: false, lockFile, signal }),
    () => setDefault({ sysroot, deployment: first!, lockFile, signal }),
    () => undeploy({ sysroot, deployment: second!, lockFile, signal }),
  ];
  await underSysrootLock({ lockFile, ...words }, async () => {
    const waiting = doing(abort.signal).map((act) => expect(act()).rejects.toMatchObject({ code: "aborted" }));
    setTimeout(() => abort.abort(), 300);
    await Promise.all(waiting);
    expect(await readDeployments({ sysroot })).toEqual(before);
  });
  for (const act of doing()) await act();
  expect((await readDeployments({ sysroot })).map(({ version, serial }) => `${version}.${serial}`)).toEqual(["1.0", "1.1"]);
  expect(await isHeld(lockFile)).toBe(false);
});
