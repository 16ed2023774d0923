import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deploy } from "./deploy.ts";
import { OstreeError } from "./ostree-error.ts";
import { setRef } from "./ref.ts";
import { setDefault } from "./set-default.ts";
import { readDeployments } from "./status.ts";
import type { Deployment } from "./status.ts";
import { makeSysroot, osname, ostreeCli, publishVersions, ref, temporaryDirectory } from "./test-tree.ts";
import { sysrootRepo } from "./ostree.ts";
import { undeploy } from "./undeploy.ts";

process.env["OSTREE_SYSROOT_DEBUG"] = "mutable-deployments";

const codeOf = async (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => (error instanceof OstreeError ? error.code : String(error)),
  );
const places = (deployments: readonly Deployment[]): readonly string[] => deployments.map(({ version, serial }) => `${version}.${serial}`);
const at = (deployments: readonly Deployment[], index: number): Deployment => {
  const found = deployments[index];
  if (!found) throw new Error(`no deployment ${index}`);
  return found;
};
const inTree = (sysroot: string, { checksum, serial }: Deployment, path: string): string =>
  join(sysroot, `ostree/deploy/${osname}/deploy/${checksum}.${serial}`, path);

/** A sysroot with versions 1 and 2 deployed, 2 the default; version 3 is pulled. */
async function scene(directory: string) {
  const { repo: archive, commits } = await publishVersions({ directory, versions: ["1", "2", "3"] });
  const sysroot = await makeSysroot({ directory, archive, commits: commits.slice(0, 2) });
  const repo = sysrootRepo(sysroot);
  const third = commits[2] ?? "";
  await ostreeCli(`--repo=${repo}`, "pull-local", "--remote=origin", archive, third);
  await setRef({ repo, ref: `origin:${ref}`, checksum: third });
  return { sysroot, repo, before: await readDeployments({ sysroot }) };
}

test("deploys what the refspec points at as the new default; kernel arguments and /etc are merged", async () => {
  await using directory = await temporaryDirectory();
  const { sysroot, before } = await scene(directory.path);
  await writeFile(inTree(sysroot, at(before, 0), "etc/local.conf"), "mine\n");
  const after = await deploy({ sysroot, osname, refspec: `origin:${ref}`, stage: false, kargsAppend: ["new=1"] });
  expect(places(after)).toEqual(["3.0", "2.0", "1.0"]);
  expect(at(after, 0)).toMatchObject({ refspec: `origin:${ref}`, kargs: ["quiet", "new=1"] });
  expect(await readFile(inTree(sysroot, at(after, 0), "etc/local.conf"), "utf8")).toBe("mine\n");
  const again = await deploy({ sysroot, osname, refspec: `origin:${ref}`, stage: false, kargsDelete: ["new=1"] });
  expect(places(again)[0]).toBe("3.1");
  expect(at(again, 0).kargs).toEqual(["quiet"]);
});

test("a refspec that does not exist and a name that is an option are told apart", async () => {
  await using directory = await temporaryDirectory();
  const { sysroot } = await scene(directory.path);
  expect(await codeOf(deploy({ sysroot, osname, refspec: "origin:nope", stage: false }))).toBe("not-found-ref");
  expect(await codeOf(deploy({ sysroot, osname, refspec: "--stage", stage: false }))).toBe("bad-input");
  expect(await codeOf(deploy({ sysroot, osname: "--x", refspec: `origin:${ref}`, stage: false }))).toBe("bad-input");
});

test("undeploy takes the deployment it was given, wherever it stands by now", async () => {
  await using directory = await temporaryDirectory();
  const { sysroot, before } = await scene(directory.path);
  const [second, first] = [at(before, 0), at(before, 1)];
  await setDefault({ sysroot, deployment: first });
  await undeploy({ sysroot, deployment: second });
  expect(places(await readDeployments({ sysroot }))).toEqual(["1.0"]);
  expect(await codeOf(undeploy({ sysroot, deployment: second }))).toBe("not-found-deployment");
  expect(await codeOf(undeploy({ sysroot, deployment: { ...first, serial: 1 } }))).toBe("not-found-deployment");
  expect(await codeOf(undeploy({ sysroot, deployment: { ...first, osname: "other" } }))).toBe("not-found-deployment");
  expect(places(await readDeployments({ sysroot }))).toEqual(["1.0"]);
});

