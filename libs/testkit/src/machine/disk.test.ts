import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runOrThrow } from "../command.ts";
import { composeRelease } from "../release/release.ts";
import { checkoutRoot } from "./create-machine.ts";
import { requirements } from "./requirements.ts";
import { removeSysroots } from "./sysroot.ts";

const missing = (await requirements()).find(({ name }) => name === "xfs_io");
const why =
  process.getuid?.() !== 0
    ? " (skipped: needs root)"
    : missing === undefined
      ? ""
      : ` (skipped: install ${missing.debianPackage ?? missing.name})`;

test.skipIf(why !== "")(
  `a power cut of a machine with its own disk loses what was not synced, and nothing else${why}`,
  { timeout: 60_000 },
  async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "treeline-disk-"));
    onTestFinished(() => removeSysroots(directory));
    const ref = "fleetos/stable";
    await composeRelease({ repo: path.join(directory, "repo"), ref, version: "1" });
    const node = path.join(checkoutRoot, "node_modules/node/bin/node");
    const script = path.join(import.meta.dirname, "fixtures/power-loss.ts");
    const argv = [node, script, path.join(directory, "machines"), path.join(directory, "repo"), ref];
    const said = await runOrThrow("test", ["unshare", "--mount", "--propagation", "private", ...argv]);
    expect(JSON.parse(said)).toEqual({
      before: { code: 0, stdout: "lost\n" },
      left: ["/var/one/synced"],
      boots: 2,
      fsck: 0,
      full: true,
      again: 0,
    });
    expect(await readFile("/proc/self/mounts", "utf8")).not.toContain(directory);
    expect(await runOrThrow("test", ["losetup", "--list", "--noheadings", "--output", "BACK-FILE"])).not.toContain(directory);
  },
);
