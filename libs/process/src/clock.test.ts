import { writeFile } from "node:fs/promises";
import { uptime } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createBootClock, parsedUptimeMs } from "./clock.ts";
import { temporaryDirectory } from "./test-directory.ts";

describe("the boot clock", () => {
  it("reads this machine's uptime and never goes back", () => {
    const clock = createBootClock();
    const readings = Array.from({ length: 100 }, () => clock.uptimeMs());
    expect(readings.toSorted((a, b) => a - b)).toEqual(readings);
    expect(readings[0]).toBeGreaterThan(0);
  });

  it("reads the file anew each time", async () => {
    await using temporary = await temporaryDirectory();
    const procUptime = path.join(temporary.dir, "uptime");
    await writeFile(procUptime, "350735.47 234388.90\n");
    const clock = createBootClock({ procUptime });
    expect(clock.uptimeMs()).toBe(350_735_470);
    await writeFile(procUptime, "350736.48 234388.90\n");
    expect(clock.uptimeMs()).toBe(350_736_480);
  });

  it("falls back when there is no procfs", () => {
    const before = Math.floor(uptime() * 1000);
    expect(createBootClock({ procUptime: "/nonexistent/uptime" }).uptimeMs()).toBeGreaterThanOrEqual(before);
  });

  it("gives no time rather than another clock's when its source fails later", async () => {
    await using temporary = await temporaryDirectory();
    const procUptime = path.join(temporary.dir, "uptime");
    await writeFile(procUptime, "1.00 1.00\n");
    const clock = createBootClock({ procUptime });
    await writeFile(procUptime, "");
    expect(() => clock.uptimeMs()).toThrow("/proc/uptime");
  });

  it.each(["", "1", "1.0", "-1.00 1.00", "1e3 1.00", "NaN NaN"])("refuses %j", (text) => {
    expect(() => parsedUptimeMs(text)).toThrow("two figures");
  });
});
