import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runOrThrow } from "../command.ts";
import { hostDirectories } from "../host-directories.ts";
import { composeRelease, type Release, type ReleaseOptions } from "./release.ts";

const ref = "fleetos/x86_64/stable";
let directory: string;
let repo: string;
let first: Release;

const compose = (options: Omit<ReleaseOptions, "repo" | "ref">): Promise<Release> => composeRelease({ repo, ref, ...options });
const ostree = (...argv: string[]): Promise<string> => runOrThrow("test", ["ostree", `--repo=${repo}`, ...argv]);

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "treeline-release-"));
  repo = path.join(directory, "made/on/demand");
  const check = { content: "#!/bin/bash\nexit 1\n", mode: 0o755 };
  first = await compose({
    version: "41.1",
    sizeMiB: 5,
    files: { "usr/lib/greenboot/check/required.d/10-app.sh": check, "/usr/etc/x.conf": "x\n" },
  });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test("a release is a bootable commit with its version, owned by root, in an archive with a summary", async () => {
  expect(first).toMatchObject({ repo, ref, version: "41.1", checksum: (await ostree("rev-parse", ref)).trim() });
  expect(await ostree("show", "--print-metadata-key=version", first.checksum)).toBe("'41.1'\n");
  expect(await ostree("show", "--print-metadata-key=ostree.bootable", first.checksum)).toBe("true\n");
  expect(await readFile(path.join(repo, "config"), "utf8")).toMatch(/^mode=archive-z2$/m);
  expect(await ostree("summary", "--view")).toContain(first.checksum);
  const owners = new Set(
    (await ostree("ls", "-R", first.checksum))
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/).slice(1, 3).join(":")),
  );
  expect([...owners]).toEqual(["0:0"]);
});

test("extra files keep their content and mode, and the host's directories are there to be mounted on", async () => {
  expect(await ostree("ls", first.checksum, "/usr/lib/greenboot/check/required.d/10-app.sh")).toMatch(/^-00755 /);
  expect(await ostree("cat", first.checksum, "/usr/etc/x.conf")).toBe("x\n");
  for (const mounted of hostDirectories()) {
    expect((await ostree("ls", first.checksum, `/${mounted}`)).trim().split("\n"), mounted).toHaveLength(1);
  }
});

test("the same options give the same content; another version changes 5 % of the data", async () => {
  const files = {
    "usr/lib/greenboot/check/required.d/10-app.sh": { content: "#!/bin/bash\nexit 1\n", mode: 0o755 },
    "/usr/etc/x.conf": "x\n",
  };
  const again = await compose({ version: "41.1", sizeMiB: 5, files });
  expect(await ostree("diff", first.checksum, again.checksum)).toBe("");
  const next = await compose({ version: "41.2", sizeMiB: 5, files });
  const changed = (await ostree("diff", first.checksum, next.checksum)).split("\n").filter((line) => line.includes("/usr/share/data/"));
  expect(changed).toHaveLength(4); // of 80 files
});

test.each([
  { options: { version: "4 1" }, subject: "version", remedy: /letters, digits/ },
  { options: { version: "1", sizeMiB: -1 }, subject: "sizeMiB", remedy: /0 or more/ },
  { options: { version: "1", files: { "/etc/x": "" } }, subject: 'files["/etc/x"]', remedy: /usr\/etc/ },
  { options: { version: "1", files: { "usr/../../x": "" } }, subject: 'files["usr/../../x"]', remedy: /plain path/ },
  { options: { version: "1", files: { "usr/bin/tool": "" } }, subject: 'files["usr/bin/tool"]', remedy: /another directory/ },
])("$subject is refused with a reason and a remedy", async ({ options, subject, remedy }) => {
  const error: unknown = await compose(options).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "invalid-option", subject, message: expect.stringMatching(remedy) });
});
