import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateKeyPair } from "@treeline/ostree";
import { silentLogger } from "@treeline/process";
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
