import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Machine, Release } from "@treeline/testkit";
import { expect, test } from "vitest";
import { bootedChecksum } from "./readings.ts";
import { rollOut, sharedFleet, showLogs } from "./test-fleet.ts";

/** Keys of the people who sign: `release` is the one in the enrollment token, the others come by rotation; nobody trusts the stranger's. */
const names = ["release", "second", "third", "fourth", "stranger"] as const;
type KeyName = (typeof names)[number];

let first: Release;
let machine: Machine;
/** Published while its key was trusted. */
let signedByRetired: Release;

const shared = sharedFleet(async (fleet) => {
  for (const name of names.slice(1)) await fleet.operator.treeline("release", "keygen", "--out", path.join(fleet.directory, name));
  first = await fleet.compose("1.0");
  await fleet.publish(first);
  [machine] = (await fleet.addMachines(["host"], first)) as [Machine];
});

const file = (name: KeyName, half: "key" | "pub"): string => path.join(shared.fleet.directory, `${name}.${half}`);
const publicKey = async (name: KeyName): Promise<string> => (await readFile(file(name, "pub"), "utf8")).trim();

/** Signs a rotation with one key, to another that it trusts instead. */
async function rotation(serial: number, from: KeyName, to: KeyName): Promise<string> {
  const out = path.join(shared.fleet.directory, `rotation-${serial}-${from}.json`);
  const change = ["--add", file(to, "pub"), "--retire", file(from, "pub"), "--serial", String(serial)];
  await shared.fleet.operator.treeline("release", "rotate-keys", ...change, "--key", file(from, "key"), "--out", out);
  return out;
}

const publishRotation = async (document: string): Promise<string> => shared.fleet.operator.treeline("release", "publish-rotation", document);

const trustOf = async () => (await shared.fleet.operator.node("host")).trust;
const reaches = (serial: number) =>
  shared.fleet.operator.until(
    `the host follows rotation ${serial}`,
    trustOf,
    (trust) => trust?.serial === String(serial) && trust.note === "",
  );

async function signedBy(name: KeyName, version: string): Promise<Release> {
  const release = await shared.fleet.compose(version, { sign: file(name, "key") });
  await shared.fleet.publish(release);
  return release;
}

async function expectUpdated(rollout: string, release: Release): Promise<void> {
  await rollOut(shared.fleet, rollout, release, { nodes: ["host"] });
  expect(await shared.fleet.operator.ended(rollout)).toMatchObject({
    state: "ROLLOUT_STATE_COMPLETED",
    nodes: [{ phase: "UPDATE_PHASE_UPDATED", proved: true }],
  });
  expect(await bootedChecksum(machine)).toBe(release.checksum);
}

async function expectRefused(rollout: string, release: Release, because: string): Promise<void> {
  const before = await bootedChecksum(machine);
  await rollOut(shared.fleet, rollout, release, { nodes: ["host"] });
  expect(await shared.fleet.operator.ended(rollout)).toMatchObject({
    state: "ROLLOUT_STATE_HALTED",
    nodes: [{ phase: "UPDATE_PHASE_FAILED", class: "release", confirmed: false, reason: expect.stringContaining(because) as string }],
  });
  expect(await bootedChecksum(machine)).toBe(before);
}

test("after a rotation a release that only the new key signed goes out", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  signedByRetired = await signedBy("release", "1.1");
  await publishRotation(await rotation(1, "release", "second"));
  await reaches(1);
  expect((await machine.exec(["stat", "-c", "%a", "/var/lib/treeline/trusted-keys.json"])).stdout.trim()).toBe("600");
  await expectUpdated("second", await signedBy("second", "2.0"));
});

test("a release that only the retired key signed is refused, although it was published before, and the key lies in the host's own directory", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const place = `mkdir -p /etc/treeline/release-keys.d; echo '${await publicKey("release")}' >/etc/treeline/release-keys.d/old.pub`;
  expect((await machine.exec(["sh", "-c", place])).code).toBe(0);
  await expectRefused("retired", signedByRetired, "not signed by any key this host trusts");
  const { code, stderr } = await fleet.operator.cli(["release", "publish-rotation", await rotation(2, "release", "stranger")]);
  expect(code).toBe(1);
  expect(stderr).toContain("signed by no key that hosts are known to trust");
});

