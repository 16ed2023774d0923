import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { signRotation, type KeyRotation, type SignedRotation } from "./key-rotation.ts";
import { generateKeyPair, type KeyPair } from "./signature.ts";
import {
  applyRotation,
  keysValidAt,
  trustedKeysOf,
  trustInstant,
  trustLimits,
  untouchedTrust,
  type TrustedKey,
  type TrustState,
} from "./trusted-key.ts";

const [one, two, three, stranger] = [generateKeyPair(), generateKeyPair(), generateKeyPair(), generateKeyPair()];
const base: readonly TrustedKey[] = [{ key: one.publicKey }];
const day = 86_400_000;
const now = Date.UTC(2026, 5, 1);

function signedBy(signer: KeyPair, rotation: Partial<KeyRotation> & { readonly serial: number }): SignedRotation {
  const whole = { issuedAt: now, trust: [], retire: [], ...rotation };
  return { rotation: whole, signatures: [signRotation(whole, signer.secretKey)] };
}

function followed(
  signed: SignedRotation,
  options: { readonly state?: TrustState; readonly at?: number; readonly base?: readonly TrustedKey[] } = {},
): TrustState {
  const result = applyRotation({ base, state: untouchedTrust, at: now, ...options, signed });
  if (!result.ok) throw new Error(result.reason);
  return result.state;
}

function refusal(
  signed: SignedRotation,
  options: { readonly state?: TrustState; readonly at?: number; readonly base?: readonly TrustedKey[] } = {},
): string {
  const result = applyRotation({ base, state: untouchedTrust, at: now, ...options, signed });
  return result.ok ? "followed" : result.reason;
}

const trusts = (state: TrustState, at = now, from = base): readonly string[] => keysValidAt(trustedKeysOf(from, state), at);
const changeOver = signedBy(one, { serial: 1, trust: [{ key: two.publicKey }], retire: [one.publicKey] });

describe("a rotation", () => {
  test("that a trusted key signed is followed: new keys are trusted, retired ones are not", () => {
    expect(trusts(followed(changeOver))).toEqual([two.publicKey]);
  });

  test("names the key that signed it", () => {
    expect(applyRotation({ base, state: untouchedTrust, signed: changeOver, at: now })).toMatchObject({ ok: true, signer: one.publicKey });
  });

  test("leaves alone what it does not name", () => {
    expect(trusts(followed(signedBy(one, { serial: 1, trust: [{ key: two.publicKey }] })))).toEqual([one.publicKey, two.publicKey]);
  });

  test("of a stranger is not followed, and neither is one whose content was changed after it was signed", () => {
    expect(refusal(signedBy(stranger, { serial: 1, trust: [{ key: stranger.publicKey }] }))).toBe("untrusted-signer");
    const forged = { ...changeOver, rotation: { ...changeOver.rotation, trust: [{ key: stranger.publicKey }] } };
    expect(refusal(forged)).toBe("bad-signature");
    const renamed = {
      ...changeOver,
      signatures: signedBy(stranger, changeOver.rotation).signatures.map((made) => ({ ...made, key: one.publicKey })),
    };
    expect(refusal(renamed)).toBe("bad-signature");
  });

  test("one trusted signature of several is enough", () => {
    const { rotation, signatures } = changeOver;
    const both = { rotation, signatures: [signRotation(rotation, stranger.secretKey), ...signatures] };
    expect(trusts(followed(both))).toEqual([two.publicKey]);
  });

  test("with a serial that is not above the one reached does nothing, be it another document", () => {
    const state = followed(changeOver);
    expect(refusal(changeOver, { state })).toBe("stale");
    expect(refusal(signedBy(two, { serial: 1, trust: [{ key: three.publicKey }] }), { state })).toBe("stale");
  });

  test("is followed by a host that missed the one before, one after the other", () => {
    const next = signedBy(two, { serial: 2, trust: [{ key: three.publicKey }], retire: [two.publicKey] });
    expect(refusal(next)).toBe("untrusted-signer");
    expect(trusts(followed(next, { state: followed(changeOver) }))).toEqual([three.publicKey]);
  });

  test("of a key outside its window is not followed, neither by the clock nor by the instant it gives itself", () => {
    const windowed = [{ key: one.publicKey, notBefore: now - day, notAfter: now + day }];
    const rotation = { serial: 1, trust: [{ key: two.publicKey }] };
    expect(refusal(signedBy(one, rotation), { base: windowed })).toBe("followed");
    for (const [at, reason] of [
      [now - 2 * day, "signer-not-begun"],
      [now + 2 * day, "signer-ended"],
    ] as const) {
      expect(refusal(signedBy(one, rotation), { base: windowed, at })).toBe(reason);
      expect(refusal(signedBy(one, { ...rotation, issuedAt: at }), { base: windowed })).toBe("issued-outside-window");
    }
  });

  test("does not bring a retired key back, and a retired key does not bring itself back", () => {
    const state = followed(changeOver);
    expect(refusal(signedBy(two, { serial: 2, trust: [{ key: one.publicKey }] }), { state })).toBe("retired-key");
    expect(refusal(signedBy(one, { serial: 2, trust: [{ key: stranger.publicKey }] }), { state })).toBe("signer-retired");
  });

  test("that would leave no key is not followed; one that begins later counts", () => {
    expect(refusal(signedBy(one, { serial: 1, retire: [one.publicKey] }))).toBe("leaves-none");
    expect(refusal(signedBy(one, { serial: 1, trust: [{ key: one.publicKey, notAfter: now - 1 }] }))).toBe("leaves-none");
    const later = { serial: 1, trust: [{ key: two.publicKey, notBefore: now + day }], retire: [one.publicKey] };
    expect(refusal(signedBy(one, later))).toBe("followed");
  });

  test("beyond the limits is not followed", () => {
    const many = Array.from({ length: trustLimits.keys }, () => ({ key: generateKeyPair().publicKey }));
    expect(refusal(changeOver, { state: { ...untouchedTrust, keys: many } })).toBe("too-many");
    const retired = Array.from({ length: trustLimits.retired }, (_, i) => `key ${i}`);
    expect(refusal(changeOver, { state: { ...untouchedTrust, retired } })).toBe("too-many");
  });
});

