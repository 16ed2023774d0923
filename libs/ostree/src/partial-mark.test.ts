import { execFile } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { markPartial } from "./partial-mark.ts";
import { temporaryDirectory } from "./test-tree.ts";

const exec = promisify(execFile);
const checksum = "ab".repeat(32);

test("marks a commit, also one that is marked already", async () => {
  await using directory = await temporaryDirectory();
  await mkdir(join(directory.path, "state"));
  await markPartial({ repo: directory.path, checksum });
  await markPartial({ repo: directory.path, checksum });
  expect(await readdir(join(directory.path, "state"))).toEqual([`${checksum}.commitpartial`]);
});

test("marks a commit on a read-only mount, which stays read-only for everybody else", async () => {
  await using directory = await temporaryDirectory();
  const repo = join(directory.path, "ostree/repo");
  await mkdir(join(repo, "state"), { recursive: true });
  const module = fileURLToPath(new URL("partial-mark.ts", import.meta.url));
  const code = `const { markPartial } = await import(${JSON.stringify(module)}); await markPartial(${JSON.stringify({ repo, checksum, mount: directory.path })});`;
  const script =
    'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && "$2" --input-type=module -e "$3" && ! touch "$1/other" && findmnt -n -o OPTIONS "$1"';
  const args = ["--mount", "--propagation", "private", "sh", "-c", script, "sh", directory.path, process.execPath, code];
  const { stdout } = await exec("unshare", args);
  expect(stdout.split(",")).toContain("ro");
  expect(await readdir(join(repo, "state"))).toEqual([`${checksum}.commitpartial`]);
  expect(await readdir(directory.path)).toEqual(["ostree"]);
});
