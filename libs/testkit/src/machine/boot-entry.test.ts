import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { defaultBootEntry } from "./boot-entry.ts";

let sysroot: string;

beforeEach(async () => {
  sysroot = await mkdtemp(path.join(tmpdir(), "treeline-entries-"));
  await mkdir(path.join(sysroot, "boot/loader/entries"), { recursive: true });
});
afterEach(() => rm(sysroot, { recursive: true, force: true }));

const checksum = (digit: string): string => digit.repeat(64);

async function entry(file: string, version: number, deployment: string): Promise<void> {
  const target = path.join(sysroot, "ostree/deploy/fleetos/deploy", deployment);
  await mkdir(target, { recursive: true });
  await mkdir(path.join(sysroot, "ostree/boot.1"), { recursive: true });
  await symlink(target, path.join(sysroot, "ostree/boot.1", file));
  const text = `title FleetOS (ostree)\nversion ${version}\noptions root=LABEL=root ostree=/ostree/boot.1/${file} quiet\nlinux /vmlinuz\n`;
  await writeFile(path.join(sysroot, "boot/loader/entries", `${file}.conf`), text);
}

test("the highest version boots, compared as numbers, whatever the files are called", async () => {
  await entry("z-nine", 9, `${checksum("a")}.0`);
  await entry("a-ten", 10, `${checksum("b")}.2`);
  const best = defaultBootEntry(sysroot);
  expect(best).toMatchObject({ checksum: checksum("b"), serial: 2, osname: "fleetos" });
  expect(best.commandLine).toBe("root=LABEL=root ostree=/ostree/boot.1/a-ten quiet");
  expect(best.deployment).toMatch(/\/deploy\/b{64}\.2$/);
});

test("a sysroot without entries, and an entry that leads nowhere, are named as such", async () => {
  expect(() => defaultBootEntry(sysroot)).toThrow(expect.objectContaining({ code: "no-boot-entry" }));
  await entry("one", 1, `${checksum("a")}.0`);
  await rm(path.join(sysroot, "ostree/deploy"), { recursive: true });
  expect(() => defaultBootEntry(sysroot)).toThrow(/leads to no deployment/);
});
