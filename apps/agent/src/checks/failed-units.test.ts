import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../test-fleet.ts";
import { failedUnitsCheck, parseFailedUnits } from "./failed-units.ts";
import { script, withFirstInPath } from "./test-programs.ts";

/** Debian 12, systemd 252. */
const captured = "bad.service loaded failed failed A bad one: über\ntreeline-agent.service loaded failed failed Treeline agent\n";

it("reads the names of units that failed", () => {
  expect(parseFailedUnits(captured)).toEqual(["bad.service", "treeline-agent.service"]);
  expect(parseFailedUnits("")).toEqual([]);
  expect(parseFailedUnits("slow.service loaded activating start failed failed\n\n  \nbad.mount not-found failed failed\n")).toEqual(["bad.mount"]);
});

/** The check on a host with this systemctl; the mark of a booted systemd is any path that exists. */
async function check(text: string, options: { severity?: "required" | "wanted" | "off"; ignore?: readonly string[]; mark?: string; signal?: AbortSignal } = {}) {
  await using root = await temporaryDirectory();
  await script(join(root.path, "systemctl"), text);
  const { severity = "wanted", ignore = [], mark = "/", signal = new AbortController().signal } = options;
  return await withFirstInPath(root.path, async () => {
    const found = await failedUnitsCheck({ severity, ignore }, mark);
    return found === undefined ? undefined : { name: found.name, required: found.required, ...(await found.run(signal)) };
  });
}

const print = (text: string): string => `cat <<'END'\n${text}END`;

it("fails on units that failed, but for our own and those to ignore", async () => {
  expect(await check(print(captured))).toEqual({ name: "failed-units", required: false, passed: false, output: "1 unit failed: bad.service; see systemctl status UNIT" });
  expect(await check(print(captured), { severity: "required", ignore: ["bad.service"] })).toEqual({ name: "failed-units", required: true, passed: true, output: "" });
});

it("names twenty of them and counts all", async () => {
  const result = await check(print(Array.from({ length: 300 }, (_, index) => `unit${index}.service loaded failed failed Text\n`).join("")));
  expect(result?.output).toMatch(/^300 units failed: unit0\.service, .*, unit19\.service, \.\.\.; see systemctl status UNIT$/);
});

it("is no check when it is off, or systemd is not pid 1", async () => {
  expect(await check(print(captured), { severity: "off" })).toBeUndefined();
  expect(await check(print(captured), { mark: "/no/such/mark" })).toBeUndefined();
});

it("fails when systemctl does not answer, and when it is stopped", async () => {
  expect(await check("echo 'Failed to connect to bus' >&2; exit 1")).toMatchObject({ passed: false, output: expect.stringContaining("Failed to connect to bus") as string });
  expect(await check("exec sleep 600", { signal: AbortSignal.timeout(300) })).toMatchObject({ passed: false });
});
