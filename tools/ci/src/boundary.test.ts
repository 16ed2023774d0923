import path from "node:path";
import { ESLint } from "eslint";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../../..");
const eslint = new ESLint({ cwd: root });

/** What the boundary rule says about a file of a project that imports this. It needs the project graph, which `nx` computes. */
async function boundaryErrors(project: string, imported: string): Promise<readonly string[]> {
  const text = `import { something } from "${imported}";\nexport const used = something;\n`;
  const [result] = await eslint.lintText(text, { filePath: path.join(root, project, "src/index.ts") });
  const boundary = result?.messages.filter(({ ruleId }) => ruleId === "@nx/enforce-module-boundaries") ?? [];
  return boundary.map(({ message }) => message);
}

test.each([
  ["a domain library", "libs/upgrade", "@treeline/ostree", /tagged with "domain" can only depend/],
  ["an adapter", "libs/pki", "@treeline/process", /tagged with "adapter" can only depend/],
  ["an application", "apps/cli", "@treeline/testkit", /tagged with "app" can only depend/],
  ["a tool", "tools/demo", "../../../apps/server/src/server.ts", /cannot be imported by a relative/],
])("%s (%s) must not import %s", { timeout: 30_000 }, async (_kind, project, imported, message) => {
  expect(await boundaryErrors(project, imported)).toEqual([expect.stringMatching(message)]);
});

test.each([
  ["libs/rollout", "@treeline/fleet"],
  ["libs/store", "@treeline/rollout"],
  ["apps/server", "@treeline/pki"],
  ["tools/demo", "@treeline/testkit"],
])("%s may import %s", { timeout: 30_000 }, async (project, imported) => {
  expect(await boundaryErrors(project, imported)).toEqual([]);
});
