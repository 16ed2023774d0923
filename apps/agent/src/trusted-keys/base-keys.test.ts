import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateKeyPair } from "@treeline/ostree";
import { silentLogger, type Logger } from "@treeline/process";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../test-fleet.ts";
import { baseKeys } from "./base-keys.ts";

it("joins the token's keys and those of the image, passing over what is no key", async () => {
  await using directory = await temporaryDirectory();
  const [a, b, c] = [generateKeyPair(), generateKeyPair(), generateKeyPair()].map(({ publicKey }) => publicKey) as [string, string, string];
  await writeFile(join(directory.path, "20-release.pub"), `# the release team\n${c}\nnonsense\n`);
  await writeFile(join(directory.path, "10-release.pub"), `${b} 2026-01-01..2026-12-31\n${a}\n${c} soon..later\n`);
  await writeFile(join(directory.path, "release.key"), generateKeyPair().publicKey);
  const directories = [directory.path, join(directory.path, "missing")];
  const window = { notBefore: Date.UTC(2026, 0, 1), notAfter: Date.UTC(2027, 0, 1) - 1 };
  expect(await baseKeys({ fromToken: [a], directories, logger: silentLogger })).toEqual([{ key: a }, { key: b, ...window }, { key: a }, { key: c }]);
});

it("keeps the other keys where a file is none of keys: a directory, a pipe, a link to nothing, one that is too large", async () => {
  await using directory = await temporaryDirectory();
  const { publicKey } = generateKeyPair();
  const place = (name: string): string => join(directory.path, name);
  await mkdir(place("1-directory.pub"));
  execFileSync("mkfifo", [place("2-pipe.pub")]);
  await symlink(place("missing"), place("3-link.pub"));
  await writeFile(place("4-large.pub"), `${generateKeyPair().publicKey}\n`.repeat(2000));
  await writeFile(place("5-good.pub"), publicKey);
  const warned: unknown[] = [];
  const logger: Logger = { ...silentLogger, warn: (_message, fields) => warned.push(fields) };
  expect(await baseKeys({ fromToken: [], directories: [directory.path], logger })).toEqual([{ key: publicKey }]);
  expect(warned).toMatchObject(["1-directory", "2-pipe", "3-link", "4-large"].map((name) => ({ file: place(`${name}.pub`) })));
});
