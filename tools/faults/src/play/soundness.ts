// What must hold after every case, whatever the fault was.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Machine } from "@treeline/testkit";
import { keepsakes, type Scene } from "./scene.ts";

/** A deployment as `ostree admin status` prints it. */
export interface StatusLine {
  readonly booted: boolean;
  /** CHECKSUM.SERIAL */
  readonly name: string;
  readonly mark: string;
}

export async function statusOf(machine: Machine): Promise<readonly StatusLine[]> {
  return (await machine.adminStatus()).split("\n").flatMap((line) => {
    const match = /^(\*| ) \S+ ([0-9a-f]{64}\.\d+)(?: \((\w+)\))?/.exec(line);
    return match ? [{ booted: match[1] === "*", name: match[2]!, mark: match[3] ?? "" }] : [];
  });
}

/** Where things are mounted inside, without what the machine's own programs mount for themselves. */
export async function mountsOf(machine: Machine): Promise<readonly string[]> {
  const { stdout } = await machine.exec(["cat", "/proc/1/mounts"]);
  return stdout.split("\n").flatMap((line) => line.split(" ").slice(1, 2)).sort();
}

/** What is wrong with the machine; nothing, if it is as it must be. `mounts`: what was mounted when it was new. */
export async function unsoundness(scene: Scene, mounts: readonly string[]): Promise<readonly string[]> {
  const findings = [bootedCommits(scene), repositoryIsClean(scene), keepsakesAreThere(scene), nothingHalfDone(scene), refsAreLetGo(scene), nothingMounted(scene, mounts), guardIsDismissed(scene)];
  return (await Promise.all(findings.map((finding) => finding.catch((error: unknown) => [`a check could not be made: ${error instanceof Error ? error.message : String(error)}`])))).flat();
}

/** Old or new, never neither. */
async function bootedCommits(scene: Scene): Promise<readonly string[]> {
  const { machine, world } = scene;
  const allowed = new Set([scene.old.checksum, scene.new.checksum, ...(scene.case.expect.othersDeployment === true ? [world.releases.other.checksum] : [])]);
  return machine.boots.filter(({ checksum }) => !allowed.has(checksum)).map(({ checksum }) => `it booted ${checksum}, which is neither old nor new`);
}

async function repositoryIsClean({ machine }: Scene): Promise<readonly string[]> {
  const { code, stdout, stderr } = await machine.exec(["ostree", "fsck"]);
  return code === 0 ? [] : [`ostree fsck ended with status ${code}: ${(stderr || stdout).trim().slice(-500)}`];
}

async function keepsakesAreThere({ machine }: Scene): Promise<readonly string[]> {
  const problems = Object.entries(keepsakes).map(async ([file, content]) => {
    const found = await readFile(machine.pathOutside(file), "utf8").catch(() => undefined);
    return found === content ? [] : [`${file} ${found === undefined ? "is gone" : `holds ${JSON.stringify(found)}`}`];
  });
  return (await Promise.all(problems)).flat();
}

/** What ostree itself cleans up at its next command is let go; what is left then must be a deployment that it knows. */
async function nothingHalfDone({ machine, sysroot = machine.sysroot }: Scene & { readonly sysroot?: string }): Promise<readonly string[]> {
  const staged = (await machine.exec(["test", "-e", "/run/ostree/staged-deployment"])).code === 0;
  const cleanup = await machine.exec(["ostree", "admin", "cleanup"]);
  const known = (await statusOf(machine)).map(({ name }) => name);
  const directory = path.join(sysroot, "ostree/deploy", machine.osname, "deploy");
  const found = await readdir(directory);
  return [
    ...(staged ? ["a deployment is still staged"] : []),
    ...(cleanup.code === 0 ? [] : [`ostree admin cleanup ended with status ${cleanup.code}: ${cleanup.stderr.trim()}`]),
    ...(known[0] !== undefined && (await statusOf(machine))[0]?.booted === true ? [] : ["what runs is not what boots next"]),
    ...found.filter((name) => /\.\d+$/.test(name) && !known.includes(name)).map((name) => `the deployment ${name} lies there, and ostree does not know it`),
    ...known.filter((name) => !found.includes(`${name}.origin`)).map((name) => `the deployment ${name} has no origin`),
    ...found.filter((name) => name.endsWith(".origin") && !known.includes(name.replace(/\.origin$/, ""))).map((name) => `${name} has no deployment`),
  ];
}

/** With no attempt open, nothing of it is held any more. */
async function refsAreLetGo({ machine }: Scene): Promise<readonly string[]> {
  const { stdout } = await machine.exec(["ostree", "refs", "--list", "treeline"]);
  return stdout
    .split("\n")
    .filter((ref) => ref === "treeline/target" || ref === "treeline/base")
    .map((ref) => `the ref ${ref} is left`);
}

async function nothingMounted({ machine }: Scene, mounts: readonly string[]): Promise<readonly string[]> {
  return (await mountsOf(machine)).filter((mount) => !mounts.includes(mount)).map((mount) => `${mount} is still mounted`);
}

/** With no attempt open there is nothing to watch, and what the guard did has been taken note of. A file cut off before its sum says nothing to the guard. */
async function guardIsDismissed({ machine }: Scene): Promise<readonly string[]> {
  const read = (name: string): Promise<string> => readFile(path.join(machine.varDirectory, "lib/treeline/guard", name), "utf8").catch(() => "");
  const left = await Promise.all(["armed", "returned"].map(async (name) => ((await read(name)).includes("\nsum=") ? [`the boot guard still has its file "${name}"`] : [])));
  return left.flat();
}
