import { describe, expect, it } from "vitest";
import { nearestName } from "./nearest-name.ts";

const known = ["listen", "listenFront", "data", "heartbeat-interval"];

describe("nearestName", () => {
  it.each([
    ["lisetn", "listen"],
    ["listn", "listen"],
    ["listen_front", "listenFront"],
    ["DATA", "data"],
    ["heartbeatInterval", "heartbeat-interval"],
    ["hartbeat-intervall", "heartbeat-interval"],
  ])("takes %s for %s", (typed, meant) => {
    expect(nearestName(typed, known)).toBe(meant);
  });

  it.each(["", "x", "colour", "dada-ism", "a".repeat(100_000)])("does not guess at %s", (typed) => {
    expect(nearestName(typed, known)).toBeUndefined();
  });
});