test("a host that was away through two rotations follows the chain", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  await machine.stopAgent();
  await publishRotation(await rotation(3, "second", "third"));
  await publishRotation(await rotation(4, "third", "fourth"));
  await machine.startAgent();
  await reaches(4);
  await expectUpdated("fourth", await signedBy("fourth", "3.0"));
});

test("a rotation that a server forged is not followed, and the host says so", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const { operator, server } = fleet;
  const forged = await readFile(await forgedRotation(), "utf8");
  await server.stop();
  const database = new DatabaseSync(path.join(server.data, "treeline.db"));
  const record = { serial: 9, document: forged, publishedAt: 1, publishedBy: "nobody" };
  database.prepare("insert into key_rotation (serial, published_at, body) values (9, 1, ?)").run(JSON.stringify(record));
  database.close();
  await server.start();
  const trust = await operator.until("the host complains", trustOf, (found) => found?.note !== "");
  expect(trust).toEqual({ serial: "4", note: expect.stringMatching(/^key rotation 9 is not followed: no key that this host trusts now has signed it/) as string });
  expect(await operator.treeline("node", "show", "host")).toMatch(/^Release keys: +rotation 4 followed$[^]*KeysNotCurrent +true +RotationNotFollowed +key rotation 9 is not followed/m);
  expect(await readFile(machine.consolePath, "utf8")).toContain("key rotation 9 is not followed");

  // What the stranger signs stays out: here a release whose signature such a server exchanged.
  const release = await fleet.compose("4.0", { sign: file("stranger", "key") });
  const commitmeta = (repo: string): string => path.join(repo, "objects", release.checksum.slice(0, 2), `${release.checksum.slice(2)}.commitmeta`);
  await copyFile(commitmeta(fleet.buildRepository), path.join(fleet.directory, "forged.commitmeta"));
  await operator.treeline("release", "sign", "--repo", fleet.buildRepository, "--commit", release.checksum, "--key", file("fourth", "key"));
  await fleet.publish(release);
  await copyFile(path.join(fleet.directory, "forged.commitmeta"), commitmeta(path.join(server.data, "ostree")));
  await expectRefused("forged", release, "not signed by any key this host trusts");
});

/** Signed by a stranger, who makes himself trusted. */
async function forgedRotation(): Promise<string> {
  const out = path.join(shared.fleet.directory, "forged.json");
  const change = ["--add", file("stranger", "pub"), "--retire", file("fourth", "pub"), "--serial", "9"];
  await shared.fleet.operator.treeline("release", "rotate-keys", ...change, "--key", file("stranger", "key"), "--out", out);
  return out;
}

test("where an operator put a GPG keyring on the host, a release needs that signature, too", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const home = path.join(fleet.directory, "gnupg");
  await mkdir(home, { mode: 0o700 });
  const gpg = (...args: readonly string[]): string => execFileSync("gpg", ["--batch", "--quiet", "--homedir", home, "--passphrase", "", ...args], { encoding: "utf8" });
  try {
    gpg("--quick-gen-key", "fleet@example.org", "ed25519", "sign", "never");
    const place = `mkdir -p /etc/treeline/gpg-keys.d; cat >/etc/treeline/gpg-keys.d/fleet.asc <<'END'\n${gpg("--armor", "--export", "fleet@example.org")}END\n`;
    expect((await machine.exec(["sh", "-c", place])).code).toBe(0);
    await expectRefused("without-gpg", await signedBy("fourth", "5.0"), "GPG verification enabled, but no signatures found");
    const release = await fleet.compose("6.0", { sign: file("fourth", "key") });
    execFileSync("ostree", ["gpg-sign", `--repo=${fleet.buildRepository}`, `--gpg-homedir=${home}`, release.checksum, "fleet@example.org"]);
    await fleet.publish(release);
    await expectUpdated("with-gpg", release);
  } finally {
    execFileSync("gpgconf", ["--homedir", home, "--kill", "all"]);
  }
});
