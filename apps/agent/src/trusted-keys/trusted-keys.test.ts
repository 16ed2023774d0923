import { readFile, stat, writeFile } from "node:fs/promises";
import { generateKeyPair, signRotation, writeRotation, type KeyPair, type KeyRotation } from "@treeline/ostree";
import { silentLogger, type Logger } from "@treeline/process";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../test-fleet.ts";
import { readTrust, trustFile } from "./trust-file.ts";
import { TrustedKeys, type TrustedKeysOptions } from "./trusted-keys.ts";

const [one, two, three, stranger] = [generateKeyPair(), generateKeyPair(), generateKeyPair(), generateKeyPair()];
const now = Date.UTC(2026, 5, 1);
const day = 86_400_000;

function document(signer: KeyPair, rotation: Partial<KeyRotation> & { readonly serial: number }): string {
  const whole = { issuedAt: now - day, trust: [], retire: [], ...rotation };
  return writeRotation({ rotation: whole, signatures: [signRotation(whole, signer.secretKey)] });
}

const first = document(one, { serial: 1, trust: [{ key: two.publicKey }], retire: [one.publicKey] });
const second = document(two, { serial: 2, trust: [{ key: three.publicKey }], retire: [two.publicKey] });
const forged = document(stranger, { serial: 9, trust: [{ key: stranger.publicKey }] });

/** The trust of a host that was given key one, with the clock of a day in 2026. */
async function host(stateDirectory: string, more: Partial<TrustedKeysOptions> = {}) {
  const errors: string[] = [];
  let changes = 0;
  const logger: Logger = { ...silentLogger, error: (message) => errors.push(message) };
  const keys = await TrustedKeys.open({
    ...{ stateDirectory, fromToken: () => [one.publicKey], directories: [], bootedCommitAt: () => Promise.resolve(undefined), wallClock: () => now },
    ...{ onChange: () => changes++, logger },
    ...more,
  });
  return { keys, errors, changes: () => changes };
}

it("follows a chain of rotations that it missed, however they are ordered, and keeps what came of it for its owner alone", async () => {
  await using directory = await temporaryDirectory();
  const { keys, changes, errors } = await host(directory.path);
  expect(keys.report).toEqual({ serial: 0, note: "" });
  await keys.follow([second, first]);
  expect(await keys.valid()).toEqual([three.publicKey]);
  expect(keys.report).toEqual({ serial: 2, note: "" });
  expect(changes()).toBe(1);
  expect((await stat(trustFile(directory.path))).mode & 0o777).toBe(0o600);
  // The same again, after a restart, changes nothing.
  const later = await host(directory.path);
  await later.keys.follow([first, second]);
  expect([await later.keys.valid(), later.keys.report, later.changes(), errors]).toEqual([[three.publicKey], { serial: 2, note: "" }, 0, []]);
});

it("asks for the keys after a rotation that came before, not in between", async () => {
  await using directory = await temporaryDirectory();
  const { keys } = await host(directory.path);
  const following = keys.follow([first]);
  expect(await keys.valid()).toEqual([two.publicKey]);
  await following;
});

it("does not follow a forged rotation, says so, and follows the honest ones beside it", async () => {
  await using directory = await temporaryDirectory();
  const { keys, errors } = await host(directory.path);
  await keys.follow([first, forged]);
  expect(await keys.valid()).toEqual([two.publicKey]);
  const note = expect.stringMatching(/^key rotation 9 is not followed: no key that this host trusts now has signed it .*\. Sign it with/) as string;
  expect(keys.report).toEqual({ serial: 1, note });
  await keys.follow([first, forged]);
  expect(errors).toEqual([note]);
  // The note goes with its cause.
  await keys.follow([first, second]);
  expect(keys.report).toEqual({ serial: 2, note: "" });
});

