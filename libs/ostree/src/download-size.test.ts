import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { objectPath } from "./argument.ts";
import { parseSizes } from "./commit-sizes.ts";
import { parseSuperblock, superblockPath } from "./delta-size.ts";
import { readElements, readTuple } from "./gvariant-tuple.ts";
import { objectsOf } from "./object-list.ts";
import { presentObjects } from "./present-objects.ts";
import { readCommit } from "./read-commit.ts";
import { initArchive } from "./repository.ts";
import { writeDetached } from "./detached-metadata.ts";
import { addSignature, generateKeyPair, signCommit } from "./signature.ts";
import { ostreeCli, ref, temporaryDirectory, writeTree } from "./test-tree.ts";

/** Two commits that say how large their objects are, and a delta between them with two parts and one file that comes as an object. */
async function scene(directory: string) {
  const repo = join(directory, "archive");
  await mkdir(repo);
  await initArchive({ repo });
  const commits: string[] = [];
  for (const version of ["1", "2"]) {
    const tree = join(directory, version);
    await writeTree(tree, version);
    await writeFile(join(tree, `usr/share/large${version}`), randomBytes(1_500_000));
    const options = ["--owner-uid=0", "--owner-gid=0", "--bootable", "--generate-sizes", `--tree=dir=${tree}`];
    commits.push(await ostreeCli("commit", `--repo=${repo}`, `--branch=${ref}`, ...options));
  }
  const [from = "", to = ""] = commits;
  await ostreeCli(
    "static-delta",
    "generate",
    `--repo=${repo}`,
    "--disable-bsdiff",
    "--min-fallback-size=1",
    `--from=${from}`,
    `--to=${to}`,
  );
  const superblock = await readFile(join(repo, superblockPath({ from, to })));
  const { commit } = await readCommit({ repo, checksum: to });
  return { repo, from, to, superblock, commit };
}
const sizeOf = async (repo: string, path: string): Promise<number> => (await stat(join(repo, path))).size;

test("knows the size of each object of a commit, as a server sends it", async () => {
  await using directory = await temporaryDirectory();
  const { repo, to, commit } = await scene(directory.path);
  const sizes = parseSizes(commit) ?? [];
  const objects = (await objectsOf({ repo, checksum: to })).filter((name) => !name.includes(".commit"));
  expect(sizes.map(({ checksum }) => checksum).toSorted()).toEqual(objects.map((name) => name.slice(0, 64)).toSorted());
  for (const name of objects) {
    const [checksum = "", suffix = ""] = name.split(".");
    expect([name, sizes.find((size) => size.checksum === checksum)?.bytes]).toEqual([
      name,
      await sizeOf(repo, objectPath(checksum, suffix)),
    ]);
  }
  expect(sizes.some(({ unpackedBytes }) => unpackedBytes === 1_500_000)).toBe(true);
});

test("knows of a commit without sizes that it has none", async () => {
  await using directory = await temporaryDirectory();
  const { repo } = await scene(directory.path);
  const checksum = await ostreeCli("commit", `--repo=${repo}`, "--branch=plain", `--tree=dir=${directory.path}/2`);
  expect(parseSizes((await readCommit({ repo, checksum })).commit)).toBeNull();
});

