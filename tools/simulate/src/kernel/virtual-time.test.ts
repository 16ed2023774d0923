import { describe, expect, it } from "vitest";
import { VirtualTime } from "./virtual-time.ts";

function playOut(time: VirtualTime, limit = Number.POSITIVE_INFINITY): void {
  for (let next = time.next(limit); next !== undefined; next = time.next(limit)) next();
}

describe("VirtualTime", () => {
  it("runs what is due in the order of time, then of asking", () => {
    const time = new VirtualTime();
    const seen: string[] = [];
    time.after(20, () => seen.push(`late at ${time.now}`));
    time.after(10, () => seen.push(`first at ${time.now}`));
    time.after(10, () => {
      seen.push(`second at ${time.now}`);
      time.after(0, () => seen.push(`added at ${time.now}`));
    });
    playOut(time);
    expect(seen).toEqual(["first at 10", "second at 10", "added at 10", "late at 20"]);
  });

  it("does not run what was cancelled, nor what is due after the limit", () => {
    const time = new VirtualTime();
    const seen: number[] = [];
    time.after(5, () => seen.push(5)).cancel();
    time.after(6, () => seen.push(6));
    time.after(7, () => seen.push(7));
    playOut(time, 6);
    expect(seen).toEqual([6]);
    expect(time.now).toBe(6);
  });
});
