import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readCommitMetadata, unmanagedBecause } from "./commit-metadata.ts";
import { readCommit } from "./read-commit.ts";
import { initArchive } from "./repository.ts";
import { ostreeCli, ref, temporaryDirectory, writeTree } from "./test-tree.ts";

test("a commit of the real ostree says whether Treeline can manage a node that runs it", async () => {
  await using directory = await temporaryDirectory();
  const [repo, tree] = [join(directory.path, "repo"), join(directory.path, "tree")];
  await initArchive({ repo });
  await writeTree(tree, "1");
  const because = async (...flags: readonly string[]): Promise<string | null> => {
    const checksum = await ostreeCli("commit", `--repo=${repo}`, `--branch=${ref}`, `--tree=dir=${tree}`, ...flags);
    const { commit } = await readCommit({ repo, checksum });
    expect(readCommitMetadata(commit)?.map(({ key }) => key)).toContain("ostree.ref-binding");
    return unmanagedBecause(commit);
  };
  expect(await because("--add-metadata-string=version=1")).toBeNull();
  expect(await because("--add-metadata=treeline.unmanaged=false")).toBeNull();
  expect(await because("--add-metadata=treeline.unmanaged=true")).toBe("its metadata says so");
  expect(await because("--add-metadata-string=treeline.unmanaged=a rescue image, no agent")).toBe(
    "its metadata says: a rescue image, no agent",
  );
  // Longer than 64 KiB: the framing offsets are wider.
  expect(await because(`--add-metadata-string=list=${"x".repeat(70_000)}`, "--add-metadata=treeline.unmanaged=true")).toBe(
    "its metadata says so",
  );
});

test("what cannot be read might say it", () => {
  expect(unmanagedBecause(Buffer.alloc(0))).toBe("its metadata cannot be read");
  expect(unmanagedBecause(Buffer.from("no commit"))).toBe("its metadata cannot be read");
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void unmanagedBecause(bytes)));
});
