import { expect, test } from "vitest";
import { parseReserve, readReserve } from "./repo-config.ts";
import { ostreeCli, temporaryDirectory } from "./test-tree.ts";

test.each([
  ["[core]\nrepo_version=1\nmode=bare\n", { percent: 3 }],
  ["[core]\nmin-free-space-percent=0\n", { percent: 0 }],
  ["[core]\nmin-free-space-percent = 7\n", { percent: 7 }],
  ["[core]\nmin-free-space-size=1500MB\nmin-free-space-percent=7\n", { bytes: 1500 * 2 ** 20 }],
  ["[core]\nmin-free-space-size=2GB\n", { bytes: 2 * 2 ** 30 }],
  ['[remote "x"]\nmin-free-space-percent=9\n', { percent: 3 }],
  ["[core]\nmin-free-space-percent=all of it\n", { percent: 3 }],
  ["", { percent: 3 }],
])("%j leaves %j free", (text, reserve) => expect(parseReserve(text)).toEqual(reserve));

test("reads what ostree itself wrote", async () => {
  await using directory = await temporaryDirectory();
  const repo = directory.path;
  await ostreeCli(`--repo=${repo}`, "init", "--mode=bare");
  expect(await readReserve(repo)).toEqual({ percent: 3 });
  await ostreeCli(`--repo=${repo}`, "config", "set", "core.min-free-space-size", "12MB");
  expect(await readReserve(repo)).toEqual({ bytes: 12 * 2 ** 20 });
});
