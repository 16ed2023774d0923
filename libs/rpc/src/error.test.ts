import { Metadata, status } from "@grpc/grpc-js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorModel } from "./definition.ts";
import { errorDomain, fromServiceError, RpcError, toServiceError, type ErrorStatus } from "./error.ts";

const trailer = "grpc-status-details-bin";
const text = fc.string({ unit: "binary", maxLength: 100 });
const neverUnexpected = (error: unknown): void => expect.unreachable(String(error));

describe("an RpcError", () => {
  it("arrives as it was sent", () => {
    const sent = fc.record({
      message: text.filter((message) => message !== ""),
      status: fc.integer({ min: 1, max: 16 }),
      reason: text,
      remedy: text,
      subject: text,
      violations: fc.array(fc.record({ field: text, description: text }, { noNullPrototype: true }), { maxLength: 16 }),
    });
    fc.assert(
      fc.property(sent, ({ message, status: code, ...details }) => {
        const error = fromServiceError(toServiceError(new RpcError(message, { ...details, status: code as ErrorStatus }), neverUnexpected));
        const { status: arrived, reason, remedy, subject, violations } = error;
        expect({ message: error.message, status: arrived, reason, remedy, subject, violations }).toEqual({
          message,
          status: code,
          ...details,
        });
      }),
    );
  });

  it("keeps its cause to itself", () => {
    const cause = new Error("password is hunter2");
    const sent = toServiceError(new RpcError("refused", { status: status.INTERNAL, reason: "REFUSED", cause }), neverUnexpected);
    expect(bytesOf(sent.metadata).toString("latin1") + JSON.stringify(sent) + sent.message).not.toContain("hunter2");
  });

  it("fits into a trailer however much it says", () => {
    const long = "é".repeat(100_000);
    const violations = Array.from({ length: 1000 }, () => ({ field: long, description: long }));
    const sent = toServiceError(
      new RpcError(long, { status: status.INVALID_ARGUMENT, reason: long, remedy: long, subject: long, violations }),
      neverUnexpected,
    );
    expect(bytesOf(sent.metadata).length).toBeLessThan(32 * 1024);
    expect(fromServiceError(sent).violations).toHaveLength(16);
  });
});

describe("any other error", () => {
  it.each([new TypeError("secret path /etc/shadow"), "secret", undefined, null, { code: 5, details: "secret" }])(
    "goes out as INTERNAL without its text",
    (thrown) => {
      const unexpected: unknown[] = [];
      const sent = toServiceError(thrown, (error) => unexpected.push(error));
      expect(unexpected).toEqual([thrown]);
      expect(sent.code).toBe(status.INTERNAL);
      expect(sent.details + sent.message + bytesOf(sent.metadata).toString("latin1")).not.toContain("secret");
      expect(fromServiceError(sent)).toMatchObject({ status: status.INTERNAL, reason: "INTERNAL" });
    },
  );

  it("with the code OK never goes out as success", () => {
    const sent = toServiceError(new RpcError("fine", { status: 0 as ErrorStatus, reason: "X" }), () => undefined);
    expect(sent.code).toBe(status.INTERNAL);
  });
});

describe("a service error without usable details", () => {
  const whole = bytesOf(
    toServiceError(new RpcError("no", { status: status.NOT_FOUND, reason: "NODE_UNKNOWN", violations: [] }), neverUnexpected).metadata,
  );
  const received = (bytes: Buffer): RpcError => {
    const metadata = new Metadata();
    metadata.set(trailer, bytes);
    return fromServiceError(Object.assign(new Error("5 NOT_FOUND: no"), { code: status.NOT_FOUND, details: "no", metadata }));
  };

  it("is read when it is whole", () => expect(received(whole).reason).toBe("NODE_UNKNOWN"));

  it("keeps code and message when they are truncated anywhere or overwritten", () => {
    for (let length = 0; length < whole.length; length++)
      expect(received(whole.subarray(0, length))).toMatchObject({ status: status.NOT_FOUND, message: "no" });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(received(Buffer.from(bytes))).toMatchObject({ status: status.NOT_FOUND, message: "no" });
      }),
    );
  });

  it("keeps code and message when they are of another domain, or huge", () => {
    const foreign = errorModel.ErrorInfo.serialize({ reason: "THEIRS", domain: `not.${errorDomain}`, metadata: {} });
    const details = [{ type_url: "type.googleapis.com/google.rpc.ErrorInfo", value: foreign }];
    expect(received(errorModel.Status.serialize({ code: 5, message: "", details })).reason).toBe("UNKNOWN");
    expect(received(Buffer.concat([whole, Buffer.alloc(65 * 1024)])).reason).toBe("UNKNOWN");
  });

  it("is an RpcError whatever was thrown", () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        const error = fromServiceError(thrown);
        expect(error).toBeInstanceOf(RpcError);
        expect(error.status).toBeGreaterThan(0);
      }),
    );
  });
});

function bytesOf(metadata: Metadata): Buffer {
  return metadata.get(trailer)[0] as Buffer;
}
