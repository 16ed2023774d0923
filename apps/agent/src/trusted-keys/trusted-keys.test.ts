import { readFile, stat, writeFile } from "node:fs/promises";
import { generateKeyPair, signRotation, writeRotation, type KeyPair, type KeyRotation } from "@treeline/ostree";
import { silentLogger, type Logger } from "@treeline/process";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../test-fleet.ts";
import { readRefusals, refusalsFile } from "./refusal.ts";
import { readTrust, trustFile } from "./trust-file.ts";
import { TrustedKeys, type TrustedKeysOptions } from "./trusted-keys.ts";

const [one, two, three, stranger] = [generateKeyPair(), generateKeyPair(), generateKeyPair(), generateKeyPair()];
const [later, gone] = [generateKeyPair(), generateKeyPair()];
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
  const warnings: { readonly message: string; readonly fields: unknown }[] = [];
  let changes = 0;
  const logger: Logger = { ...silentLogger, error: (message) => errors.push(message), warn: (message, fields) => warnings.push({ message, fields }) };
  const keys = await TrustedKeys.open({
    ...{ stateDirectory, fromToken: () => [one.publicKey], directories: [], bootedCommitAt: () => Promise.resolve(undefined), wallClock: () => now },
    ...{ onChange: () => changes++, logger },
    ...more,
  });
  return { keys, errors, warnings, changes: () => changes };
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
  const again = await host(directory.path);
  await again.keys.follow([first, second]);
  expect([await again.keys.valid(), again.keys.report, again.changes(), errors]).toEqual([[three.publicKey], { serial: 2, note: "" }, 0, []]);
});

it("asks for the keys after a rotation that came before, not in between", async () => {
  await using directory = await temporaryDirectory();
  const { keys } = await host(directory.path);
  const following = keys.follow([first]);
  expect(await keys.valid()).toEqual([two.publicKey]);
  await following;
});

it("does not follow a forged rotation, says so once, and follows the honest ones beside it", async () => {
  await using directory = await temporaryDirectory();
  const { keys, warnings, changes } = await host(directory.path);
  await keys.follow([first, forged]);
  expect(await keys.valid()).toEqual([two.publicKey]);
  const note = expect.stringMatching(/^key rotation 9 is not followed: no key that this host trusts now has signed it.*\. Publish another after it .*somebody else writes to the server\.$/) as string;
  expect(keys.report).toEqual({ serial: 1, note });
  const said = changes();
  await keys.follow([first, forged]);
  expect(warnings).toEqual([{ message: note, fields: { document: expect.stringMatching(/^[0-9a-f]{16}$/) as string, serial: 9, reason: "untrusted-signer" } }]);
  expect(changes()).toBe(said);
  expect(await readRefusals(directory.path)).toMatchObject({ rotations: [{ serial: 9, text: note }], more: 0 });
  // The note goes with its cause.
  await keys.follow([first, second]);
  expect(keys.report).toEqual({ serial: 2, note: "" });
  expect(await readRefusals(directory.path)).toEqual({ rotations: [], more: 0 });
});

it.each([
  ["asks for nothing", document(stranger, { serial: 9 }), "untrusted-signer"],
  ["retires a key that is trusted", document(stranger, { serial: 9, trust: [{ key: one.publicKey }], retire: [three.publicKey] }), "untrusted-signer"],
  ["retires a key that this host never had", document(stranger, { serial: 9, retire: [two.publicKey] }), "untrusted-signer"],
  ["was changed after it was signed", document(one, { serial: 8 }).replace('"serial": 8', '"serial": 9'), "bad-signature"],
  ["is issued when its signer was not trusted yet", document(three, { serial: 9, issuedAt: now - 3 * day }), "issued-outside-window"],
  ["is signed by a key that has expired", document(two, { serial: 9, issuedAt: now - 3 * day }), "signer-ended"],
  ["is signed by a key that has yet to begin", document(later, { serial: 9, issuedAt: now + 3 * day }), "signer-not-begun"],
  ["is signed by a retired key", document(gone, { serial: 9, trust: [{ key: gone.publicKey }] }), "signer-retired"],
  ["trusts a retired key again", document(one, { serial: 9, trust: [{ key: gone.publicKey }] }), "retired-key"],
])("reports a rotation that is not followed and %s", async (_what, text, reason) => {
  await using directory = await temporaryDirectory();
  const { keys, warnings } = await host(directory.path);
  const windows = [{ key: two.publicKey, notAfter: now - 2 * day }, { key: three.publicKey, notBefore: now - 2 * day }, { key: later.publicKey, notBefore: now + 2 * day }];
  const settled = document(one, { serial: 1, trust: windows, retire: [gone.publicKey] });
  await keys.follow([settled, text]);
  expect(keys.report).toEqual({ serial: 1, note: expect.stringMatching(/^key rotation 9 is not followed: [^.]+\. [A-Z]/) as string });
  expect(warnings).toMatchObject([{ fields: { serial: 9, reason } }]);
});

