import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { bundleAgent } from "./bundle.ts";

const checkout = path.resolve(import.meta.dirname, "../../..");
/** The variable that asks for a fail point, and the directory in which the agent says that it stands there. */
const words = ["TREELINE_TEST_HOLD", '"test-hold"'];

it("has none of the fail points that tests use: the executable does not know their names", async () => {
  const source = await readFile(path.join(checkout, "apps/agent/src/upgrade/test-hold.ts"), "utf8");
  const { script, sources } = await bundleAgent(checkout);
  expect(sources).toContain("apps/agent/src/upgrade/test-hold.ts");
  for (const word of words) {
    expect(source).toContain(word);
    expect(Buffer.from(script).includes(word)).toBe(false);
  }
});
