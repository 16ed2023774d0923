import { expect, test } from "vitest";
import { OstreeError } from "./ostree-error.ts";
import { deleteRef, listRefs, resolveRef, setRef } from "./ref.ts";
import { parseShow, showCommit } from "./show.ts";
import { publishVersions, ref, temporaryDirectory } from "./test-tree.ts";

test("refs are set, moved, listed, resolved and deleted", async () => {
  await using directory = await temporaryDirectory();
  const { repo, commits } = await publishVersions({ directory: directory.path, versions: ["1", "2"] });
  const [first = "", second = ""] = commits;
  await setRef({ repo, ref: "treeline/hold/a", checksum: first });
  await setRef({ repo, ref: "treeline/hold/a/b", checksum: first }).catch(() => {});
  await setRef({ repo, ref: "treeline/hold/ab", checksum: second });
  await setRef({ repo, ref: `origin:${ref}`, checksum: first });
  await setRef({ repo, ref: `origin:${ref}`, checksum: second });
  expect(await listRefs({ repo })).toEqual(
    new Map([
      [ref, second],
      ["treeline/hold/a", first],
      ["treeline/hold/ab", second],
      [`origin:${ref}`, second],
    ]),
  );
  expect([...(await listRefs({ repo, prefix: "treeline/hold" })).keys()].sort()).toEqual(["treeline/hold/a", "treeline/hold/ab"]);
  expect(await resolveRef({ repo, ref: "treeline/hold/a" })).toBe(first);
  await deleteRef({ repo, ref: "treeline/hold/a" });
  await deleteRef({ repo, ref: "treeline/hold/a" });
  expect(await resolveRef({ repo, ref: "treeline/hold/a" })).toBeNull();
  expect(await resolveRef({ repo, ref: "treeline/hold/ab" })).toBe(second);
  await deleteRef({ repo, ref: `origin:${ref}` });
  expect(await resolveRef({ repo, ref: `origin:${ref}` })).toBeNull();
});

test("a folder of refs is not deleted in place of one", async () => {
  await using directory = await temporaryDirectory();
  const { repo, commits } = await publishVersions({ directory: directory.path, versions: ["1"] });
  await setRef({ repo, ref: "hold/a", checksum: commits[0] ?? "" });
  await expect(deleteRef({ repo, ref: "hold" })).rejects.toThrow(OstreeError);
  expect(await resolveRef({ repo, ref: "hold/a" })).toBe(commits[0]);
});

test("a ref to a commit that is not there is refused", async () => {
  await using directory = await temporaryDirectory();
  const { repo } = await publishVersions({ directory: directory.path, versions: ["1"] });
  await expect(setRef({ repo, ref: "x", checksum: "0".repeat(64) })).rejects.toThrow(OstreeError);
});

test("a commit tells its version, time and parent", async () => {
  await using directory = await temporaryDirectory();
  const { repo, commits } = await publishVersions({ directory: directory.path, versions: ["1", "2"] });
  const [first = "", second = ""] = commits;
  expect(await showCommit({ repo, checksum: first })).toMatchObject({ checksum: first, version: "1", parent: null });
  const shown = await showCommit({ repo, checksum: second });
  expect(shown).toMatchObject({ checksum: second, version: "2", parent: first });
  expect(shown.timestamp % 1000).toBe(0);
  expect(Math.abs(shown.timestamp - Date.now())).toBeLessThan(86_400_000);
  await expect(showCommit({ repo, checksum: "0".repeat(64) })).rejects.toMatchObject({ code: "missing-object" });
});

test("the author's own text cannot pass for a header", () => {
  const sum = "e6365ecb717d7e004699093f00e0e9548300860f3c787dc42bbaf7efc68cbd20";
  const text = `commit ${sum}\nContentChecksum:  ${sum}\nDate:  2026-11-23 00:38:47 +0000\n\n    Subject\n\nVersion: 666\nParent:  ${sum}\n`;
  expect(parseShow(text)).toEqual({ checksum: sum, version: null, parent: null, timestamp: Date.UTC(2026, 10, 23, 0, 38, 47) });
  expect(() => parseShow("junk")).toThrow(OstreeError);
});
