import { join } from "node:path";
import { expect, test } from "vitest";
import { writeDetached } from "./detached-metadata.ts";
import { parseFeatures, verifiesNatively, verifyNatively } from "./native-signature.ts";
import { readCommit } from "./read-commit.ts";
import { commitTree, initArchive } from "./repository.ts";
import { addSignature, generateKeyPair, signCommit } from "./signature.ts";
import { ref, temporaryDirectory, writeTree } from "./test-tree.ts";

const fedora = `libostree:
 Version: '2024.7'
 Git: 8ab4ad65a3bc1d8b4ab6ea1a5cbbbd3c2a4a5b1d
 Features:
  - inode64
  - initial-var
  - libcurl
  - gpgme
  - composefs
  - sign-ed25519
  - sign-spki
`;

test("reads the features of an ostree", () => {
  expect(parseFeatures(fedora)).toEqual(["inode64", "initial-var", "libcurl", "gpgme", "composefs", "sign-ed25519", "sign-spki"]);
  expect(parseFeatures("ostree 1\n")).toEqual([]);
});

test("says what this host's own ostree does: where it says it verifies it takes our signature and no other key, else it verifies nothing", async () => {
  await using directory = await temporaryDirectory();
  const repo = join(directory.path, "repo");
  await initArchive({ repo });
  await writeTree(join(directory.path, "tree"), "1");
  const checksum = await commitTree({ repo, tree: join(directory.path, "tree"), ref, version: "1" });
  const [ours, theirs] = [generateKeyPair(), generateKeyPair()];
  const { commit } = await readCommit({ repo, checksum });
  await writeDetached({ repo, checksum, commitmeta: addSignature(null, signCommit(commit, ours.secretKey)) });
  const accepts = (keys: readonly string[]): Promise<boolean> =>
    verifyNatively({ repo, checksum, keys }).then(
      () => true,
      () => false,
    );
  expect(await accepts([theirs.publicKey, ours.publicKey])).toBe(await verifiesNatively());
  expect(await accepts([theirs.publicKey])).toBe(false);
});

test("without a key ostree is not asked: it would use others", async () => {
  await expect(verifyNatively({ repo: "/nonexistent", checksum: "0".repeat(64), keys: [] })).rejects.toThrow(RangeError);
});
