import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readSpace } from "./file-system-space.ts";
import { hasProgram, unitFile, unitState } from "./installed-tools.ts";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "treeline-host-"));
  for (const name of ["first", "second", "bin", "bin/folder"]) await mkdir(join(directory, name));
  await writeFile(join(directory, "bin/own"), "", { mode: 0o755 });
  await writeFile(join(directory, "bin/text"), "", { mode: 0o644 });
});
afterAll(() => rm(directory, { recursive: true }));

it("finds programs in PATH and where a system has its own, and nothing that cannot be run", async () => {
  const path = `relative:${join(directory, "bin")}`;
  expect(await hasProgram("own", path)).toBe(true);
  expect(await hasProgram("own", "/nonexistent")).toBe(false);
  expect(await hasProgram("sh", "/nonexistent")).toBe(true);
  expect(await hasProgram("text", path)).toBe(false);
  expect(await hasProgram("folder", path)).toBe(false);
  expect(await hasProgram("sh", undefined)).toBe(true);
});

it("tells units apart that are there, masked or missing; the first directory decides", async () => {
  const [first, second] = [join(directory, "first"), join(directory, "second")];
  for (const unit of ["plain", "masked", "empty"]) await writeFile(join(second, `${unit}.service`), "[Unit]\n");
  await symlink("/dev/null", join(first, "masked.service"));
  await writeFile(join(first, "empty.service"), "");
  await symlink(join(second, "plain.service"), join(first, "alias.service"));
  const state = (unit: string) => unitState(`${unit}.service`, [join(directory, "nothing"), first, second]);
  expect(await Promise.all(["plain", "masked", "empty", "alias", "other"].map(state))).toEqual([
    "present",
    "masked",
    "masked",
    "present",
    "missing",
  ]);
});

it("reads a file system as df does, for root", async () => {
  const space = await readSpace(directory);
  const { bsize, blocks, files } = statfsSync(directory);
  expect(space).toMatchObject({ path: directory, totalBytes: bsize * blocks, totalInodes: files });
  expect(space.freeBytes).toBeGreaterThan(0);
  expect(space.freeBytes).toBeLessThanOrEqual(space.totalBytes);
  expect((await readSpace("/")).device === space.device).toBe(
    execFileSync("stat", ["-c", "%d", "/"], { encoding: "utf8" }) === execFileSync("stat", ["-c", "%d", directory], { encoding: "utf8" }),
  );
  expect((await readSpace("/proc")).device).not.toBe(space.device);
  await expect(readSpace(join(directory, "nothing"))).rejects.toThrow("ENOENT");
});

it("says where a unit lies, or where it would", async () => {
  const [first, second] = [join(directory, "first"), join(directory, "second")];
  await writeFile(join(second, "found.service"), "[Unit]\n");
  expect(await unitFile("found.service", [first, second])).toBe(join(second, "found.service"));
  expect(await unitFile("nowhere.service", [first, second])).toBe("/usr/lib/systemd/system/nowhere.service");
});