it("follows a rotation without being sent it again once the key that signed it has begun", async () => {
  await using directory = await temporaryDirectory();
  let wallClock = now;
  const { keys } = await host(directory.path, { wallClock: () => wallClock });
  const windowed = document(one, { serial: 1, trust: [{ key: two.publicKey, notBefore: now + day }] });
  await keys.follow([windowed, document(two, { serial: 2, issuedAt: now + day, retire: [one.publicKey] })]);
  expect(keys.report).toMatchObject({ serial: 1, note: expect.stringContaining("has not begun") as string });
  wallClock = now + day;
  expect(await keys.valid()).toEqual([two.publicKey]);
  expect(keys.report).toEqual({ serial: 2, note: "" });
});

it("says what it cannot read beside what it cannot follow", async () => {
  await using directory = await temporaryDirectory();
  const { keys, warnings } = await host(directory.path);
  const newer = first.replace("treeline/v1", "treeline/v2");
  await keys.follow(["soup", newer, first, forged]);
  expect(await keys.valid()).toEqual([two.publicKey]);
  expect(keys.report.note).toMatch(/^key rotation 9 is not followed.* cannot be read, and is not followed: .*is not JSON.* cannot be read, and is not followed: .*newer version of this program/);
  expect(warnings.map(({ fields }) => (fields as { readonly reason: string }).reason)).toEqual(["untrusted-signer", "malformed", "unknown-version"]);
});

it("stays bounded in what it says however many rotations a server invents", async () => {
  await using directory = await temporaryDirectory();
  const { keys, warnings, changes } = await host(directory.path);
  const flood = (from: number): readonly string[] => Array.from({ length: 100 }, (_, i) => `soup ${from + i}`);
  await keys.follow(flood(0));
  await keys.follow(flood(100));
  const said = changes();
  const file = await readFile(refusalsFile(directory.path), "utf8");
  expect(warnings).toHaveLength(129);
  expect(await readRefusals(directory.path)).toMatchObject({ rotations: Array.from({ length: 8 }, () => ({ reason: "malformed" })), more: 92 });
  expect(keys.report.note.length).toBeLessThan(4096);
  for (let from = 200; from < 600; from += 100) await keys.follow(flood(from));
  expect(warnings).toHaveLength(129);
  expect(keys.report.note).toMatch(/^100 key rotations are not followed, too many to name/);
  expect(changes()).toBe(said + 1);
  expect((await readFile(refusalsFile(directory.path), "utf8")).length).toBeLessThan(file.length);
  // An honest one gets through all the same.
  await keys.follow([...flood(600), first]);
  expect(await keys.valid()).toEqual([two.publicKey]);
});

it("keeps only the newest of the messages that wait", async () => {
  await using directory = await temporaryDirectory();
  const { keys, warnings } = await host(directory.path);
  const waiting = Array.from({ length: 50 }, (_, i) => keys.follow([`soup ${i}`]));
  expect(new Set([...waiting, keys.follow([first])]).size).toBe(1);
  expect(await keys.valid()).toEqual([two.publicKey]);
  expect(warnings).toEqual([]);
});

it("has nothing to say of what an earlier process was sent", async () => {
  await using directory = await temporaryDirectory();
  await (await host(directory.path)).keys.follow([forged]);
  const { keys } = await host(directory.path);
  expect(keys.report).toEqual({ serial: 0, note: "" });
  expect(await readRefusals(directory.path)).toEqual({ rotations: [], more: 0 });
});

it("is content with a rotation from before it joined that is settled here, says so in the log and the status, and follows a later one", async () => {
  await using directory = await temporaryDirectory();
  const { keys, warnings } = await host(directory.path, { fromToken: () => [two.publicKey] });
  await keys.follow([first]);
  expect(keys.report).toEqual({ serial: 0, note: "" });
  expect(warnings).toEqual([]);
  expect(await readRefusals(directory.path)).toMatchObject({ rotations: [{ serial: 1, isSettled: true, text: expect.stringContaining("so already") as string }] });
  await keys.follow([first, second]);
  expect([keys.report, await keys.valid()]).toEqual([{ serial: 2, note: "" }, [three.publicKey]]);
});

it("reports a rotation from before it joined where it still trusts what that retired", async () => {
  await using directory = await temporaryDirectory();
  const { keys } = await host(directory.path, { fromToken: () => [two.publicKey, three.publicKey] });
  const before = document(stranger, { serial: 1, trust: [{ key: two.publicKey }], retire: [three.publicKey] });
  await keys.follow([before]);
  expect(keys.report).toMatchObject({ serial: 0, note: expect.stringContaining("key rotation 1 is not followed: no key that this host trusts") as string });
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
