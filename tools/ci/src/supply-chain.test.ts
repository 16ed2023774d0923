import { expect, it } from "vitest";
import { problemsOf, type Component } from "./supply-chain.ts";

const development = [{ name: "cdx:npm:package:development", value: "true" }];
const component = (name: string, id?: string, rest: Partial<Component> = {}): Component => ({ name, version: "1", ...(id === undefined ? {} : { licenses: [{ license: { id } }] }), ...rest });
const plain = component("plain", "MIT");
const from = { resolved: "https://registry.npmjs.org/x/-/x-1.tgz", integrity: "sha512-x" };

it("finds nothing wrong with permissive packages from the registry, and with named exceptions that are not shipped", () => {
  const components = [plain, component("argparse", "Python-2.0", { properties: development }), component("lightningcss-linux-x64-gnu", "MPL-2.0", { properties: development })];
  const locked = { "": {}, "libs/own": {}, "node_modules/own": { link: true }, "node_modules/x": from, "node_modules/y": { integrity: from.integrity }, "node_modules/a/node_modules/@b/c": { ...from, hasInstallScript: true } };
  expect(problemsOf({ components, locked, allowScripts: { "@b/c": false } })).toEqual([]);
});

it.each([
  ["no licence", component("x")],
  ["a licence that is not allowed", component("x", "GPL-3.0-only")],
  ["a choice that nobody has made", { ...component("x"), licenses: [{ expression: "(MIT OR GPL-3.0-only)" }] }],
  ["an exception that would be shipped", component("argparse", "Python-2.0")],
  ["an exception's licence under another name", component("other", "MPL-2.0", { properties: development })],
])("finds %s", (_what, wrong) => {
  expect(problemsOf({ components: [plain, wrong], locked: {}, allowScripts: {} })).toHaveLength(1);
});

it("finds a new install script, one that is gone, a package without hash, another source, and an empty bill", () => {
  const check = (locked: Parameters<typeof problemsOf>[0]["locked"], allowScripts = {}): readonly string[] => problemsOf({ components: [plain], locked, allowScripts });
  expect(check({ "node_modules/x": { ...from, hasInstallScript: true } })).toEqual([expect.stringContaining("x has an install script")]);
  expect(check({}, { x: true })).toEqual([expect.stringContaining("allowScripts names x")]);
  expect(check({ "node_modules/x": {} })).toEqual([expect.stringContaining("no hash")]);
  expect(check({ "node_modules/x": { ...from, resolved: "git+ssh://git@example.org/x" } })).toEqual([expect.stringContaining("registry.npmjs.org")]);
  expect(problemsOf({ components: [], locked: {}, allowScripts: {} })).toHaveLength(1);
});