test("the way back: the older deployment becomes the default with its own /etc, origin and kernel arguments", async () => {
  await using directory = await temporaryDirectory();
  const { sysroot, before } = await scene(directory.path);
  const [second, first] = [at(before, 0), at(before, 1)];
  await writeFile(inTree(sysroot, first, "etc/app.conf"), "of the first\n");
  await writeFile(inTree(sysroot, second, "etc/app.conf"), "of the second\n");
  await writeFile(inTree(sysroot, second, "etc/bad.conf"), "of the second\n");
  const after = await setDefault({ sysroot, deployment: first });
  expect(after).toEqual([
    { ...first, index: 0 },
    { ...second, index: 1 },
  ]);
  expect(await readDeployments({ sysroot })).toEqual(after);
  expect(await readFile(inTree(sysroot, first, "etc/app.conf"), "utf8")).toBe("of the first\n");
  await expect(readFile(inTree(sysroot, first, "etc/bad.conf"))).rejects.toThrow("ENOENT");
  expect(places(await setDefault({ sysroot, deployment: first }))).toEqual(["1.0", "2.0"]);
});

test("a deployment that is not there cannot become the default, and nothing changes", async () => {
  await using directory = await temporaryDirectory();
  const { sysroot, before } = await scene(directory.path);
  expect(await codeOf(setDefault({ sysroot, deployment: { ...at(before, 1), serial: 7 } }))).toBe("not-found-deployment");
  expect(await readDeployments({ sysroot })).toEqual(before);
});

/** `use` with an ostree before the real one in the PATH: a shell script of these cases of its first two arguments, the real one for all else. */
async function withOstree(directory: string, cases: string, use: () => Promise<unknown>): Promise<void> {
  const bin = join(directory, "bin");
  await mkdir(bin);
  const script = `#!/bin/sh\ncase "$1 $2" in\n${cases}\n*) exec /usr/bin/ostree "$@" ;;\nesac\n`;
  await writeFile(join(bin, "ostree"), script, { mode: 0o755 });
  const path = process.env["PATH"];
  process.env["PATH"] = `${bin}:${path}`;
  try {
    await use();
  } finally {
    process.env["PATH"] = path;
  }
}

test("where ostree has `admin set-default`, that is used, with the index of this moment", async () => {
  await using directory = await temporaryDirectory();
  const { sysroot, before } = await scene(directory.path);
  // An ostree with the command: it notes its arguments, and the real one does the rest.
  const cases = `"admin --help") /usr/bin/ostree admin --help; echo "  set-default        Make deployment INDEX the default" ;;
"admin set-default") echo "$@" > ${join(directory.path, "called")}; exec /usr/bin/ostree admin undeploy --sysroot=${sysroot} 0 ;;`;
  await withOstree(directory.path, cases, () => setDefault({ sysroot, deployment: at(before, 1) }));
  expect(await readFile(join(directory.path, "called"), "utf8")).toBe(`admin set-default --sysroot=${sysroot} 1\n`);
});

test("nothing is made the default over what is staged, also when its finalization is locked, and that is not dropped", async () => {
  await using directory = await temporaryDirectory();
  const { sysroot, before } = await scene(directory.path);
  const [called, staged] = [join(directory.path, "called"), join(directory.path, "staged")];
  await writeFile(staged, `  ${osname} ${"c".repeat(64)}.0 (finalization locked)\n`);
  const cases = `"admin --help") echo "  set-default        Make deployment INDEX the default" ;;
"admin status") cat ${staged} 2>/dev/null; exec /usr/bin/ostree "$@" ;;
"admin undeploy" | "admin set-default") echo "$@" >> ${called} ;;`;
  await withOstree(directory.path, cases, async () => {
    const refused = { code: "deployment-in-use", retryable: true, message: expect.stringContaining(`${"c".repeat(64)}.0 is staged`) };
    await expect(setDefault({ sysroot, deployment: at(before, 1) })).rejects.toMatchObject(refused);
  });
  await expect(readFile(called)).rejects.toThrow("ENOENT");
});
