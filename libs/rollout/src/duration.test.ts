import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  it.each([
    ["250ms", 250],
    ["30s", 30_000],
    ["10m", 600_000],
    ["1h", 3_600_000],
    ["2d", 172_800_000],
    ["1h30m", 5_400_000],
    ["1m1ms", 60_001],
    ["0", 0],
    ["0s", 0],
    [" 5s ", 5_000],
    ["5", undefined],
    ["1.5h", undefined],
    ["-1s", undefined],
    ["1 h", undefined],
    ["30m1h", undefined],
    ["1h1h", undefined],
    ["1234567890s", undefined],
    ["", undefined],
    ["s", undefined],
  ])("%j is %s", (text, millis) => expect(parseDuration(text)).toBe(millis));
});

describe("formatDuration", () => {
  it.each([
    [0, "0s"],
    [250, "250ms"],
    [90_000, "1m30s"],
    [5_400_000, "1h30m"],
    [129_600_000, "1d12h"],
    [0.4, "0s"],
    [-60_000, "-1m"],
  ])("%d is %j", (millis, text) => expect(formatDuration(millis)).toBe(text));

  it("is read back as the same", () => {
    fc.assert(fc.property(fc.maxSafeNat(), (millis) => parseDuration(formatDuration(millis)) === millis));
  });
});
