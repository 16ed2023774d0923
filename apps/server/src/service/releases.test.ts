import { readdir, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import express from "express";
import { fsck, generateKeyPair, resolveRef } from "@treeline/ostree";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { everything, header, object, publish, Publisher, releaseRef, type PublishMessage, type TestRelease } from "../test-release.ts";
import { removeTemporaryData, startTestServer, temporaryData, type TestServer } from "../test-server.ts";

let publisher: Publisher;
let server: TestServer;
let first: TestRelease;
let second: TestRelease;
let mirror: Server;
let mirrorUrl: string;

beforeAll(async () => {
  publisher = await Publisher.create(await temporaryData());
  first = await publisher.compose("1.0");
  second = await publisher.compose("2.0");
  mirror = createServer(express().use("/allowed", express.static(publisher.repo)).use("/other", express.static(publisher.repo)));
  await new Promise<void>((resolve) => mirror.listen(0, "127.0.0.1", resolve));
  mirrorUrl = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`;
  server = await startTestServer({ settings: { releases: { keys: [publisher.keys.publicKey], mirrors: [`${mirrorUrl}/allowed`], uploadPauseMillis: 2000 } } });
});
afterAll(async () => {
  mirror.close();
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

const wait = { timeout: 15_000, interval: 10 };
const repo = (): string => join(server.data, "ostree");
const releases = () => server.front.releases;
const isNothing = async (release: TestRelease): Promise<void> => {
  await expect(releases().getRelease({ release: release.checksum })).rejects.toMatchObject({ status: 5, reason: "RELEASE_UNKNOWN" });
  expect((await releases().listMissingObjects({ objects: [`${release.checksum}.commit`] })).missing).toHaveLength(1);
};

describe("publishing", () => {
  it("takes a signed release whole, points the ref at it, and says what it took", async () => {
    expect((await releases().listMissingObjects({ objects: [...first.names] })).missing).toEqual(first.names);
    const answer = await publish(server.front, await everything(first));
    expect(answer).toMatchObject({ objectsReceived: first.names.length, release: { checksum: first.checksum, ref: releaseRef, version: "1.0", signedBy: [publisher.keys.publicKey] } });
    expect((await releases().listMissingObjects({ objects: [...first.names] })).missing).toEqual([]);
    expect(await resolveRef({ repo: repo(), ref: releaseRef })).toBe(first.checksum);
    await fsck({ repo: repo() });
    expect((await releases().getRelease({ release: "1.0" })).release).toEqual(answer.release);
  });

  it("repeated, with all of it or with nothing but the header, is the same release", async () => {
    const { release } = await releases().getRelease({ release: "1.0" });
    expect((await publish(server.front, await everything(first))).release).toEqual(release);
    expect(await publish(server.front, [header(first)])).toMatchObject({ release, objectsReceived: 0, bytesReceived: "0" });
    expect((await releases().listReleases({})).releases).toEqual([release]);
  });

  it("takes only what is missing of the next release", async () => {
    const { missing } = await releases().listMissingObjects({ objects: [...second.names] });
    expect(missing.length).toBeLessThan(second.names.length);
    const messages = [header(second), ...(await Promise.all(missing.map((name) => object(second, name)))).flat()];
    expect(await publish(server.front, messages)).toMatchObject({ objectsReceived: missing.length });
    expect((await releases().listReleases({})).releases.map(({ version }) => version)).toEqual(["1.0", "2.0"]);
  });

  it("refuses another name for a release, and another commit for a version; the same again is no mistake", async () => {
    const before = await releases().listReleases({});
    await expect(publish(server.front, await everything(first, { version: "1.0-again" }))).rejects.toMatchObject({ status: 6, reason: "RELEASE_EXISTS" });
    await expect(publish(server.front, await everything(first, { ref: "fleetos/x86_64/other" }))).rejects.toMatchObject({ reason: "RELEASE_EXISTS" });
    const namesake = await publisher.compose("1.0-other");
    await expect(publish(server.front, await everything(namesake, { version: "1.0" }))).rejects.toMatchObject({ reason: "RELEASE_EXISTS", message: expect.stringContaining(first.checksum) });
    await publish(server.front, await everything(first));
    expect(await releases().listReleases({})).toEqual(before);
  });

  it("refuses a release without a signature, and one of a key that nobody named", async () => {
    const unsigned = await publisher.compose("3.0", { signer: null });
    await expect(publish(server.front, await everything(unsigned))).rejects.toMatchObject({ status: 9, reason: "SIGNATURE_UNSIGNED", subject: unsigned.checksum });
    await isNothing(unsigned);
    const stranger = generateKeyPair();
    const foreign = await publisher.compose("3.1", { signer: stranger.secretKey });
    await expect(publish(server.front, await everything(foreign))).rejects.toMatchObject({ status: 9, reason: "SIGNATURE_UNTRUSTED_KEY" });
    await isNothing(foreign);
    // An enrollment token names it: then its hosts would take the release, and so does the server.
    await server.token({ releaseKeys: [stranger.publicKey] });
    expect((await publish(server.front, await everything(foreign))).release).toMatchObject({ signedBy: [stranger.publicKey] });
  });

  it("keeps that a release is unmanaged, be it said by its publisher or by the commit itself, and refuses it in rollouts", async () => {
    const policy = { release: "", selector: "*", waves: [{ rest: true }], maxUnavailable: "1" };
    const refused = async (release: TestRelease, because: string): Promise<void> => {
      expect((await releases().getRelease({ release: release.version })).release).toMatchObject({ unmanaged: because });
      const refusal = { status: 9, reason: "UNMANAGED", message: expect.stringContaining(`release ${release.version} (commit ${release.checksum}) is unmanaged: ${because}`), remedy: expect.stringContaining("agent") };
      const request = { name: "unmanaged", policy: { ...policy, release: release.version } };
      await expect(server.front.rollouts.createRollout(request)).rejects.toMatchObject(refusal);
      await expect(server.front.rollouts.planRollout(request)).rejects.toMatchObject(refusal);
    };
    const said = await publisher.compose("11.0");
    expect((await publish(server.front, await everything(said))).release).toMatchObject({ unmanaged: "" });
    // Said later it holds from then on, also when it is published again without it.
    await publish(server.front, await everything(said, { unmanaged: true }));
    await publish(server.front, await everything(said));
    await refused(said, "published so by token:admin");
    const built = await publisher.compose("11.1", { metadata: "treeline.unmanaged=a rescue image" });
    await publish(server.front, await everything(built));
    await refused(built, "its metadata says: a rescue image");
  });

  it("refuses a commit whose bytes are not what its name says", async () => {
    const release = await publisher.compose("4.0");
    const commit = `${release.checksum}.commit`;
    const spoilt = await object(release, commit, (bytes) => Buffer.concat([bytes, Buffer.of(0)]));
    const rest = await Promise.all(release.names.filter((name) => name !== commit).map((name) => object(release, name)));
    await expect(publish(server.front, [header(release), ...spoilt, ...rest.flat()])).rejects.toMatchObject({ status: 9, reason: "SIGNATURE_CHECKSUM_MISMATCH" });
    await isNothing(release);
  });

  it("refuses spoilt content and missing content, moves no ref, and takes the release when it comes whole", async () => {
    const release = await publisher.compose("5.0");
    const before = await resolveRef({ repo: repo(), ref: releaseRef });
    const { missing } = await releases().listMissingObjects({ objects: [...release.names] });
    const content = missing.find((name) => name.endsWith(".filez"))!;
    const others = (await Promise.all(release.names.filter((name) => name !== content).map((name) => object(release, name)))).flat();
    const flip = (bytes: Buffer): Buffer => {
      const copy = Buffer.from(bytes);
      copy[copy.length - 5]! ^= 0xff;
      return copy;
    };
    for (const spoilt of [await object(release, content, flip), []] satisfies PublishMessage[][])
      await expect(publish(server.front, [header(release), ...others, ...spoilt])).rejects.toMatchObject({ reason: expect.stringMatching(/^OSTREE_/), remedy: expect.stringMatching(/./) });
    await expect(releases().getRelease({ release: "5.0" })).rejects.toMatchObject({ reason: "RELEASE_UNKNOWN" });
    expect(await resolveRef({ repo: repo(), ref: releaseRef })).toBe(before);
    await publish(server.front, await everything(release));
    expect(await resolveRef({ repo: repo(), ref: releaseRef })).toBe(release.checksum);
    await fsck({ repo: repo() });
  });

  const name = `${"a".repeat(64)}.filez`;
  const start = (more: object = {}): PublishMessage => ({ object: { name, size: "3", ...more } });
  const chunk = (text: string): PublishMessage => ({ chunk: Buffer.from(text) });
  it.each<[string, string, () => readonly PublishMessage[]]>([
    ["nothing at all", "header", () => []],
    ["an object before the header", "header", () => [start()]],
    ["a second header", "object", () => [header(first), header(first)]],
    ["a chunk before its object", "object", () => [header(first), chunk("abc")]],
    ["a name that is a path", "object.name", () => [header(first), start({ name: "../../../etc/passwd" })]],
    ["the same object twice", "object.name", () => [header(first), start(), chunk("abc"), start(), chunk("abc")]],
    ["more bytes than announced", "object.size", () => [header(first), start(), chunk("ab"), chunk("cd")]],
    ["fewer bytes than announced", "object.size", () => [header(first), start(), chunk("ab")]],
    ["a release of more than a terabyte", "object.size", () => [header(first), start({ size: String(2 ** 41) })]],
    ["empty chunks", "chunk", () => [header(first), start(), chunk("")]],
    ["a checksum that is none", "checksum", () => [header(first, { checksum: "../x" })]],
    ["a ref with dots", "ref", () => [header(first, { ref: "a/../b" })]],
    ["a ref that looks like an option", "ref", () => [header(first, { ref: "--repo=/" })]],
    ["no version", "version", () => [header(first, { version: "" })]],
  ])("refuses %s, naming the field", async (_what, field, messages) => {
    await expect(publish(server.front, messages())).rejects.toMatchObject({ status: 3, reason: "INVALID", violations: [{ field }] });
  });

  it("refuses what the disk has no room for before it is sent", async () => {
    await expect(publish(server.front, [header(first), start({ size: String(1000 * 1024 ** 3) })])).rejects.toMatchObject({ status: 8, reason: "NO_SPACE" });
  });

  it("gives an upload up that stands still, and keeps nothing of it", async () => {
    await expect(publish(server.front, [header(first), start(), chunk("a")], { open: true })).rejects.toMatchObject({ status: 4, reason: "UPLOAD_STALLED" });
    await expect.poll(() => readdir(join(server.data, "ostree-incoming")), wait).toEqual([]);
  });

  it("gives an upload up whose sender left, at once, and keeps nothing of it", async () => {
    await using patient = await startTestServer();
    const incoming = join(patient.data, "ostree-incoming");
    const left = publish(patient.front, [header(first), start(), chunk("a")], { open: true });
    await expect.poll(() => readdir(incoming), wait).toHaveLength(1);
    left.call.cancel();
    await expect(left).rejects.toMatchObject({ status: 1 });
    await expect.poll(() => readdir(incoming), wait).toEqual([]);
  });

  it("takes an upload that was broken off for no whole one, even if nothing is missing", async () => {
    await using own = await startTestServer();
    const messages = await everything(first);
    const incoming = join(own.data, "ostree-incoming");
    const left = publish(own.front, messages, { open: true });
    await expect.poll(async () => (await readdir(incoming, { recursive: true })).filter((file) => /\.(filez|commit|commitmeta|dirtree|dirmeta)$/.test(file)).length, wait).toBe(first.names.length);
    left.call.cancel();
    await expect(left).rejects.toMatchObject({ status: 1 });
    await expect.poll(() => readdir(incoming), wait).toEqual([]);
    expect((await own.front.releases.listReleases({})).releases).toEqual([]);
  });
});

describe("asking for missing objects", () => {
  it.each([
    ["names that are none", { objects: ["../config"] }, "objects[0]"],
    ["too many", { objects: Array.from({ length: 20_001 }, () => `${"a".repeat(64)}.filez`) }, "objects"],
  ])("refuses %s", async (_what, request, field) => {
    await expect(releases().listMissingObjects(request)).rejects.toMatchObject({ status: 3, violations: [{ field }] });
  });
});

describe("mirroring", () => {
  const ask = (url: string, release: TestRelease) => releases().mirrorRelease({ url, ref: releaseRef, checksum: release.checksum, version: release.version }, { deadlineMillis: 60_000 });

  it("fetches a signed release from an allowed place", async () => {
    const release = await publisher.compose("6.0");
    expect((await ask(`${mirrorUrl}/allowed`, release)).release).toMatchObject({ version: "6.0", signedBy: [publisher.keys.publicKey] });
    expect(await resolveRef({ repo: repo(), ref: releaseRef })).toBe(release.checksum);
    expect((await releases().listMissingObjects({ objects: [...release.names] })).missing).toEqual([]);
  });

  it.each([
    ["another path", (url: string) => `${url}/other`],
    ["a path that begins alike", (url: string) => `${url}/allowed-too`],
    ["a way out with dots", (url: string) => `${url}/allowed/../other`],
    ["a way out with encoded dots", (url: string) => `${url}/allowed/..%2fother`],
    ["another host", (url: string) => `${url.replace("127.0.0.1", "localhost")}/allowed`],
    ["a password", (url: string) => `${url.replace("//", "//:pw@")}/allowed`],
    ["a query", (url: string) => `${url}/allowed?x`],
    ["a file", () => "file:///etc"],
    ["nothing", () => ""],
  ])("refuses %s", async (_what, url) => {
    await expect(ask(url(mirrorUrl), second)).rejects.toMatchObject({ status: 7, reason: "MIRROR_NOT_ALLOWED" });
  });

  it("asks for no content of an unsigned release, and moves no ref", async () => {
    const before = await resolveRef({ repo: repo(), ref: releaseRef });
    const unsigned = await publisher.compose("7.0", { signer: null });
    await expect(ask(`${mirrorUrl}/allowed`, unsigned)).rejects.toMatchObject({ reason: "SIGNATURE_UNSIGNED" });
    expect(await resolveRef({ repo: repo(), ref: releaseRef })).toBe(before);
    await isNothing(unsigned);
  });

  it("of a release that is not there says so", async () => {
    const gone = await publisher.compose("8.0");
    await rm(join(publisher.repo, "objects", gone.checksum.slice(0, 2), `${gone.checksum.slice(2)}.commit`));
    await expect(ask(`${mirrorUrl}/allowed`, gone)).rejects.toMatchObject({ reason: expect.stringMatching(/^OSTREE_/) });
  });
});
