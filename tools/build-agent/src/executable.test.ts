import { execFile, execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleAgent } from "./bundle.ts";
import { writeExecutable } from "./executable.ts";
import { nodeFlags } from "./node-flags.ts";

const checkout = path.resolve(import.meta.dirname, "../../..");
/** Larger would be noticed in an image and on a slow link. */
const mostBytes = 130_000_000;

let work: string;
let file: string;

/** A root directory with the executable, the libraries it is linked with, and nothing else: no Node, no checkout, no shell. */
async function bareHost(): Promise<string> {
  const host = path.join(work, "host");
  const libraries = execFileSync("ldd", [file], { encoding: "utf8" }).match(/\/\S+(?= \(0x)/g) ?? [];
  for (const library of libraries) await cp(library, path.join(host, library), { dereference: true });
  for (const directory of ["usr/bin", "etc/treeline", "tmp", "var/lib/treeline"]) await mkdir(path.join(host, directory), { recursive: true });
  await cp(file, path.join(host, "usr/bin/treeline-agent"));
  return host;
}

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function onHost(host: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const inside = ["--map-root-user", `--root=${host}`, "--wd=/", "/usr/bin/treeline-agent", ...args];
  return new Promise((resolve) => {
    const child = execFile("/usr/bin/unshare", inside, { env, timeout: 60_000 }, (_error, stdout, stderr) => resolve({ status: child.exitCode ?? -1, stdout, stderr }));
  });
}

let host: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), "treeline-executable-"));
  file = path.join(work, "treeline-agent");
  const { script } = await bundleAgent(checkout);
  await writeExecutable({ script, file, node: process.execPath, nodeFlags: await nodeFlags(checkout) });
  host = await bareHost();
}, 120_000);
afterAll(() => rm(work, { recursive: true, force: true }));

it("is one file of a size that fits", async () => {
  expect((await stat(file)).size).toBeLessThan(mostBytes);
});

it("holds nothing of the checkout's place, so that the same sources make the same file", async () => {
  expect((await readFile(file)).includes(checkout)).toBe(false);
});

it("tells its version where there is no Node", async () => {
  const { version } = JSON.parse(await readFile(path.join(checkout, "apps/agent/package.json"), "utf8")) as { readonly version: string };
  expect(await onHost(host, ["--version"])).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
});

it("judges a configuration", async () => {
  expect(await onHost(host, ["--check-config"])).toMatchObject({ status: 0, stdout: "the configuration is right\n" });
  await writeFile(path.join(host, "etc/treeline/wrong.yaml"), "session: { deadline: never }\n");
  expect(await onHost(host, ["--check-config", "-c", "/etc/treeline/wrong.yaml"])).toMatchObject({ status: 1, stderr: expect.stringContaining("session.deadline") });
});

it("says what it found and what it missed", async () => {
  const { status, stdout } = await onHost(host, ["status", "-o", "json"]);
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ problems: [expect.stringContaining("has not joined a fleet"), expect.stringContaining("ostree")] });
  expect(await onHost(host, ["enroll"])).toMatchObject({ status: 1, stderr: expect.stringContaining("write an enrollment token into it") });
});

it("takes nothing from NODE_OPTIONS", async () => {
  expect(await onHost(host, ["--version"], { NODE_OPTIONS: "--require=/etc/passwd" })).toMatchObject({ status: 0, stderr: "" });
});
