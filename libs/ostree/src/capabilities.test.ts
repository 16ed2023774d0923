import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseVersion, readCapabilities } from "./capabilities.ts";
import { ostreeCli, temporaryDirectory } from "./test-tree.ts";

/** Runs `act` with a program of this text before the real ostree in PATH. */
async function withOstree<Value>(directory: string, script: string, act: () => Promise<Value>): Promise<Value> {
  const bin = join(directory, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "ostree"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const path = process.env["PATH"];
  process.env["PATH"] = `${bin}:${path}`;
  try {
    return await act();
  } finally {
    process.env["PATH"] = path;
  }
}

test("says what this host's ostree is and how its way back works", async () => {
  const { version, setDefault } = await readCapabilities();
  expect(await ostreeCli("--version")).toContain(`'${version}'`);
  expect(["command", "bindings"]).toContain(setDefault);
});

test("prefers ostree's own command, and knows no way without it and without bindings", async () => {
  await using first = await temporaryDirectory();
  const help =
    'case "$1 $2" in "admin --help") echo "  set-default    Make deployment INDEX the default" ;; *) exec /usr/bin/ostree "$@" ;; esac';
  expect((await withOstree(first.path, help, () => readCapabilities())).setDefault).toBe("command");
  await using second = await temporaryDirectory();
  const home = process.env["PYTHONHOME"];
  process.env["PYTHONHOME"] = second.path;
  try {
    const none = 'case "$1 $2" in "admin --help") echo "  status" ;; *) exec /usr/bin/ostree "$@" ;; esac';
    expect((await withOstree(second.path, none, () => readCapabilities())).setDefault).toBe("none");
  } finally {
    if (home === undefined) delete process.env["PYTHONHOME"];
    else process.env["PYTHONHOME"] = home;
  }
});

test.each([
  ["libostree:\n Version: '2022.7'\n Features:\n  - libcurl\n", "2022.7"],
  ["libostree:\n Version: '2024.10'\n Git: v2024.10\n", "2024.10"],
  ["ostree of a kind", undefined],
])("%j is version %s", (text, version) => expect(parseVersion(text)).toBe(version));