it("passes over what it cannot read, and says so", async () => {
  await using directory = await temporaryDirectory();
  const { keys, errors } = await host(directory.path);
  const later = first.replace("treeline/v1", "treeline/v2");
  await keys.follow(["soup", later, first]);
  expect(await keys.valid()).toEqual([two.publicKey]);
  expect(keys.report.note).toMatch(/cannot be read, and is not followed: .*newer version of this program/);
  expect(errors).toHaveLength(1);
});

it("does not complain of a rotation from before it joined, when all that it says is so already", async () => {
  await using directory = await temporaryDirectory();
  const { keys } = await host(directory.path, { fromToken: () => [two.publicKey] });
  await keys.follow([first]);
  expect(keys.report).toEqual({ serial: 0, note: "" });
  await keys.follow([first, second]);
  expect([keys.report, await keys.valid()]).toEqual([{ serial: 2, note: "" }, [three.publicKey]]);
});

it("does not let an older image bring a retired key back, and goes on with what a newer agent wrote without losing it", async () => {
  await using directory = await temporaryDirectory();
  await (await host(directory.path)).keys.follow([first]);
  const kept = JSON.parse(await readFile(trustFile(directory.path), "utf8")) as Record<string, unknown>;
  const newer = { ...kept, threshold: 2, keys: [{ key: two.publicKey, purpose: "any" }] };
  await writeFile(trustFile(directory.path), JSON.stringify(newer));
  await writeFile(`${directory.path}/old.pub`, `${one.publicKey}\n`);
  const { keys } = await host(directory.path, { directories: [directory.path] });
  expect(await keys.valid()).toEqual([two.publicKey]);
  await keys.follow([second]);
  expect(await readTrust(directory.path)).toMatchObject({ serial: 2, threshold: 2, retired: [one.publicKey, two.publicKey] });
});

it.each(["soup", "{}", `{"serial":1,"issuedAt":0,"keys":[],"retired":["soup"]}`])("trusts nothing while the file of rotations is damaged: %s", async (content) => {
  await using directory = await temporaryDirectory();
  await writeFile(trustFile(directory.path), content);
  const { keys, errors } = await host(directory.path);
  await expect(keys.valid()).rejects.toMatchObject({ code: "bad-input", subject: trustFile(directory.path) });
  await keys.follow([first]);
  expect(keys.report).toEqual({ serial: 0, note: expect.stringContaining("no release key is trusted without it") as string });
  expect(errors).toHaveLength(1);
  expect(await readFile(trustFile(directory.path), "utf8")).toBe(content);
});

it("trusts nothing that it could not keep", async () => {
  await using directory = await temporaryDirectory();
  const { keys } = await host(`${directory.path}/missing`);
  await keys.follow([first]);
  expect(await keys.valid()).toEqual([one.publicKey]);
  expect(keys.report).toEqual({ serial: 0, note: expect.stringContaining("ENOENT") as string });
});

it("judges windows by the later of its clock, the booted commit and the rotations", async () => {
  await using directory = await temporaryDirectory();
  const windows = document(one, { serial: 1, trust: [{ key: one.publicKey, notAfter: now }, { key: two.publicKey, notBefore: now + 1 }] });
  const at = async (wallClock: number, booted: number | undefined): Promise<readonly string[]> =>
    (await host(directory.path, { wallClock: () => wallClock, bootedCommitAt: () => Promise.resolve(booted) })).keys.valid();
  await (await host(directory.path)).keys.follow([windows]);
  expect(await at(0, undefined)).toEqual([one.publicKey]);
  expect(await at(now + 1, undefined)).toEqual([two.publicKey]);
  expect(await at(0, now + 1)).toEqual([two.publicKey]);
  // A rotation issued later moves the clock of a host that has no other.
  const beacon = document(one, { serial: 2, issuedAt: now });
  await (await host(directory.path, { wallClock: () => 0 })).keys.follow([windows, beacon]);
  expect(await at(0, undefined)).toEqual([one.publicKey]);
  expect((await readTrust(directory.path)).issuedAt).toBe(now);
});
