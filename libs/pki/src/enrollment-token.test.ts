import { describe, expect, it } from "vitest";
import {
  encodeEnrollmentToken,
  type EnrollmentToken,
  EnrollmentTokenError,
  hashSecret,
  maxTokenLength,
  newSecret,
  parseEnrollmentToken,
} from "./enrollment-token.ts";

const token: EnrollmentToken = {
  endpoints: {
    front: ["treeline.example:7440", "[2001:db8::1]:7440"],
    sessions: ["treeline.example:7441"],
    content: ["treeline.example:7443"],
  },
  caSha256: "ab".repeat(32),
  releaseKeys: ["RWQ0Zm9vYmFyYmF6cXV4"],
  secret: newSecret(),
};

const encodeRaw = (value: unknown): string => `tlt1_${Buffer.from(JSON.stringify(value)).toString("base64url")}`;

function refusal(text: string): EnrollmentTokenError {
  try {
    parseEnrollmentToken(text);
  } catch (error) {
    expect(error).toBeInstanceOf(EnrollmentTokenError);
    return error as EnrollmentTokenError;
  }
  throw new Error("it was accepted");
}

describe("an enrollment token", () => {
  it("comes back as it was, also with white space around it", () => {
    const text = encodeEnrollmentToken(token);
    expect(text).toMatch(/^tlt1_[A-Za-z0-9_-]+$/);
    expect(parseEnrollmentToken(text)).toEqual(token);
    expect(parseEnrollmentToken(`\n ${text}\r\n`)).toEqual(token);
  });

  it.each([
    ["endpoints.front", { ...token, endpoints: { ...token.endpoints, front: [] } }],
    ["endpoints.front[0]", { ...token, endpoints: { ...token.endpoints, front: ["https://treeline.example:7440"] } }],
    ["endpoints.front[0]", { ...token, endpoints: { ...token.endpoints, front: ["2001:db8::1"] } }],
    ["endpoints.front[1]", { ...token, endpoints: { ...token.endpoints, front: ["a:1", "a:65536"] } }],
    ["endpoints.sessions", { ...token, endpoints: { ...token.endpoints, sessions: "a:1" } }],
    ["endpoints.content[0]", { ...token, endpoints: { ...token.endpoints, content: [7443] } }],
    ["endpoints", { ...token, endpoints: { ...token.endpoints, other: [] } }],
    ["endpoints", { ...token, endpoints: null }],
    ["caSha256", { ...token, caSha256: "AB".repeat(32) }],
    ["caSha256", { ...token, caSha256: "ab" }],
    ["releaseKeys", { ...token, releaseKeys: {} }],
    ["releaseKeys[0]", { ...token, releaseKeys: [" "] }],
    ["secret", { ...token, secret: "short" }],
    ["secret", { ...token, secret: undefined }],
    ["token", { ...token, admin: true }],
    ["token", []],
    ["token", null],
  ])("is refused with the field named: %s", (field, value) => {
    const error = refusal(encodeRaw(value));
    expect(error.field).toBe(field);
    expect(error.code).toBe("token-field-invalid");
    expect(error.message).toContain(field);
    expect(error.message).toContain(error.remedy);
    expect(error.message).not.toContain(token.secret);
  });

  it("is checked the same way when it is made", () => {
    expect(() => encodeEnrollmentToken({ ...token, secret: "guess" })).toThrow(EnrollmentTokenError);
  });

  it("is refused when cut off, at every length", () => {
    const text = encodeEnrollmentToken(token);
    for (let length = 0; length < text.length; length++) expect(refusal(text.slice(0, length)).code).toBe("token-malformed");
  });

  it("is refused or another one after any change of one character", () => {
    const text = encodeEnrollmentToken(token);
    for (let at = 0; at < text.length; at++) {
      const changed = text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
      let parsed: EnrollmentToken | undefined;
      try {
        parsed = parseEnrollmentToken(changed);
      } catch (error) {
        expect(error).toBeInstanceOf(EnrollmentTokenError);
        expect((error as Error).message).not.toContain(token.secret);
      }
      expect(parsed).not.toEqual(token);
    }
  });

  it("is refused with characters that base64url decoders skip", () => {
    const text = encodeEnrollmentToken(token);
    expect(refusal(`${text.slice(0, 20)}\n${text.slice(20)}`).code).toBe("token-malformed");
    expect(refusal(`${text}=`).code).toBe("token-malformed");
  });

  it("never quotes its text in a message or a cause", () => {
    const broken = `tlt1_${Buffer.from(`{"secret":"${token.secret}"`).toString("base64url")}`;
    const error = refusal(broken);
    expect(JSON.stringify([error.message, error.cause])).not.toContain(token.secret);
  });

  it("of another version says so", () => {
    expect(refusal("tlt2_abc").remedy).toContain("another version");
  });

  it("has a limit both ways", () => {
    const releaseKeys = ["k".repeat(maxTokenLength)];
    expect(() => encodeEnrollmentToken({ ...token, releaseKeys })).toThrow(expect.objectContaining({ code: "token-too-large" }) as Error);
    expect(refusal(encodeRaw({ ...token, releaseKeys })).code).toBe("token-too-large");
  });
});

describe("a secret", () => {
  it("is new each time and known to the server by its hash", () => {
    const [a, b] = [newSecret(), newSecret()];
    expect(a).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(a).not.toBe(b);
    expect(hashSecret(a)).toMatch(/^[0-9a-f]{64}$/);
    expect(hashSecret("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});
