import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OstreeError } from "./ostree-error.ts";
import { writeDetached } from "./detached-metadata.ts";
import { objectPath } from "./argument.ts";
import { parseObjects } from "./object-list.ts";
import { pullCommit, pullMetadata } from "./pull.ts";
import { hasWholeCommit, readCommit } from "./read-commit.ts";
import { listRefs, resolveRef } from "./ref.ts";
import { ensureRemote } from "./remote.ts";
import { addSignature, generateKeyPair, signCommit, verifyCommit } from "./signature.ts";
import { ostreeCli, publishVersions, ref, serveDirectory, temporaryDirectory } from "./test-tree.ts";
import type { Request } from "./test-tree.ts";

const remote = "treeline";
const errorOf = async (promise: Promise<unknown>): Promise<OstreeError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(OstreeError);
  return error as OstreeError;
};
const kinds = (requests: readonly Request[]) => ({
  delta: requests.filter(({ path }) => path.startsWith("/deltas/")).length,
  content: requests.filter(({ path }) => path.endsWith(".filez")).length,
  repeated:
    requests.filter(({ path }) => /\.(filez|dirtree|dirmeta|commit)$/.test(path)).length -
    new Set(requests.filter(({ path }) => /\.(filez|dirtree|dirmeta|commit)$/.test(path)).map(({ path }) => path)).size,
});

