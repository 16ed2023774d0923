import {
  EpochTooHighError,
  NodeRefusedError,
  OverloadedError,
  ServerStoppingError,
  SessionProtocolError,
  SessionReplacedError,
  StoreFailedError,
  type ControlError,
} from "@treeline/control";
import { RpcError } from "@treeline/rpc";
import { describe, expect, it } from "vitest";
import { answering, onTheWire } from "./control-error.ts";

const refusals: readonly (readonly [ControlError, number, string])[] = [
  [new OverloadedError(5_000), 8, "OVERLOADED"],
  [new StoreFailedError(), 14, "STORE_FAILED"],
  [new ServerStoppingError(), 14, "SERVER_STOPPING"],
  [new SessionProtocolError("no"), 3, "SESSION_PROTOCOL"],
  [new SessionReplacedError("n"), 10, "SESSION_REPLACED"],
  [new NodeRefusedError("n", "the node was revoked"), 7, "NODE_REFUSED"],
  [new EpochTooHighError({ nodeId: "n", seen: 9, epoch: 1 }), 9, "EPOCH_TOO_HIGH"],
];

describe("on the wire", () => {
  it.each(refusals)("%s keeps its words, and gets a status and a reason", (error, status, reason) => {
    const { message, subject, remedy } = error;
    const sent = onTheWire(error);
    expect(sent).toBeInstanceOf(RpcError);
    expect(sent).toMatchObject({ status, reason, message, subject, remedy });
  });

  it("anything else stays as it is: what may not be shown is concealed later", () => {
    for (const error of [new Error("secret"), new RpcError("no", { status: 5, reason: "NONE" }), undefined])
      expect(onTheWire(error)).toBe(error);
  });

  it("an answer is passed on, a refusal translated, thrown at once or later", async () => {
    expect(await answering(() => 1)).toBe(1);
    const thrown = answering(() => {
      throw new OverloadedError(1);
    });
    await expect(thrown).rejects.toMatchObject({ reason: "OVERLOADED" });
    await expect(answering(() => Promise.reject(new OverloadedError(1)))).rejects.toMatchObject({ reason: "OVERLOADED" });
  });
});
