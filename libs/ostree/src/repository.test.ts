import { copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeDetached, writeDetachedFile } from "./detached-metadata.ts";
import { importFrom } from "./import.ts";
import { isObjectName, missingObjects, objectFile, objectsOf, parseObjects } from "./object-list.ts";
import { OstreeError } from "./ostree-error.ts";
import { readCommit } from "./read-commit.ts";
import { resolveRef, setRef } from "./ref.ts";
import { commitTree, fsck, initArchive, prune, updateSummary } from "./repository.ts";
import { addSignature, generateKeyPair, type KeyPair, signCommit, verifyCommit } from "./signature.ts";
import { deleteDelta, generateDelta, listDeltas } from "./static-delta.ts";
import { ostreeCli, publishVersions, ref, temporaryDirectory } from "./test-tree.ts";

const codeOf = async (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => (error instanceof OstreeError ? error.code : String(error)),
  );
const file = (repo: string, name: string): string => join(repo, objectFile(name) ?? "no object name");
const allObjects = async (repo: string): Promise<readonly string[]> =>
  (await readdir(join(repo, "objects"), { recursive: true })).filter((name) => name.includes("/")).map((name) => name.replace("/", ""));

/** The publisher's repository with versions 1 and 2, the server's with version 1, and a scratch that holds just what the server lacks of 2. */
async function scene(directory: string) {
  const { repo: publisher, commits } = await publishVersions({ directory, versions: ["1", "2"] });
  const [first = "", second = ""] = commits;
  const [repo, scratch] = [join(directory, "server"), join(directory, "scratch")];
  for (const path of [repo, scratch]) {
    await mkdir(path);
    await initArchive({ repo: path });
  }
  await importFrom({ repo, scratch: publisher, checksum: first, ref });
  const keys = generateKeyPair();
  const { commit } = await readCommit({ repo: publisher, checksum: second });
  await writeDetached({ repo: publisher, checksum: second, commitmeta: addSignature(null, signCommit(commit, keys.secretKey)) });
  const uploaded = await missingObjects({ repo, names: await objectsOf({ repo: publisher, checksum: second }) });
  for (const name of uploaded) {
    await mkdir(dirname(file(scratch, name)), { recursive: true });
    await copyFile(file(publisher, name), file(scratch, name));
  }
  return { publisher, repo, scratch, first, second, uploaded, keys };
}

describe("objects", () => {
  test("of a commit are exactly the files of a repository that holds nothing else", async () => {
    await using directory = await temporaryDirectory();
    const { repo, commits } = await publishVersions({ directory: directory.path, versions: ["1"] });
    const objects = await objectsOf({ repo, checksum: commits[0] ?? "" });
    expect([...objects].sort()).toEqual([...(await allObjects(repo))].sort());
    expect(objects[0]).toBe(`${commits[0]}.commit`);
  });

  test("are found whatever the names of the files", async () => {
    await using directory = await temporaryDirectory();
    const tree = join(directory.path, "odd");
    await mkdir(join(tree, "a b"), { recursive: true });
    const forged = `x\n-00644 0 0 1 ${"0".repeat(64)} y`;
    for (const [i, name] of ["two\nlines", " -> arrow", "ünïcode", forged, "a b/c -> d"].entries())
      await writeFile(join(tree, name), `${i}`);
    await symlink("to\nnowhere", join(tree, "link"));
    const repo = join(directory.path, "repo");
    await mkdir(repo);
    await initArchive({ repo });
    const checksum = await commitTree({ repo, ref: "odd", tree, version: "1", bootable: false });
    expect([...(await objectsOf({ repo, checksum }))].sort()).toEqual([...(await allObjects(repo))].sort());
  });

  test("have names that cannot lead out of the repository", () => {
    const sum = "ab".repeat(32);
    expect(objectFile(`${sum}.filez`)).toBe(`objects/ab/${"ab".repeat(31)}.filez`);
    for (const bad of [`${sum}.file`, `../${sum}.filez`, `${sum}.filez/..`, `${sum}.filez\n`, sum.toUpperCase() + ".filez", sum, ""]) {
      expect(isObjectName(bad)).toBe(false);
      expect(objectFile(bad)).toBeNull();
    }
  });

  test("of a directory line are two, of a file one, and each is named once", () => {
    const [a, b, c] = ["a".repeat(64), "b".repeat(64), "c".repeat(64)];
    const text = `d00755 0 0      0 ${a} ${b} /\nl00777 0 0      0 ${c} /bin -> usr/bin\n-04755 1000 100  65536 ${c} /x\nrest of a name\n`;
    expect(parseObjects(text)).toEqual([`${a}.dirtree`, `${b}.dirmeta`, `${c}.filez`]);
  });
});

