import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { mustStart, startedBy } from "./must-start.ts";

it("knows what a unit starts", async () => {
  expect(startedBy("[Service]\nExecStart=\nExecStart=-+/usr/local/bin/treeline-agent run\nExecStartPre=/bin/true\n#ExecStart=/bin/false\n")).toEqual(["/usr/local/bin/treeline-agent"]);
  const unit = await readFile(new URL("../systemd/treeline-agent.service", import.meta.url), "utf8");
  expect(startedBy(unit)).toEqual(["/usr/bin/treeline-agent"]);
});

it("asks for a guard only where one is required", async () => {
  const names = async (guard: string | undefined) => (await mustStart({ guard })).paths.map(({ path }) => path);
  expect(await names("/usr/lib/treeline/boot-guard")).toContain("/usr/lib/treeline/boot-guard");
  expect((await names(undefined)).some((path) => path.includes("guard"))).toBe(false);
});
