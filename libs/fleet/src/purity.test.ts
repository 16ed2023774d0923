import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

// The root configuration guards every domain library; it is proved here, in the one that all others import.
const root = fileURLToPath(new URL("../../..", import.meta.url));
const eslint = new ESLint({ cwd: root });
// The first text loads every plugin.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

// The boundary rule reads the project graph that Nx keeps on disk, and says nothing where there is none: make one, apart from any other run's.
const graphDirectory = mkdtempSync(join(tmpdir(), "treeline-purity-"));
beforeAll(() => {
  process.env["NX_DAEMON"] = "false";
  process.env["NX_WORKSPACE_DATA_DIRECTORY"] = graphDirectory;
  execFileSync(process.execPath, [`${root}node_modules/.bin/nx`, "show", "projects"], { cwd: root });
});
afterAll(() => rmSync(graphDirectory, { recursive: true, force: true }));

/** The rules that a file of a domain library with this text breaks. */
async function broken(text: string, file = "libs/rollout/src/not-written.ts"): Promise<readonly string[]> {
  const [result] = await eslint.lintText(text, { filePath: `${root}${file}` });
  if (result === undefined) throw new Error(`${file} is ignored by eslint.config.mjs`);
  return result.messages.map(({ ruleId, message }) => ruleId ?? message);
}

const forbidden: readonly (readonly [string, string, string])[] = [
  ["files", 'import { readFileSync } from "node:fs";\nexport const text = readFileSync("/etc/hosts");\n', "no-restricted-imports"],
  [
    "files, without the prefix",
    'import { readFileSync } from "fs";\nexport const text = readFileSync("/etc/hosts");\n',
    "no-restricted-imports",
  ],
  ["randomness", 'export { randomUUID } from "node:crypto";\n', "no-restricted-imports"],
  ["the wire", 'import { Server } from "@grpc/grpc-js";\nexport const server = new Server();\n', "no-restricted-imports"],
  ["an adapter", 'import { openStore } from "@treeline/store";\nexport const store = openStore;\n', "no-restricted-imports"],
  ["an adapter's types", 'import type { Store } from "@treeline/store";\nexport type Kept = Store;\n', "no-restricted-imports"],
  ["an adapter's inner file", 'export { store } from "@treeline/store/src/store.ts";\n', "no-restricted-imports"],
  ["an adapter by its path", 'export { store } from "../../store/src/store.ts";\n', "no-restricted-imports"],
  ["a module at run time", 'export const fs = () => import("node:fs");\n', "no-restricted-syntax"],
  ["the clock", "export const now = (): number => Date.now();\n", "no-restricted-properties"],
  ["the clock, as an object", "export const now = (): Date => new Date();\n", "no-restricted-syntax"],
  ["the clock, as text", "export const now = (): string => Date();\n", "no-restricted-syntax"],
  ["chance", "export const dice = (): number => Math.random();\n", "no-restricted-properties"],
  ["the environment", 'export const home = process.env["HOME"];\n', "no-restricted-globals"],
  ["a timer", "export const later = (): unknown => setTimeout(() => 1, 1);\n", "no-restricted-globals"],
  ["the network", 'export const page = fetch("http://localhost");\n', "no-restricted-globals"],
  ["a global by another name", "export const chance = globalThis.crypto;\n", "no-restricted-globals"],
];

describe("a domain library", () => {
  it.each(forbidden)("may not use %s", async (_name, text, rule) => {
    expect(await broken(text)).toContain(rule);
  });

  it.each(["audit", "fleet", "disruption", "upgrade", "quantity", "tenancy", "health"])(
    "is guarded in libs/%s, also in its folders",
    async (library) => {
      expect(await broken("export const dice = Math.random();\n", `libs/${library}/src/deep/not-written.ts`)).toContain(
        "no-restricted-properties",
      );
    },
  );

  it("may use other domain libraries, its own files, pure packages, and a time it is given", async () => {
    const text = [
      'import { isChecksum, type Instant } from "@treeline/fleet";',
      'import { Map as PersistentMap } from "immutable";',
      'import { apply } from "./snapshot.ts";',
      'import { plan } from "../plan.ts";',
      "export const at = (now: Instant): string => new Date(now).toISOString();",
      "export const used = [isChecksum, PersistentMap, apply, plan, Math.max(1, 2)];",
      "",
    ].join("\n");
    expect(await broken(text)).toEqual([]);
  });

  it("may hash and check signatures in libs/audit, and make nothing up there", async () => {
    const file = "libs/audit/src/not-written.ts";
    expect(await broken('export { hash, verify } from "node:crypto";\n', file)).toEqual([]);
    for (const text of ['export { randomUUID, hash } from "node:crypto";\n', 'export { readFileSync } from "node:fs";\n'])
      expect(await broken(text, file)).toContain("no-restricted-imports");
    expect(await broken('export { hash } from "node:crypto";\n')).toContain("no-restricted-imports");
  });

  it("does not bind adapters and tests", async () => {
    const text = 'import { readFileSync } from "node:fs";\nexport const text = [readFileSync("/etc/hosts"), Date.now(), Math.random()];\n';
    expect(await broken(text, "libs/store/src/not-written.ts")).toEqual([]);
    expect(await broken(text, "libs/rollout/src/not-written.test.ts")).toEqual([]);
  });
});

describe("the direction of dependencies", () => {
  it.each([
    ["a domain library to an adapter", "libs/fleet/src/not-written.ts", "@treeline/store"],
    ["an adapter to an adapter", "libs/store/src/not-written.ts", "@treeline/pki"],
    ["an adapter to the testkit", "libs/store/src/not-written.ts", "@treeline/testkit"],
  ])("is never from %s", async (_name, file, imported) => {
    expect(await broken(`export * from "${imported}";\n`, file)).toContain("@nx/enforce-module-boundaries");
  });

  it("is from an adapter to the domain", async () => {
    expect(await broken('export * from "@treeline/fleet";\n', "libs/store/src/not-written.ts")).toEqual([]);
  });
});
