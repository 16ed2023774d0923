import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parseBootId, parseUptime, readBootId, uptimeMillis } from "./boot.ts";
import { HostError } from "./host-error.ts";

it("reads the boot id that every process of this boot reads", () => {
  expect(`${readBootId()}\n`).toBe(execFileSync("cat", ["/proc/sys/kernel/random/boot_id"], { encoding: "utf8" }));
});

it("reads the uptime between two readings of the kernel's own", () => {
  const kernelMillis = (): number => Math.round(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000);
  const before = kernelMillis();
  const uptime = uptimeMillis();
  expect(uptime).toBeGreaterThanOrEqual(before);
  expect(uptime).toBeLessThanOrEqual(kernelMillis());
  expect(Number.isSafeInteger(uptime)).toBe(true);
});

it("makes whole milliseconds of seconds", () => expect(parseUptime("79394.29 150000.12\n")).toBe(79_394_290));

it.each(["", "x", "1 2", "-1.00 2", "0B5C0A4E-4A5C-4F1E-8D0A-2F1F6A1F9B3C"])("refuses %j with the file's name", (text) => {
  for (const parse of [parseBootId, parseUptime]) {
    expect(() => parse(text)).toThrow(HostError);
    expect(() => parse(text)).toThrow(/\/proc\//);
  }
});
