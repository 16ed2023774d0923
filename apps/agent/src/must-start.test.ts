import { expect, it } from "vitest";
import { mustStart } from "./must-start.ts";

it("asks for a guard only where one is required", async () => {
  const names = async (guard: string | undefined) => (await mustStart({ guard })).paths.map(({ path }) => path);
  expect(await names("/usr/lib/treeline/boot-guard")).toContain("/usr/lib/treeline/boot-guard");
  expect((await names(undefined)).some((path) => path.includes("guard"))).toBe(false);
});
