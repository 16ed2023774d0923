import { describe, expect, it } from "vitest";
import { cpuSecondsOf, rssKibOf } from "./process-usage.ts";

describe("what a process uses", () => {
  it("is the CPU time that the process itself knows of", () => {
    // The kernel counts in hundredths of a second; what happens between the two readings makes the rest.
    const seconds = (): number => Object.values(process.cpuUsage()).reduce((sum, micros) => sum + micros, 0) / 1e6;
    while (seconds() < 0.3);
    const [before, read, after] = [seconds(), cpuSecondsOf(process.pid), seconds()];
    expect(read).toBeGreaterThan(before - 0.05);
    expect(read).toBeLessThan(after + 0.05);
  });

  it("grows with memory that is written to", () => {
    const before = rssKibOf(process.pid);
    const block = Buffer.alloc(64 * 2 ** 20, 1);
    expect(rssKibOf(process.pid) - before).toBeGreaterThan(48 * 1024);
    expect(block[block.length - 1]).toBe(1);
  });

  it("is unknown of a process that is not there", () => {
    const none = 2 ** 22 + 1; // above the kernel's greatest process id
    expect(() => cpuSecondsOf(none)).toThrow();
    expect(() => rssKibOf(none)).toThrow();
  });
});