describe("import", () => {
  test("takes a commit of which the scratch holds only what lacked, with its signature", async () => {
    await using directory = await temporaryDirectory();
    const { repo, scratch, first, second, uploaded, keys } = await scene(directory.path);
    expect(uploaded.filter((name) => name.endsWith(".filez"))).toHaveLength(4 + 4);
    expect(uploaded).toContain(`${second}.commitmeta`);
    await importFrom({ repo, scratch, checksum: second, ref });
    await rm(scratch, { recursive: true });
    await fsck({ repo });
    expect(await resolveRef({ repo, ref })).toBe(second);
    expect(
      verifyCommit({ ...(await readCommit({ repo, checksum: second })), checksum: second, trustedKeys: [keys.publicKey] }),
    ).toMatchObject({ ok: true });
    expect(await readdir(join(repo, "state"))).toEqual([]);
    expect(first).not.toBe(second);
  });

  test.each(["filez", "dirtree", "dirmeta", "commit"] as const)(
    "refuses a spoilt %s, sets no ref, and works when repeated with the true one",
    async (kind) => {
      await using directory = await temporaryDirectory();
      const { publisher, repo, scratch, first, second, uploaded } = await scene(directory.path);
      // The version's tree has no dirmeta of its own, so one that the server has is taken away.
      const name =
        uploaded.find((candidate) => candidate.endsWith(`.${kind}`)) ??
        (await allObjects(repo)).find((candidate) => candidate.endsWith(`.${kind}`)) ??
        "";
      await rm(file(repo, name), { force: true });
      await mkdir(dirname(file(scratch, name)), { recursive: true });
      const bytes = await readFile(file(publisher, name));
      await writeFile(
        file(scratch, name),
        bytes.map((byte, i) => (i === bytes.length - 3 ? byte ^ 1 : byte)),
      );
      expect(await codeOf(importFrom({ repo, scratch, checksum: second, ref }))).toBe("corrupt-object");
      expect(await resolveRef({ repo, ref })).toBe(first);
      await writeFile(file(scratch, name), bytes);
      await importFrom({ repo, scratch, checksum: second, ref });
      expect(await resolveRef({ repo, ref })).toBe(second);
      await fsck({ repo });
    },
  );

  test("refuses a commit of which an object is in neither repository", async () => {
    await using directory = await temporaryDirectory();
    const { repo, scratch, first, second, uploaded } = await scene(directory.path);
    await rm(file(scratch, uploaded.find((name) => name.endsWith(".filez")) ?? ""));
    expect(await codeOf(importFrom({ repo, scratch, checksum: second, ref }))).toBe("missing-object");
    expect(await resolveRef({ repo, ref })).toBe(first);
  });

  test("of a commit that is there already finds what it lacks", async () => {
    await using directory = await temporaryDirectory();
    const { publisher, repo, scratch, second } = await scene(directory.path);
    await importFrom({ repo, scratch, checksum: second });
    const shared = parseObjects(await ostreeCli(`--repo=${repo}`, "ls", "-C", second, "/usr/share/data/common1"))[0] ?? "";
    await rm(file(repo, shared));
    expect(await codeOf(importFrom({ repo, scratch, checksum: second }))).toBe("missing-object");
    await importFrom({ repo, scratch: publisher, checksum: second });
    expect(await missingObjects({ repo, names: [shared] })).toEqual([]);
    await fsck({ repo });
  });
});

