import { describe, expect, it } from "vitest";
import { formatAge, formatBytes, formatDue, formatLabels, printable, serialized, shortDuration } from "./format.ts";

describe("figures for people", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [4_404_019, "4.2 MiB"],
    [120 * 1024 ** 3, "120 GiB"],
    [2 ** 60, "1024 PiB"],
  ])("shows %d bytes as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [-5, "0s"],
    [59_999, "59s"],
    [180_000, "3m"],
    [47 * 3_600_000, "47h"],
    [72 * 3_600_000, "3d"],
  ])("shows an age of %d ms as %s", (millis, text) => {
    expect(formatAge(millis)).toBe(text);
  });

  it("shows spans down to the second", () => {
    expect([5_000, 185_000, 7_380_000].map(shortDuration)).toEqual(["5s", "3m 05s", "2h 03m"]);
  });

  it("tells what lies ahead from what is over", () => {
    const now = Date.parse("2026-01-01T01:00:00Z");
    expect(formatDue("2026-01-01T01:03:00Z", now)).toBe("in 3m");
    expect(formatDue("2026-01-01T00:00:00Z", now)).toBe("1h ago");
    expect(formatDue(null, now)).toBe("-");
  });

  it("sorts labels", () => {
    expect(formatLabels({ site: "berlin", canary: "", rack: "7" })).toBe("canary,rack=7,site=berlin");
    expect(formatLabels({})).toBe("-");
  });
});

it("lets no control character through to the terminal", () => {
  expect(printable("web-1\u001b[2J\u0007 \u202egnp\u009b")).toBe("web-1�[2J� �gnp�");
  expect(printable("two\n  lines")).toBe("two lines");
});

it("writes the same value as JSON and as YAML, never with aliases", () => {
  const shared = { a: 1 };
  expect(serialized({ x: shared, y: shared }, "yaml")).toBe("x:\n  a: 1\ny:\n  a: 1\n");
  expect(JSON.parse(serialized({ x: null }, "json"))).toEqual({ x: null });
});