describe("the base", () => {
  test("does not widen the window that a rotation gave, and does not bring a retired key back", () => {
    const narrowed = followed(signedBy(one, { serial: 1, trust: [{ key: one.publicKey, notAfter: now + day }, { key: two.publicKey }] }));
    expect(trusts(narrowed, now + 2 * day)).toEqual([two.publicKey]);
    const state = followed(changeOver);
    expect(trusts(state, now, [{ key: one.publicKey }, { key: three.publicKey }])).toEqual([three.publicKey, two.publicKey]);
  });

  test("that names a key twice gives it the time that both windows have", () => {
    const twice = [
      { key: one.publicKey },
      { key: one.publicKey, notBefore: 10, notAfter: 20 },
      { key: one.publicKey, notBefore: 15, notAfter: 30 },
    ];
    expect(trustedKeysOf(twice, untouchedTrust)).toEqual([{ key: one.publicKey, notBefore: 15, notAfter: 20 }]);
  });
});

describe("the instant of judging", () => {
  const keys = [
    { key: "old", notAfter: now - day },
    { key: "new", notBefore: now - day },
  ];

  test("a clock that fell back to 1970 neither revives an expired key nor takes away one that has begun", () => {
    expect(keysValidAt(keys, trustInstant({ wallClock: 0, bootedCommit: now, state: untouchedTrust }))).toEqual(["new"]);
  });

  test("a rotation is a clock, too: after a way back to an older commit it is as late as the rotation says", () => {
    const state = followed(signedBy(one, { serial: 1, trust: [{ key: two.publicKey }] }));
    expect(keysValidAt(keys, trustInstant({ wallClock: 0, bootedCommit: now - 30 * day, state }))).toEqual(["new"]);
    expect(keysValidAt(keys, trustInstant({ wallClock: 0, bootedCommit: undefined, state: untouchedTrust }))).toEqual(["old"]);
  });
});

