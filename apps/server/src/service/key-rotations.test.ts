import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { addSignature, generateKeyPair, readCommit, signCommit, signRotation, verifyCommit, writeDetached, writeRotation, type KeyPair, type KeyRotation } from "@treeline/ostree";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { everything, publish, Publisher } from "../test-release.ts";
import { removeTemporaryData, startTestServer, temporaryData, type TestServer } from "../test-server.ts";

let server: TestServer;
let publisher: Publisher;
const [next, stranger] = [generateKeyPair(), generateKeyPair()];

beforeAll(async () => {
  server = await startTestServer();
  publisher = await Publisher.create(await temporaryData());
  await server.token({ releaseKeys: [publisher.keys.publicKey] });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

const releases = () => server.front.releases;

function document(signer: KeyPair, rotation: Partial<KeyRotation>): string {
  const whole = { serial: 5, issuedAt: Date.now(), trust: [], retire: [], ...rotation };
  return writeRotation({ rotation: whole, signatures: [signRotation(whole, signer.secretKey)] });
}

describe("a key rotation", () => {
  it("that is none, or no longer fits its signature, is refused with what is wrong", async () => {
    const good = document(publisher.keys, { trust: [{ key: next.publicKey }] });
    const refused = (text: string, description: RegExp): Promise<void> =>
      expect(releases().publishKeyRotation({ document: text })).rejects.toMatchObject({ status: 3, violations: [{ field: "document", description: expect.stringMatching(description) }] });
    await refused("soup", /is not JSON/);
    await refused(good.replace('"serial": 5', '"serial": 6'), /signature by .* does not fit/);
    await refused(document(publisher.keys, { issuedAt: Date.now() + 2 * 86_400_000 }), /has not come/);
    expect((await releases().listKeyRotations({})).rotations).toEqual([]);
  });

  it("that no known key signed is refused: hosts would not follow it", async () => {
    await expect(releases().publishKeyRotation({ document: document(stranger, { trust: [{ key: stranger.publicKey }] }) })).rejects.toMatchObject({ status: 9, reason: "SIGNATURE_UNTRUSTED_KEY" });
  });

  it("is stored once, listed, sent to nodes that are connected and to those that come, and changes whose releases are taken", async () => {
    const here = await (await server.enroll({ hostname: "here" })).connect();
    const before = await publisher.compose("1.0");
    const early = await publisher.compose("1.1", { signer: next.secretKey });
    await expect(publish(server.front, await everything(early))).rejects.toMatchObject({ reason: "SIGNATURE_UNTRUSTED_KEY" });
    await publish(server.front, await everything(before));
    const text = document(publisher.keys, { trust: [{ key: next.publicKey }], retire: [publisher.keys.publicKey] });
    const { rotation } = await releases().publishKeyRotation({ document: text });
    expect(rotation).toMatchObject({ serial: "5", signedBy: [publisher.keys.publicKey], publishedBy: "token:admin", document: text });
    expect((await releases().publishKeyRotation({ document: text })).rotation).toEqual(rotation);
    expect((await releases().listKeyRotations({})).rotations).toEqual([rotation]);
    await expect(here.next("key-rotations")).resolves.toMatchObject({ documents: [text] });
    const later = await (await server.enroll({ hostname: "later" })).connect();
    expect(later.received).toContainEqual({ kind: "key-rotations", documents: [text] });
    expect((await publish(server.front, await everything(early))).release).toMatchObject({ signedBy: [next.publicKey] });
    await expect(publish(server.front, await everything(before))).rejects.toMatchObject({ reason: "SIGNATURE_UNTRUSTED_KEY" });
    // What was published before goes out again once a trusted key has signed it, too: hosts find the new signature.
    const { repo, checksum } = before;
    const { commit, commitmeta } = await readCommit({ repo, checksum });
    await writeDetached({ repo, checksum, commitmeta: addSignature(commitmeta, signCommit(commit, next.secretKey)) });
    await publish(server.front, await everything(before));
    const stored = await readCommit({ repo: join(server.data, "ostree"), checksum });
    expect(verifyCommit({ ...stored, checksum, trustedKeys: [next.publicKey] })).toMatchObject({ ok: true });
  });

  it("with a serial that is used is refused, and one of a retired key too", async () => {
    const again = document(next, { serial: 5, trust: [{ key: stranger.publicKey }] });
    await expect(releases().publishKeyRotation({ document: again })).rejects.toMatchObject({ status: 6, reason: "SERIAL_USED", remedy: expect.stringContaining("--serial 6") });
    const retired = document(publisher.keys, { serial: 6, trust: [{ key: stranger.publicKey }] });
    await expect(releases().publishKeyRotation({ document: retired })).rejects.toMatchObject({ reason: "SIGNATURE_UNTRUSTED_KEY" });
  });

  it("that trusts a retired key again is refused: no host would follow it", async () => {
    const back = document(next, { serial: 6, trust: [{ key: publisher.keys.publicKey }] });
    await expect(releases().publishKeyRotation({ document: back })).rejects.toMatchObject({ status: 9, reason: "KEY_RETIRED", remedy: expect.stringContaining("make a new key") });
    expect((await releases().listKeyRotations({})).rotations).toHaveLength(1);
  });

  it("is in the audit log, and shown with the node that followed it", async () => {
    using database = new DatabaseSync(join(server.data, "treeline.db"), { readOnly: true });
    const entries = database.prepare("select actor, action, subject, because from audit where subject like 'rotation %'").all();
    expect(entries.map((entry) => ({ ...entry }))).toEqual([
      { actor: "token:admin", action: "publish-key-rotation", subject: "rotation 5", because: `trusts ${next.publicKey}; retires ${publisher.keys.publicKey}` },
    ]);
    const node = await server.enroll({ hostname: "told" });
    await node.connect({ trust: { serial: 5, note: "key rotation 9 is not followed" } });
    const view = (await server.front.nodes.getNode({ node: node.nodeId })).node!;
    expect(view.trust).toEqual({ serial: "5", note: "key rotation 9 is not followed" });
    expect(view.conditions).toContainEqual({ type: "KeysNotCurrent", status: true, reason: "RotationNotFollowed", message: "key rotation 9 is not followed" });
  });
});