/** A server with two versions, and a client that has the first one. */
async function scene(directory: string, answer?: (path: string) => number | undefined) {
  const { repo: archive, commits } = await publishVersions({ directory, versions: ["1", "2"], deltas: true });
  const [first = "", second = ""] = commits;
  const repo = join(directory, "client");
  await ostreeCli(`--repo=${repo}`, "init", "--mode=bare");
  await ostreeCli(`--repo=${repo}`, "config", "set", "core.fsync", "false");
  await ensureRemote({ repo, remote });
  const server = await serveDirectory(archive, answer);
  const source = { repo, remote, ref, url: server.url };
  await pullCommit({ ...source, checksum: first, deltas: true });
  server.requests.length = 0;
  return {
    archive,
    repo,
    first,
    second,
    server,
    source: { ...source, checksum: second },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
const marks = async (repo: string): Promise<readonly string[]> =>
  (await readdir(join(repo, "state"))).filter((name) => name.endsWith(".commitpartial"));

test("with a static delta every byte comes once, and no object comes loose", async () => {
  await using directory = await temporaryDirectory();
  await using it = await scene(directory.path);
  expect(await pullCommit({ ...it.source, deltas: true })).toEqual({ delta: true, deltaError: null });
  expect(kinds(it.server.requests)).toEqual({ delta: 2, content: 0, repeated: 0 });
  const deltaBytes = it.server.requests.filter(({ path }) => path.startsWith("/deltas/")).reduce((sum, { bytes }) => sum + bytes, 0);
  const allBytes = it.server.requests.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(deltaBytes).toBeGreaterThan(80_000);
  expect(allBytes - deltaBytes).toBeLessThan(10_000);
  expect(await resolveRef({ repo: it.repo, ref: `${remote}:${ref}` })).toBe(it.second);
  expect(await marks(it.repo)).toEqual([]);
  await ostreeCli(`--repo=${it.repo}`, "fsck", "--quiet");
});

test("without deltas only the objects that lack are fetched", async () => {
  await using directory = await temporaryDirectory();
  await using it = await scene(directory.path);
  expect(await pullCommit({ ...it.source, deltas: false })).toEqual({ delta: false, deltaError: null });
  const own = 4 + 4; // of 12 data files 4 differ; kernel, initramfs, os-release and app.conf too
  expect(kinds(it.server.requests)).toEqual({ delta: 0, content: own, repeated: 0 });
  await ostreeCli(`--repo=${it.repo}`, "fsck", "--quiet");
});

test("metadata alone brings commit and signature, no content, no ref", async () => {
  await using directory = await temporaryDirectory();
  await using it = await scene(directory.path);
  const keys = generateKeyPair();
  const { commit } = await readCommit({ repo: it.archive, checksum: it.second });
  await writeDetached({ repo: it.archive, checksum: it.second, commitmeta: addSignature(null, signCommit(commit, keys.secretKey)) });
  await pullMetadata(it.source);
  const pulled = await readCommit({ repo: it.repo, checksum: it.second });
  expect(verifyCommit({ ...pulled, checksum: it.second, trustedKeys: [keys.publicKey] })).toEqual({ ok: true, key: keys.publicKey });
  expect(verifyCommit({ ...pulled, checksum: it.second, trustedKeys: [generateKeyPair().publicKey] })).toEqual({
    ok: false,
    reason: "untrusted-key",
  });
  expect(kinds(it.server.requests).content).toBe(0);
  expect(await resolveRef({ repo: it.repo, ref: `${remote}:${ref}` })).toBe(it.first);
  expect(await marks(it.repo)).toEqual([`${it.second}.commitpartial`]);
});

test("a commit is whole once its content is there, not when its metadata alone was fetched", async () => {
  await using directory = await temporaryDirectory();
  await using it = await scene(directory.path);
  expect(await hasWholeCommit(it.repo, it.second)).toBe(false);
  await pullMetadata(it.source);
  expect(await hasWholeCommit(it.repo, it.second)).toBe(false);
  await pullCommit({ ...it.source, deltas: true });
  expect(await hasWholeCommit(it.repo, it.second)).toBe(true);
});

test("an unsigned commit is seen as such before its content is asked for", async () => {
  await using directory = await temporaryDirectory();
  await using it = await scene(directory.path);
  await pullMetadata(it.source);
  const pulled = await readCommit({ repo: it.repo, checksum: it.second });
  expect(verifyCommit({ ...pulled, checksum: it.second, trustedKeys: [generateKeyPair().publicKey] })).toEqual({
    ok: false,
    reason: "unsigned",
  });
});

test("a tampered commit does not get in", async () => {
  await using directory = await temporaryDirectory();
  await using it = await scene(directory.path);
  const path = join(it.archive, objectPath(it.second, "commit"));
  const bytes = await readFile(path);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  await rm(path);
  await writeFile(path, bytes);
  expect((await errorOf(pullMetadata(it.source))).code).toBe("corrupt-object");
  expect((await errorOf(readCommit({ repo: it.repo, checksum: it.second }))).code).toBe("missing-object");
});

test.each(["missing", "damaged"] as const)("a %s delta part is no reason to fail: the content comes loose", async (fault) => {
  await using directory = await temporaryDirectory();
  await using it = await scene(directory.path, fault === "missing" ? (path) => (/deltas\/.*\/0$/.test(path) ? 404 : undefined) : undefined);
  if (fault === "damaged") {
    const [part] = (await readdir(join(it.archive, "deltas"), { recursive: true })).filter((name) => name.endsWith("/0"));
    const path = join(it.archive, "deltas", part ?? "");
    const bytes = await readFile(path);
    await writeFile(
      path,
      bytes.map((byte, i) => (i === 5000 ? byte ^ 1 : byte)),
    );
  }
  const outcome = await pullCommit({ ...it.source, deltas: true });
  expect(outcome.delta).toBe(false);
  expect(outcome.deltaError?.code).toBe(fault === "missing" ? "http-status" : "corrupt-object");
  await ostreeCli(`--repo=${it.repo}`, "fsck", "--quiet");
  expect(await resolveRef({ repo: it.repo, ref: `${remote}:${ref}` })).toBe(it.second);
});

test("a hole in the older commit, which the delta would leave, is found and filled", async () => {
  await using directory = await temporaryDirectory();
  await using it = await scene(directory.path);
  const listing = await ostreeCli(`--repo=${it.repo}`, "ls", "-R", "-C", it.first, "/usr/share/data/common3");
  const [shared = ""] = parseObjects(listing);
  await rm(join(it.repo, objectPath(shared.replace(".filez", ""), "file")));
  await pullCommit({ ...it.source, deltas: true });
  expect(kinds(it.server.requests).content).toBe(1);
  await ostreeCli(`--repo=${it.repo}`, "fsck", "--quiet");
});

test("no ref moves until every object is there, and a repeated call finishes the work", async () => {
  await using directory = await temporaryDirectory();
  let broken = false;
  await using it = await scene(directory.path, (path) => (broken && /deltas|\.filez$/.test(path) ? 404 : undefined));
  broken = true;
  const error = await errorOf(pullCommit({ ...it.source, deltas: true }));
  expect(error).toMatchObject({ code: "http-status", httpStatus: 404, phase: "pull", subject: it.second });
  expect((await listRefs({ repo: it.repo })).get(`${remote}:${ref}`)).toBe(it.first);
  expect(await marks(it.repo)).toEqual([`${it.second}.commitpartial`]);
  broken = false;
  await pullCommit({ ...it.source, deltas: true });
  expect(await resolveRef({ repo: it.repo, ref: `${remote}:${ref}` })).toBe(it.second);
});

test("no ref moves on the word of a delta alone", async () => {
  await using directory = await temporaryDirectory();
  let refused = "";
  await using it = await scene(directory.path, (path) => (refused !== "" && path.endsWith(refused) ? 404 : undefined));
  const [shared = ""] = parseObjects(await ostreeCli(`--repo=${it.repo}`, "ls", "-R", "-C", it.first, "/usr/share/data/common3"));
  await rm(join(it.repo, objectPath(shared.replace(".filez", ""), "file")));
  refused = shared.slice(2);
  expect(await errorOf(pullCommit({ ...it.source, deltas: true }))).toMatchObject({ code: "http-status", phase: "pull" });
  expect(kinds(it.server.requests).delta).toBe(2);
  expect(await resolveRef({ repo: it.repo, ref: `${remote}:${ref}` })).toBe(it.first);
  expect(await marks(it.repo)).toEqual([`${it.second}.commitpartial`]);
});

test("an error does not tell the URL, and an aborted pull says so", async () => {
  await using directory = await temporaryDirectory();
  await using it = await scene(directory.path);
  const url = "http://127.0.0.1:1/random-path";
  const error = await errorOf(pullMetadata({ ...it.source, url }));
  expect(error).toMatchObject({ code: "network", retryable: true });
  expect(error.message + JSON.stringify(error.cause) + String(error.cause)).not.toContain("random-path");
  expect((await errorOf(pullMetadata({ ...it.source, signal: AbortSignal.abort() }))).code).toBe("aborted");
});

test("bad names are refused before any command sees them", async () => {
  const source = { repo: "/nonexistent", remote, ref, url: "http://content.invalid", checksum: "0".repeat(64), deltas: true };
  for (const bad of [{ checksum: "--help" }, { checksum: "ABC" }, { ref: "-x" }, { ref: "a/../b" }, { ref: "a b" }]) {
    expect((await errorOf(pullCommit({ ...source, ...bad }))).code).toBe("bad-input");
  }
  expect((await errorOf(ensureRemote({ repo: "/nonexistent", remote: "--force" }))).code).toBe("bad-input");
});
