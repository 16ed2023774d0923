import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  readRotation,
  RotationError,
  rotationBytes,
  rotationLimits,
  rotationSigners,
  signRotation,
  writeRotation,
  type KeyRotation,
} from "./key-rotation.ts";
import { generateKeyPair } from "./signature.ts";

const [ours, theirs, next] = [generateKeyPair(), generateKeyPair(), generateKeyPair()];
const rotation: KeyRotation = {
  serial: 3,
  issuedAt: Date.UTC(2026, 0, 31, 12),
  trust: [{ key: next.publicKey, notBefore: Date.UTC(2026, 1, 1), notAfter: Date.UTC(2027, 1, 1) }],
  retire: [theirs.publicKey],
};
const signed = { rotation, signatures: [signRotation(rotation, ours.secretKey)] };
const document = JSON.parse(writeRotation(signed)) as Record<string, unknown>;
const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe("the document", () => {
  test("says in canonical bytes what is signed", () => {
    expect(Buffer.from(rotationBytes(rotation)).toString()).toBe(
      `{"apiVersion":"treeline/v1","issuedAt":"2026-01-31T12:00:00.000Z","kind":"KeyRotation","retire":["${theirs.publicKey}"],"serial":3,` +
        `"trust":[{"key":"${next.publicKey}","notAfter":"2027-02-01T00:00:00.000Z","notBefore":"2026-02-01T00:00:00.000Z"}]}`,
    );
  });

  test("reads back as it was written, however its fields are ordered and spaced", () => {
    expect(readRotation(Buffer.from(writeRotation(signed)))).toEqual(signed);
    const shuffled = Object.fromEntries(Object.entries(document).toReversed());
    expect(readRotation(Buffer.from(JSON.stringify(shuffled, undefined, 8)))).toEqual(signed);
  });

  test("is signed by whose signature fits, and by nobody else", () => {
    expect(rotationSigners(signed, [theirs.publicKey, ours.publicKey])).toEqual([ours.publicKey]);
    const forged = { ...signed, signatures: [{ key: theirs.publicKey, signature: signed.signatures[0]?.signature ?? "" }] };
    expect(rotationSigners(forged, [theirs.publicKey, ours.publicKey, "junk"])).toEqual([]);
  });

  test("any change of what is signed takes the signature away", () => {
    const changes: readonly Partial<KeyRotation>[] = [
      { serial: 4 },
      { issuedAt: rotation.issuedAt + 1 },
      { trust: [{ key: next.publicKey }] },
      { trust: [] },
      { retire: [] },
      { retire: [theirs.publicKey, ours.publicKey] },
    ];
    for (const change of changes)
      expect(rotationSigners({ ...signed, rotation: { ...rotation, ...change } }, [ours.publicKey])).toEqual([]);
  });

  test.each([
    ["document", Buffer.from("not JSON")],
    ["document", Buffer.from([0x7b, 0xff, 0x7d])],
    ["document", bytesOf([])],
    ["document", bytesOf({ ...document, threshold: 2 })],
    ["document", bytesOf({ ...document, retire: [next.publicKey] })],
    ["kind", bytesOf({ ...document, kind: "Rollout" })],
    ["serial", bytesOf({ ...document, serial: 0 })],
    ["serial", bytesOf({ ...document, serial: "3" })],
    ["issuedAt", bytesOf({ ...document, issuedAt: "2026-01-31" })],
    ["issuedAt", bytesOf({ ...document, issuedAt: "+010000-01-01T00:00:00.000Z" })],
    ["trust", bytesOf({ ...document, trust: {} })],
    ["trust", bytesOf({ ...document, trust: Array.from({ length: 17 }, () => ({ key: generateKeyPair().publicKey })) })],
    ["trust[0].key", bytesOf({ ...document, trust: [{ key: `${next.publicKey}\n` }] })],
    ["trust[0]", bytesOf({ ...document, trust: [{ key: next.publicKey, uses: 1 }] })],
    [
      "trust[0].notAfter",
      bytesOf({
        ...document,
        trust: [{ key: next.publicKey, notBefore: "2026-02-01T00:00:00.000Z", notAfter: "2026-01-01T00:00:00.000Z" }],
      }),
    ],
    ["retire[0]", bytesOf({ ...document, retire: [7] })],
    ["retire[0]", bytesOf({ ...document, retire: ["AAAA"] })],
    ["signatures", bytesOf({ ...document, signatures: [] })],
    ["signatures[0].signature", bytesOf({ ...document, signatures: [{ key: ours.publicKey, signature: "AAAA" }] })],
    ["signatures[0]", bytesOf({ ...document, signatures: [null] })],
  ])("is refused where it is wrong: %s", (subject, bytes) => {
    expect(() => readRotation(bytes)).toThrow(expect.objectContaining({ name: "RotationError", code: "malformed", subject }) as Error);
  });

  test("of another version is another error than a malformed one, whatever else is in it", () => {
    const later = bytesOf({ ...document, apiVersion: "treeline/v2", threshold: 2 });
    expect(() => readRotation(later)).toThrow(expect.objectContaining({ code: "unknown-version" }) as Error);
  });

  test("that is too large is not even read", () => {
    expect(() => readRotation(Buffer.alloc(rotationLimits.bytes + 1))).toThrow(expect.objectContaining({ code: "too-large" }) as Error);
  });

  test("no larger one can be made than can be read", () => {
    const keys = Array.from({ length: rotationLimits.trust + rotationLimits.retire }, () => generateKeyPair());
    const largest: KeyRotation = {
      serial: Number.MAX_SAFE_INTEGER,
      issuedAt: rotation.issuedAt,
      trust: keys.slice(0, rotationLimits.trust).map(({ publicKey }) => ({ key: publicKey, notBefore: 0, notAfter: rotation.issuedAt })),
      retire: keys.slice(rotationLimits.trust).map(({ publicKey }) => publicKey),
    };
    const signatures = keys.slice(0, rotationLimits.signatures).map(({ secretKey }) => signRotation(largest, secretKey));
    expect(readRotation(Buffer.from(writeRotation({ rotation: largest, signatures }))).rotation).toEqual(largest);
  });

  test("what could not be read is not signed", () => {
    expect(() => signRotation({ ...rotation, serial: 1.5 }, ours.secretKey)).toThrow(RotationError);
    expect(() => signRotation({ ...rotation, issuedAt: Number.NaN }, ours.secretKey)).toThrow(RotationError);
  });

  test("hostile bytes are a typed error or a rotation, never anything else", () => {
    const text = writeRotation(signed);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 4 }), (at, junk) => {
        const bytes = Buffer.from(text.slice(0, at) + junk + text.slice(at + junk.length));
        try {
          const read = readRotation(bytes);
          if (rotationSigners(read, [ours.publicKey]).length > 0) expect(read.rotation).toEqual(rotation);
        } catch (error) {
          expect(error).toBeInstanceOf(RotationError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
