import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeDebianPackage } from "./debian-package.ts";
import { writeHostArchive } from "./host-archive.ts";
import { enabledUnits, layouts, packageContents, unitNames, type Layout, type PackagedFile } from "./package-contents.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const executable = Buffer.from("#!/bin/sh\necho stands for the agent\n");
const version = "1.2.3";

let work: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), "treeline-packages-"));
});
afterAll(() => rm(work, { recursive: true, force: true }));

const contents = (layout: Layout): Promise<readonly PackagedFile[]> => packageContents({ root, executable, copyright: "nobody's\n", layout });

async function debianPackage(name: string): Promise<string> {
  const directory = path.join(work, name);
  await mkdir(directory);
  return writeDebianPackage({ root, version, files: await contents(layouts.image), enabledUnits: await enabledUnits(root), directory });
}

it("the Debian package puts agent, boot guard and units below /usr", async () => {
  const file = await debianPackage("deb");
  const tree = path.join(work, "tree");
  execFileSync("dpkg-deb", ["--extract", file, tree]);
  expect(execFileSync(path.join(tree, "usr/bin/treeline-agent"), { encoding: "utf8" })).toBe("stands for the agent\n");
  expect(spawnSync(path.join(tree, "usr/lib/treeline/boot-guard"), ["no-such-verb"]).status).toBe(2);
  expect(await readFile(path.join(tree, "usr/lib/treeline/set-default.py"), "utf8")).toBe(await readFile(path.join(root, "libs/ostree/src/set-default.py"), "utf8"));
  for (const name of await unitNames(root)) expect(await readFile(path.join(tree, "usr/lib/systemd/system", name), "utf8")).toBe(await readFile(path.join(root, "apps/agent/systemd", name), "utf8"));
});

it("its control files have nothing left to fill in, and its sums are right", async () => {
  const file = await debianPackage("control");
  const control = path.join(work, "control-files");
  execFileSync("dpkg-deb", ["--control", file, control]);
  const scripts = await Promise.all(["control", "postinst", "postrm"].map((name) => readFile(path.join(control, name), "utf8")));
  expect(scripts.join("\n")).not.toMatch(/@[A-Z_]+@/);
  expect(scripts[0]).toMatch(/^Version: 1\.2\.3$/m);
  expect(scripts[1]).toContain("treeline-agent.service");
  for (const script of ["postinst", "postrm"]) execFileSync("sh", ["-n", path.join(control, script)]);
  const tree = path.join(work, "control-tree");
  execFileSync("dpkg-deb", ["--extract", file, tree]);
  execFileSync("md5sum", ["--check", "--strict", path.join(control, "md5sums")], { cwd: tree, stdio: "pipe" });
});

it("the same files make the same package", async () => {
  expect(await readFile(await debianPackage("first"))).toEqual(await readFile(await debianPackage("second")));
});

it("the archive unpacks through a /usr/local that is a link, and its files name each other where they are", async () => {
  const file = await writeHostArchive({ version, files: await contents(layouts.host), directory: work });
  const host = path.join(work, "host");
  await mkdir(path.join(host, "var/usrlocal"), { recursive: true });
  await mkdir(path.join(host, "usr"));
  await symlink("../var/usrlocal", path.join(host, "usr/local"));
  execFileSync("tar", ["--extract", `--file=${file}`, `--directory=${host}`]);
  execFileSync(path.join(host, "var/usrlocal/bin/treeline-agent"));
  const named = (await Promise.all((await unitNames(root)).map((name) => readFile(path.join(host, "etc/systemd/system", name), "utf8")))).flatMap((unit) => [...unit.matchAll(/^Exec\w+=(\S+)/gm)].map((match) => match[1]));
  expect(named.length).toBeGreaterThan(2);
  for (const program of named) execFileSync("test", ["-x", path.join(host, program?.replace("/usr/local", "/var/usrlocal") ?? "")]);
  expect(await readFile(path.join(host, "etc/systemd/system/treeline-agent.service.d/10-boot-guard.conf"), "utf8")).toContain("=/usr/local/lib/treeline/boot-guard\n");
});

it("there is no package without the boot guard", async () => {
  const checkout = path.join(work, "checkout");
  await mkdir(checkout);
  await expect(packageContents({ root: checkout, executable, copyright: "", layout: layouts.image })).rejects.toThrow("boot-guard is missing");
});

const analyze = spawnSync("systemd-analyze", ["--version"]).status === 0;
it.skipIf(!analyze)("systemd understands the units", async () => {
  const units = path.join(work, "units");
  await mkdir(units);
  const files = await Promise.all(
    (await unitNames(root)).map(async (name) => {
      const text = await readFile(path.join(root, "apps/agent/systemd", name), "utf8");
      // It looks for the programs too, which are not on this computer.
      await writeFile(path.join(units, name), text.replaceAll(/^(Exec\w+=)\S+/gm, "$1/bin/true"));
      return path.join(units, name);
    }),
  );
  expect(spawnSync("systemd-analyze", ["verify", ...files], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});

it("the example configuration is right, with its settings in force too", async () => {
  const example = await readFile(path.join(root, "apps/agent/packaging/agent.yaml.example"), "utf8");
  const inForce = path.join(work, "agent.yaml");
  await writeFile(inForce, example.replaceAll(/^#(?=\w|  )/gm, ""));
  const agent = [path.join(root, "apps/agent/src/main.ts"), "--check-config", "-c"];
  expect(spawnSync(process.execPath, [...agent, path.join(root, "apps/agent/packaging/agent.yaml.example")], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  expect(spawnSync(process.execPath, [...agent, inForce], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});
