import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../test-fleet.ts";
import { neededForKeyrings } from "./needed-programs.ts";

it("needs gpg where there is a keyring, and says which ones", async () => {
  await using root = await temporaryDirectory();
  const [first, second] = [join(root.path, "first"), join(root.path, "second")];
  expect(await neededForKeyrings([first, second])).toEqual([]);
  await mkdir(second);
  await writeFile(join(second, "readme"), "");
  expect(await neededForKeyrings([first, second])).toEqual([]);
  await writeFile(join(second, "fleet.asc"), "");
  expect(await neededForKeyrings([first, second])).toMatchObject([{ name: "gpg", because: expect.stringContaining(second) as string }]);
});
