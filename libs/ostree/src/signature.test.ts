import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readVardict, writeByteArrays, writeVardict } from "./gvariant.ts";
import {
  addSignature,
  CommitMetaError,
  generateKeyPair,
  KeyFormatError,
  parsePublicKey,
  publicKeyOf,
  signaturesOf,
  signCommit,
  verifyCommit,
} from "./signature.ts";

const commit = Buffer.from("the bytes of a commit");
const checksum = createHash("sha256").update(commit).digest("hex");
const ours = generateKeyPair();
const theirs = generateKeyPair();
const signed = addSignature(null, signCommit(commit, ours.secretKey));
const trustedKeys = [ours.publicKey];

describe("keys", () => {
  test("have ostree's text form: 32 and 64 bytes, the second half of the secret being the public key", () => {
    expect(Buffer.from(ours.publicKey, "base64")).toHaveLength(32);
    expect(Buffer.from(ours.secretKey, "base64")).toHaveLength(64);
    expect(Buffer.from(ours.secretKey, "base64").subarray(32).toString("base64")).toBe(ours.publicKey);
    expect(publicKeyOf(ours.secretKey)).toBe(ours.publicKey);
    expect(parsePublicKey(`${ours.publicKey}\n`)).toBe(ours.publicKey);
  });

  test("RFC 8032, test 2: seed, public key and signature", () => {
    const seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    const publicKey = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    const secretKey = Buffer.from(seed + publicKey, "hex").toString("base64");
    expect(publicKeyOf(secretKey)).toBe(Buffer.from(publicKey, "hex").toString("base64"));
    expect(Buffer.from(signCommit(Buffer.from([0x72]), secretKey)).toString("hex")).toBe(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
  });

  test.each(["", "!!!", ours.secretKey, `${ours.publicKey}=`])("a text that is no public key is refused: %s", (text) => {
    expect(() => parsePublicKey(text)).toThrow(KeyFormatError);
  });

  test("a secret key whose halves do not belong together is refused, without showing it", () => {
    const mixed = Buffer.concat([Buffer.from(ours.secretKey, "base64").subarray(0, 32), Buffer.from(theirs.publicKey, "base64")]).toString(
      "base64",
    );
    for (const text of [mixed, ours.publicKey, "no key"]) {
      expect(() => signCommit(commit, text)).toThrow(KeyFormatError);
      expect(() => signCommit(commit, text)).not.toThrow(text);
    }
  });
});

describe("the file", () => {
  test("with one signature has the 95 bytes that ostree writes", () => {
    const [signature] = signaturesOf(signed) ?? [];
    expect(Buffer.from(signed)).toEqual(
      Buffer.concat([
        Buffer.from("ostree.sign.ed25519\0\0\0\0\0"),
        signature ?? Buffer.alloc(0),
        Buffer.from([0x40, 0, 0x61, 0x61, 0x79, 0x14, 0x5e]),
      ]),
    );
    expect(signed).toHaveLength(95);
  });

  test("keeps its other entries and signatures; the same signature is not added twice", () => {
    const gpg = { key: "ostree.gpgsigs", type: "aay", value: writeByteArrays([Buffer.alloc(300, 7)]) };
    const first = addSignature(writeVardict([gpg]), signCommit(commit, ours.secretKey));
    const second = addSignature(first, signCommit(commit, theirs.secretKey));
    expect(signaturesOf(second)).toHaveLength(2);
    expect(readVardict(second)?.[0]).toEqual(gpg);
    expect(addSignature(second, signCommit(commit, ours.secretKey))).toEqual(second);
    expect(verifyCommit({ commit, commitmeta: second, checksum, trustedKeys: [theirs.publicKey] })).toEqual({
      ok: true,
      key: theirs.publicKey,
    });
  });

  test("nothing is added to a file that cannot be read", () => {
    expect(() => addSignature(Buffer.from("junk"), signCommit(commit, ours.secretKey))).toThrow(CommitMetaError);
    expect(() => addSignature(null, Buffer.alloc(63))).toThrow(RangeError);
  });
});

describe("verifyCommit", () => {
  test("accepts a commit that a trusted key signed, and says which", () => {
    expect(verifyCommit({ commit, commitmeta: signed, checksum, trustedKeys: [theirs.publicKey, ours.publicKey] })).toEqual({
      ok: true,
      key: ours.publicKey,
    });
  });

  const spoilt = Buffer.from(signed);
  spoilt[30] = (spoilt[30] ?? 0) ^ 1;
  const manySignatures = writeVardict([
    { key: "ostree.sign.ed25519", type: "aay", value: writeByteArrays(Array.from({ length: 65 }, (_, i) => Buffer.alloc(64, i))) },
  ]);
  test.each([
    ["other bytes", { commit: Buffer.from("other"), commitmeta: signed }, "checksum-mismatch"],
    ["no metadata", { commit, commitmeta: null }, "unsigned"],
    ["metadata without a signature", { commit, commitmeta: new Uint8Array() }, "unsigned"],
    ["a stranger's signature", { commit, commitmeta: addSignature(null, signCommit(commit, theirs.secretKey)) }, "untrusted-key"],
    [
      "our signature of another commit",
      { commit, commitmeta: addSignature(null, signCommit(Buffer.from("x"), ours.secretKey)) },
      "untrusted-key",
    ],
    ["a spoilt signature", { commit, commitmeta: spoilt }, "untrusted-key"],
    ["junk for metadata", { commit, commitmeta: Buffer.from("junk") }, "malformed"],
    ["a cut file", { commit, commitmeta: signed.subarray(0, 94) }, "malformed"],
    ["more signatures than anyone has keys", { commit, commitmeta: manySignatures }, "malformed"],
  ] as const)("refuses %s", (_, files, reason) => {
    expect(verifyCommit({ ...files, checksum, trustedKeys })).toEqual({ ok: false, reason });
  });

  test("trusts nothing without trusted keys, nor keys that are none", () => {
    expect(verifyCommit({ commit, commitmeta: signed, checksum, trustedKeys: [] })).toEqual({ ok: false, reason: "untrusted-key" });
    expect(verifyCommit({ commit, commitmeta: signed, checksum, trustedKeys: ["", "junk"] })).toEqual({
      ok: false,
      reason: "untrusted-key",
    });
  });

  test("whatever the bytes and keys, there is a result and no exception; only the true pair passes", () => {
    const anyMeta = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(fc.nat(94), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => signed.map((byte, i) => (i === at ? byte ^ mask : byte))),
      fc
        .array(fc.uint8Array({ minLength: 64, maxLength: 64 }), { maxLength: 3 })
        .map((list) => list.reduce<Uint8Array | null>(addSignature, null) ?? new Uint8Array()),
    );
    const anyKey = fc.oneof(
      fc.base64String(),
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map((raw) => Buffer.from(raw).toString("base64")),
      fc.constant(ours.publicKey),
    );
    fc.assert(
      fc.property(anyMeta, fc.array(anyKey, { maxLength: 3 }), (commitmeta, keys) => {
        const result = verifyCommit({ commit, commitmeta, checksum, trustedKeys: keys });
        expect(result.ok).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test("signs and verifies any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const commitmeta = addSignature(null, signCommit(bytes, ours.secretKey));
        const sum = createHash("sha256").update(bytes).digest("hex");
        expect(verifyCommit({ commit: bytes, commitmeta, checksum: sum, trustedKeys })).toEqual({ ok: true, key: ours.publicKey });
      }),
      { numRuns: 50 },
    );
  });
});