/** Keys whose signature of this commit ostree shows as numbers: bytes that end in a zero are shown as text. */
function numericallyShownKeys(commit: Uint8Array): KeyPair {
  for (;;) {
    const keys = generateKeyPair();
    if (signCommit(commit, keys.secretKey).at(-1) !== 0) return keys;
  }
}

describe("detached metadata", () => {
  test.each(["libostree", "file"] as const)("written by %s verifies, is what ostree reads, and replaces what was there", async (way) => {
    await using directory = await temporaryDirectory();
    const { repo, commits } = await publishVersions({ directory: directory.path, versions: ["1"] });
    const checksum = commits[0] ?? "";
    const { commit, commitmeta } = await readCommit({ repo, checksum });
    expect(commitmeta).toBeNull();
    const keys = [numericallyShownKeys(commit), numericallyShownKeys(commit)];
    let signed: Uint8Array | null = null;
    for (const { secretKey, publicKey } of keys) {
      signed = addSignature(signed, signCommit(commit, secretKey));
      if (way === "libostree") expect(await writeDetached({ repo, checksum, commitmeta: signed })).toBe(way);
      else await writeDetachedFile({ repo, checksum, commitmeta: signed });
      expect(verifyCommit({ ...(await readCommit({ repo, checksum })), checksum, trustedKeys: [publicKey] })).toEqual({
        ok: true,
        key: publicKey,
      });
    }
    expect(Buffer.from(signed ?? []).equals((await readCommit({ repo, checksum })).commitmeta ?? new Uint8Array())).toBe(true);
    const shown = await ostreeCli(`--repo=${repo}`, "show", "--print-detached-metadata-key=ostree.sign.ed25519", checksum);
    expect(shown.match(/0x[0-9a-f]{2}/g)).toHaveLength(128);
    expect(await missingObjects({ repo, names: await allObjects(repo) })).toEqual([]);
  });

  test("is refused when it is not what ostree could read, or has no commit", async () => {
    await using directory = await temporaryDirectory();
    const { repo, commits } = await publishVersions({ directory: directory.path, versions: ["1"] });
    expect(await codeOf(writeDetached({ repo, checksum: commits[0] ?? "", commitmeta: Buffer.from("junk") }))).toBe("bad-input");
    expect(await codeOf(writeDetached({ repo, checksum: "0".repeat(64), commitmeta: new Uint8Array() }))).toBe("missing-object");
  });
});

test("deltas are made once, listed and deleted; the summary names them", async () => {
  await using directory = await temporaryDirectory();
  const { repo, commits } = await publishVersions({ directory: directory.path, versions: ["1", "2"] });
  const delta = { from: commits[0] ?? "", to: commits[1] ?? "" };
  expect(await listDeltas({ repo })).toEqual([]);
  await generateDelta({ repo, ...delta });
  await generateDelta({ repo, ...delta, bsdiff: false });
  await updateSummary({ repo });
  expect(await listDeltas({ repo })).toEqual([delta]);
  expect(await ostreeCli(`--repo=${repo}`, "summary", "-v")).toContain(`${delta.from}-${delta.to}`);
  await deleteDelta({ repo, ...delta });
  expect(await listDeltas({ repo })).toEqual([]);
});

test("prune keeps what a ref holds and nothing else; a damaged repository fails fsck", async () => {
  await using directory = await temporaryDirectory();
  const { repo, commits } = await publishVersions({ directory: directory.path, versions: ["1", "2", "3"], deltas: true });
  const [first = "", second = "", third = ""] = commits;
  await setRef({ repo, ref: "treeline/hold/1", checksum: first });
  await prune({ repo });
  expect(await missingObjects({ repo, names: commits.map((commit) => `${commit}.commit`) })).toEqual([`${second}.commit`]);
  expect(await listDeltas({ repo })).toEqual([{ from: second, to: third }]);
  await fsck({ repo });
  const victim = (await objectsOf({ repo, checksum: third })).find((name) => name.endsWith(".filez")) ?? "";
  await rm(file(repo, victim));
  expect(await codeOf(fsck({ repo }))).toBe("corrupt-object");
});
