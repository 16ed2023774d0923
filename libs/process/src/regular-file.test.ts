import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { readProblem, readRegularFile } from "./regular-file.ts";
import { temporaryDirectory } from "./test-directory.ts";

it("reads a plain file, behind a link and in /proc too, up to its limit", async () => {
  await using temporary = await temporaryDirectory();
  const file = path.join(temporary.dir, "file");
  await writeFile(file, "12345678");
  await symlink("file", path.join(temporary.dir, "link"));
  expect((await readRegularFile(path.join(temporary.dir, "link"), 8)).toString()).toBe("12345678");
  expect((await readRegularFile("/proc/self/cmdline", 65_536)).length).toBeGreaterThan(0);
  await expect(readRegularFile(file, 7)).rejects.toMatchObject({ code: "too-large", subject: file });
});

it("has words for what is no plain file, and waits for no pipe", async () => {
  await using temporary = await temporaryDirectory();
  const at = (name: string): string => path.join(temporary.dir, name);
  await writeFile(at("file"), "");
  await mkdir(at("directory"));
  await symlink("gone", at("dangling"));
  await symlink("circle", at("circle"));
  execFileSync("mkfifo", [at("pipe")]);
  const problem = async (file: string) => readProblem(await readRegularFile(file, 8).catch((error: unknown) => error)).reason;
  expect(await problem(at("pipe"))).toBe("is a pipe or a device");
  expect(await problem("/dev/zero")).toBe("is a pipe or a device");
  expect(await problem(at("directory"))).toBe("is a directory");
  expect(await problem(at("file/below"))).toBe("lies below something that is not a directory");
  expect(await problem(at("dangling"))).toMatch(/^does not exist/);
  expect(await problem(at("circle"))).toMatch(/circle/);
});

it("says what to do, whatever it was", () => {
  for (const code of ["EACCES", "EIO", "EISDIR", "ENXIO"]) {
    expect(readProblem(Object.assign(new Error("x"), { code }))).toEqual({
      reason: expect.any(String) as string,
      remedy: expect.stringMatching(/./) as string,
    });
  }
  expect(readProblem(new Error("odd")).reason).toContain("odd");
});
