import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { generateDelta } from "./static-delta.ts";
import { commitTree, initArchive, updateSummary } from "./repository.ts";
import { sysrootRepo } from "./ostree.ts";

/** Support for this library's tests: the smallest tree that `ostree admin deploy` takes, repositories and sysroots of it, and a counting web server. */

const exec = promisify(execFile);
export const osname = "fleetos";
export const ref = "os/stable";

/** Runs the real `ostree`. Deployments stay deletable, where ostree would make them immutable. */
export const ostreeCli = async (...args: readonly string[]): Promise<string> =>
  (
    await exec("ostree", [...args], { env: { ...process.env, LC_ALL: "C.UTF-8", OSTREE_SYSROOT_DEBUG: "mutable-deployments" } })
  ).stdout.trim();

/** A temporary directory; `await using` deletes it. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "treeline-ostree-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Bytes that do not compress, the same ones for the same seed. */
function noise(seed: string, size: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(size / 64) }, (_, i) => createHash("sha512").update(`${seed}/${i}`).digest());
  return Buffer.concat(blocks).subarray(0, size);
}

/** Writes the tree of one version: a kernel, an os-release, a few files in /etc, 8 files common to all versions and 4 of its own. */
export async function writeTree(directory: string, version: string): Promise<void> {
  const modules = `usr/lib/modules/6.1.0-${version}`;
  const folders = ["usr/bin", "usr/etc", "usr/share/data", modules, "boot", "dev", "proc", "run", "sys", "sysroot", "tmp", "var"];
  for (const folder of folders) await mkdir(join(directory, folder), { recursive: true });
  const links = { bin: "usr/bin", lib: "usr/lib", ostree: "sysroot/ostree", home: "var/home", root: "var/roothome" };
  for (const [name, target] of Object.entries(links)) await symlink(target, join(directory, name));
  const write = (name: string, content: string | Buffer): Promise<void> => writeFile(join(directory, name), content);
  await write("usr/lib/os-release", `ID=${osname}\nPRETTY_NAME="FleetOS ${version}"\n`);
  await write(`${modules}/vmlinuz`, `kernel ${version}`);
  await write(`${modules}/initramfs.img`, `initramfs ${version}`);
  await write("usr/etc/app.conf", `version=${version}\n`);
  await write("usr/etc/machine-id", "");
  for (let i = 0; i < 8; i++) await write(`usr/share/data/common${i}`, noise(`common ${i}`, 20_000));
  for (let i = 0; i < 4; i++) await write(`usr/share/data/own${i}`, noise(`${version} ${i}`, 20_000));
}

/** An archive repository with one commit of the tree for each version, on one ref, oldest first. */
export async function publishVersions(options: {
  readonly directory: string;
  readonly versions: readonly string[];
  readonly deltas?: boolean;
}) {
  const repo = join(options.directory, "archive");
  await mkdir(repo);
  await initArchive({ repo });
  await ostreeCli(`--repo=${repo}`, "config", "set", "core.fsync", "false");
  const commits: string[] = [];
  for (const version of options.versions) {
    const tree = join(options.directory, `tree-${version}`);
    await writeTree(tree, version);
    commits.push(await commitTree({ repo, ref, tree, version }));
    const [from, to] = commits.slice(-2);
    if (options.deltas && from && to) await generateDelta({ repo, from, to });
  }
  await updateSummary({ repo });
  return { repo, commits };
}

/** A sysroot (not booted) that has pulled `commits` and deployed each of them from `origin:REF`, the last one being the default. */
export async function makeSysroot(options: {
  readonly directory: string;
  readonly archive: string;
  readonly commits: readonly string[];
}): Promise<string> {
  const sysroot = join(options.directory, "sysroot");
  const repo = sysrootRepo(sysroot);
  await mkdir(sysroot);
  await ostreeCli("admin", "init-fs", "--modern", sysroot);
  await ostreeCli("admin", "os-init", osname, `--sysroot=${sysroot}`);
  for (const [key, value] of [
    ["sysroot.bootloader", "none"],
    ["core.fsync", "false"],
    ["core.min-free-space-percent", "0"],
  ] as const) {
    await ostreeCli(`--repo=${repo}`, "config", "set", key, value);
  }
  for (const commit of options.commits) {
    await ostreeCli(`--repo=${repo}`, "pull-local", "--remote=origin", options.archive, commit);
    await ostreeCli(`--repo=${repo}`, "refs", "--force", `--create=origin:${ref}`, commit);
    await ostreeCli("admin", "deploy", `--sysroot=${sysroot}`, `--os=${osname}`, "--karg=quiet", `origin:${ref}`);
  }
  return sysroot;
}

export interface Request {
  readonly path: string;
  readonly bytes: number;
}

/** Serves a directory on a free port of 127.0.0.1 and keeps account. `answer` may give another status for a path; below 0: none at all. */
export async function serveDirectory(directory: string, answer: (path: string) => number | undefined = () => undefined) {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://host").pathname;
    void stat(join(directory, path)).then(
      (file) => {
        const status = answer(path) ?? (file.isFile() ? 200 : 404);
        if (status < 0) return;
        requests.push({ path, bytes: status === 200 ? file.size : 0 });
        response.writeHead(status);
        if (status === 200) createReadStream(join(directory, path)).pipe(response);
        else response.end();
      },
      () => {
        response.writeHead(404);
        response.end();
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, [Symbol.asyncDispose]: close };
}
