import { getEventListeners } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sleep } from "./abort-sleep.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("sleep", () => {
  it("elapses, and leaves no listener behind", async () => {
    const { signal } = new AbortController();
    expect(await sleep(1, signal)).toBe("elapsed");
    expect(await sleep(0)).toBe("elapsed");
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("stops at once when aborted, before or meanwhile, without rejecting", async () => {
    expect(await sleep(3_600_000, AbortSignal.abort())).toBe("aborted");
    const controller = new AbortController();
    const sleeping = sleep(3_600_000, controller.signal);
    controller.abort();
    expect(await sleeping).toBe("aborted");
  });

  it("does not fire at once for longer than a timer can wait", async () => {
    vi.useFakeTimers();
    let outcome: string | undefined;
    const thirtyDaysMs = 30 * 86_400_000;
    void sleep(thirtyDaysMs).then((result) => {
      outcome = result;
    });
    await vi.advanceTimersByTimeAsync(thirtyDaysMs - 1);
    expect(outcome).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome).toBe("elapsed");
  });
});
