import { generateKeyPair } from "@treeline/ostree";
import { execFile } from "node:child_process";
import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryDirectory } from "./test-fleet.ts";
import { readStatus, renderedStatus } from "./status.ts";
import { noneRefused, refused, refusalsFile, writeRefusals } from "./trusted-keys/refusal.ts";
import { trustFile, writeTrust } from "./trusted-keys/trust-file.ts";

describe("what a host says about itself", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(() => directory[Symbol.asyncDispose]());
  const status = () => readStatus({ stateDirectory: directory.path, guard: { program: "/nowhere/boot-guard", required: false } });

  it("names the key rotation it has followed, once there was one", async () => {
    expect(renderedStatus(await status())).not.toContain("keys ");
    const kept = { key: generateKeyPair().publicKey };
    await writeTrust(directory.path, { serial: 3, issuedAt: 1, keys: [kept], retired: [generateKeyPair().publicKey] });
    const found = await status();
    expect(found.trust).toEqual({ serial: 3, retired: 1 });
    expect(renderedStatus(found)).toContain("keys      rotation 3 followed, retired keys: 1\n");
  });

  it("says which key rotations are not followed, and why", async () => {
    const rotations = [refused({ document: "0123456789abcdef", serial: 9, reason: "untrusted-signer", isSettled: false })];
    await writeRefusals(directory.path, { rotations, more: 3 });
    const found = await status();
    expect(found.refused).toEqual({ rotations, more: 3 });
    expect(renderedStatus(found)).toMatch(/^keys {6}key rotation 9 is not followed: no key that this host trusts now has signed it.*\nkeys {6}3 key rotations are not followed, too many to name/m);
    await writeRefusals(directory.path, noneRefused);
    expect(renderedStatus(await status())).not.toContain("keys ");
    await writeFile(refusalsFile(directory.path), "{");
    expect((await status()).problems).toContainEqual(expect.stringContaining("refused-rotations.json cannot be read"));
  });

  it("tells what the boot guard did, and what it left to an operator", async () => {
    const [from, to] = [{ checksum: "b".repeat(64), serial: 1 }, { checksum: "a".repeat(64), serial: 0 }];
    const guard = { returned: { from, to, boots: 3, because: "boots" }, stayed: { from, next: to, boots: 1, because: "deadline" } } as const;
    const text = renderedStatus({ ...(await status()), guard });
    expect(text).toContain("guard     went back from bbbbbbbbbb.1 to aaaaaaaaaa.0: not proved after 3 boots\n");
    expect(text).toContain("guard     did not go back from bbbbbbbbbb.1, as somebody else's aaaaaaaaaa.0 is to boot next: not proved in time after a boot\n");
  });

  it("says what is damaged and what to do, and shows the rest", async () => {
    await writeFile(trustFile(directory.path), "{");
    await writeFile(`${directory.path}/journal.json`, "{");
    const text = renderedStatus(await status());
    expect(text).toMatch(/^problem .*trusted-keys\.json.*Restore it from a backup/m);
    expect(text).toMatch(/^problem .*journal\.json cannot be read/m);
    expect(text).toMatch(/^node {6}not enrolled$/m);
  });

  it("says in one sentence that the state directory is none, and does not take that for a host in no fleet", async () => {
    const file = join(directory.path, "file");
    await writeFile(file, "");
    const found = await readStatus({ stateDirectory: file, guard: { program: "/nowhere/boot-guard", required: false } });
    expect(found.problems.filter((problem) => problem.includes(file))).toEqual([`${file} is not a directory, or lies below something that is none: correct stateDirectory in the configuration`]);
    expect(renderedStatus(found)).toMatch(/^node {6}unknown$/m);
    expect(found.enrolled).toBeUndefined();
    expect((await status()).enrolled).toBe(false);
  });

  it("names each file that is none", async () => {
    for (const name of ["pki/identity.json", "journal.json", "trusted-keys.json"]) await mkdir(join(directory.path, name), { recursive: true });
    const { problems } = await status();
    for (const name of ["pki/identity.json", "journal.json", "trusted-keys.json"]) expect(problems).toContain(`${join(directory.path, name)} is a directory: name a plain file`);
  });

  it("says to a user who may not read it to be root", async () => {
    await chmod(directory.path, 0o700);
    await chown(directory.path, 65_534, 65_534);
    const main = join(import.meta.dirname, "main.ts");
    // Root without the right to read what is another's: the checkout may lie where nobody else can read it.
    const run = promisify(execFile)("setpriv", ["--bounding-set=-dac_override,-dac_read_search", process.execPath, main, "status", `--state-directory=${directory.path}`]);
    const { stdout } = await run.catch((error: unknown) => error as { readonly stdout: string });
    expect(stdout.split("\n").filter((line) => line.includes(directory.path))).toEqual([`problem   ${directory.path} may not be read by user 0: run as root, or as its owner`]);
    expect(stdout).toMatch(/^node {6}unknown$/m);
  });
});