describe("keysValidAt", () => {
  const window = fc.record({ notBefore: fc.option(fc.nat(100), { nil: undefined }), notAfter: fc.option(fc.nat(100), { nil: undefined }) });
  const entries = fc.array(window, { maxLength: 8 }).map((windows) =>
    windows.map(
      ({ notBefore, notAfter }, i): TrustedKey => ({
        key: `key ${i}`,
        ...(notBefore === undefined ? {} : { notBefore }),
        ...(notAfter === undefined ? {} : { notAfter }),
      }),
    ),
  );

  test("holds a key exactly from its first to its last instant", () => {
    fc.assert(
      fc.property(entries, fc.nat(100), (keys, at) => {
        const valid = new Set(keysValidAt(keys, at));
        for (const { key, notBefore = -1, notAfter = 101 } of keys) expect(valid.has(key)).toBe(notBefore <= at && at <= notAfter);
      }),
    );
  });

  test("a later instant never revives a key that had ended, nor takes one away that has begun and has no end", () => {
    fc.assert(
      fc.property(entries, fc.nat(100), fc.nat(100), (keys, a, b) => {
        const [early, late] = [Math.min(a, b), Math.max(a, b)];
        const [before, after] = [new Set(keysValidAt(keys, early)), new Set(keysValidAt(keys, late))];
        for (const { key, notBefore = 0, notAfter } of keys) {
          if (notAfter !== undefined && notAfter < early) expect(after.has(key)).toBe(false);
          if (notAfter === undefined && notBefore <= early) expect(before.has(key) && after.has(key)).toBe(true);
        }
      }),
    );
  });
});

describe("any sequence of rotations, in any order, with any clock", () => {
  const pool = [one, two, three, stranger];
  const keyIndex = fc.nat(pool.length - 1);
  const instant = fc.integer({ min: 0, max: 10 }).map((days) => now + days * day);
  const windowed = fc.record({
    index: keyIndex,
    notAfter: fc.option(instant, { nil: undefined }),
    notBefore: fc.option(instant, { nil: undefined }),
  });
  const step = fc.record({
    signer: keyIndex,
    serial: fc.integer({ min: 1, max: 6 }),
    issuedAt: instant,
    at: instant,
    trust: fc.uniqueArray(windowed, { maxLength: 2, selector: ({ index }) => index }),
    retire: fc.uniqueArray(keyIndex, { maxLength: 2 }),
    base: fc.uniqueArray(keyIndex, { maxLength: 3 }),
  });

  test("keeps the invariants", () => {
    let followedOnce = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        let state = untouchedTrust;
        for (const { signer, serial, issuedAt, at, trust, retire, base: present } of steps) {
          const keyOf = (index: number): string => pool[index]?.publicKey ?? "";
          const from = present.map((index) => ({ key: keyOf(index) }));
          const rotation = {
            serial,
            issuedAt,
            retire: retire.filter((index) => !trust.some((entry) => entry.index === index)).map(keyOf),
            trust: trust
              .filter(({ notBefore = 0, notAfter = Infinity }) => notBefore <= notAfter)
              .map(({ index, notBefore, notAfter }) => ({
                key: keyOf(index),
                ...(notBefore === undefined ? {} : { notBefore }),
                ...(notAfter === undefined ? {} : { notAfter }),
              })),
          };
          const signed = { rotation, signatures: [signRotation(rotation, (pool[signer] as KeyPair).secretKey)] };
          const before = keysValidAt(trustedKeysOf(from, state), at);
          const result = applyRotation({ base: from, state, signed, at });
          if (!result.ok) continue;
          followedOnce++;
          expect(before).toContain(keyOf(signer));
          expect(result.state.serial).toBeGreaterThan(state.serial);
          expect(result.state.issuedAt).toBeGreaterThanOrEqual(state.issuedAt);
          expect(result.state.retired).toEqual(expect.arrayContaining([...state.retired]));
          state = result.state;
          const everything = trustedKeysOf(
            pool.map(({ publicKey }) => ({ key: publicKey })),
            state,
          );
          for (const key of state.retired) expect(everything.map((entry) => entry.key)).not.toContain(key);
          expect(trustedKeysOf(from, state).length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
    expect(followedOnce).toBeGreaterThan(50);
  });
});