test("knows the size of a delta: its parts, and the objects that come beside it", async () => {
  await using directory = await temporaryDirectory();
  const { repo, from, to, superblock, commit } = await scene(directory.path);
  const { pieces } = parseSuperblock(superblock, { from, to })!;
  const folder = superblockPath({ from, to }).replace("superblock", "");
  const part = pieces.find(({ objects }) => objects.length > 1);
  const fallback = pieces.find(({ objects, unpackedBytes }) => objects.length === 1 && unpackedBytes === 1_500_000);
  expect(pieces).toHaveLength(2);
  expect(part?.bytes).toBe(await sizeOf(repo, `${folder}0`));
  expect(fallback?.bytes).toBe(await sizeOf(repo, objectPath(fallback?.objects[0] ?? "", "filez")));
  expect(await ostreeCli("static-delta", "show", `--repo=${repo}`, `${from}-${to}`)).toContain(
    `size=${part?.bytes} usize=${part?.unpackedBytes}`,
  );
  expect(parseSuperblock(superblock, { from: to, to: from })).toBeNull();

  // A delta made after the signature holds that, too, under a name in the delta's folder.
  await writeDetached({ repo, checksum: to, commitmeta: addSignature(null, signCommit(commit, generateKeyPair().secretKey)) });
  await ostreeCli(
    "static-delta",
    "generate",
    `--repo=${repo}`,
    "--disable-bsdiff",
    "--min-fallback-size=1",
    `--from=${from}`,
    `--to=${to}`,
  );
  const signed = await readFile(join(repo, superblockPath({ from, to })));
  expect(signed.includes("commitmeta")).toBe(true);
  expect(parseSuperblock(signed, { from, to })).toEqual({ pieces });
});

test("parts that the superblock holds itself count nothing beside it", async () => {
  await using directory = await temporaryDirectory();
  const { repo, from, to } = await scene(directory.path);
  await ostreeCli(
    "static-delta",
    "generate",
    `--repo=${repo}`,
    "--inline",
    "--disable-bsdiff",
    "--min-fallback-size=1",
    `--from=${from}`,
    `--to=${to}`,
  );
  const superblock = await readFile(join(repo, superblockPath({ from, to })));
  expect(superblock.length).toBeGreaterThan(80_000);
  const { pieces } = parseSuperblock(superblock, { from, to })!;
  expect(pieces.filter(({ objects }) => objects.length > 1).map(({ bytes }) => bytes)).toEqual([0]);
});

test("no bytes make a reader throw, and what is cut off or of another machine is not read", async () => {
  await using directory = await temporaryDirectory();
  const { from, to, superblock, commit } = await scene(directory.path);
  for (const bytes of [superblock, Buffer.from(commit)]) {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.nat(bytes.length),
        (changes, end) => {
          const spoilt = Buffer.from(bytes);
          for (const [at, value] of changes) spoilt[at] = value;
          for (const given of [spoilt, bytes.subarray(0, end), spoilt.subarray(0, end)]) {
            const found = parseSuperblock(given, { from, to });
            for (const piece of found?.pieces ?? []) expect(piece.bytes).toBeGreaterThanOrEqual(0);
            for (const size of parseSizes(given) ?? []) expect(size.bytes).toBeGreaterThanOrEqual(0);
          }
        },
      ),
      { numRuns: 300 },
    );
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      readTuple(bytes, [{ align: 8 }, { align: 8, size: 8 }, { align: 1 }]);
      readElements(bytes, 8);
      expect(parseSuperblock(bytes, { from, to })).toBeNull();
      expect(parseSizes(bytes)).toBeNull();
    }),
  );
  expect(parseSuperblock(Buffer.alloc(11 * 1024 * 1024), { from, to })).toBeNull();
});

test("tells which objects are here, those of an unfinished pull only when asked", async () => {
  await using directory = await temporaryDirectory();
  const repo = directory.path;
  const [here, halfway, nowhere] = ["ab".repeat(32), "cd".repeat(32), `ab${"0".repeat(62)}`] as const;
  for (const [root, checksum] of [
    ["objects", here],
    ["tmp/staging-boot-x", halfway],
  ] as const) {
    await mkdir(join(repo, root, checksum.slice(0, 2)), { recursive: true });
    await writeFile(join(repo, root, checksum.slice(0, 2), `${checksum.slice(2)}.file`), "");
  }
  await writeFile(join(repo, "tmp/staging-boot-x-lock"), "");
  const checksums = [here, halfway, nowhere];
  expect([...(await presentObjects({ repo, checksums }))]).toEqual([here]);
  expect([...(await presentObjects({ repo, checksums, unfinished: true }))].toSorted()).toEqual([here, halfway]);
  await rm(join(repo, "tmp"), { recursive: true });
  expect([...(await presentObjects({ repo, checksums, unfinished: true }))]).toEqual([here]);
});
