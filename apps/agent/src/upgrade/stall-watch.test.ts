import { OstreeError } from "@treeline/ostree";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { stallWatch } from "./stall-watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const aborted = new OstreeError({ code: "aborted", phase: "pull", subject: "c", reason: "", remedy: "" });

function scene(caller = new AbortController()) {
  const state = { bytes: 0 as unknown };
  const watch = stallWatch({ millis: 1000, moved: () => state.bytes, subject: "c", signal: caller.signal });
  return { state, watch, caller };
}

it("lets a download run as long as something moves, however little", () => {
  const { state, watch } = scene();
  for (let i = 1; i < 50; i++) {
    vi.advanceTimersByTime(900);
    state.bytes = i;
  }
  expect(watch.signal.aborted).toBe(false);
  expect(watch.explained(aborted)).toBe(aborted);
  state.bytes = undefined;
  vi.advanceTimersByTime(1200);
  expect(watch.signal.aborted).toBe(true);
});

it("stops one that does not move, and says of what it failed", () => {
  const { watch } = scene();
  vi.advanceTimersByTime(999);
  expect(watch.signal.aborted).toBe(false);
  vi.advanceTimersByTime(2);
  expect(watch.signal.aborted).toBe(true);
  expect(watch.explained(aborted)).toMatchObject({ code: "stalled", phase: "pull", retryable: true, cause: aborted });
  const other = new Error("x");
  expect(watch.explained(other)).toBe(other);
});

it("leaves it to the caller when the caller gave up, and stops watching when it is disposed", () => {
  const { watch, caller } = scene();
  caller.abort();
  expect(watch.signal.aborted).toBe(true);
  vi.advanceTimersByTime(5000);
  expect(watch.explained(aborted)).toBe(aborted);
  const second = scene();
  second.watch[Symbol.dispose]();
  vi.advanceTimersByTime(5000);
  expect(second.watch.signal.aborted).toBe(false);
});

it("takes a download that is held back on purpose for one that moves", () => {
  const watch = stallWatch({ millis: 1000, moved: () => Symbol("paced"), subject: "c", signal: new AbortController().signal });
  vi.advanceTimersByTime(60_000);
  expect(watch.signal.aborted).toBe(false);
});
