import { posix } from "node:path";
import type { OsState } from "@treeline/fleet";
import { findBindings, isKeyring, kernelOf, namesSetDefault } from "@treeline/ostree";
import { targetFindings, type Finding, type NeededProgram, type StartPath, type UnfitStart } from "@treeline/upgrade";
import type { MustStart } from "../must-start.ts";
import { startedBy } from "../unit-text.ts";
import { hostAfterBoot, hostToday, type HostTree } from "./after-boot.ts";
import { gpg } from "./needed-programs.ts";
import { readSpaceFacts } from "./preflight.ts";
import { deadUnits } from "./target-units.ts";
import { unitTexts } from "./unit-files.ts";

export interface TargetCheckOptions {
  readonly repo: string;
  readonly sysroot?: string | undefined;
  readonly os: OsState;
  readonly checksum: string;
  readonly stateDirectory: string;
  readonly mustStart: MustStart;
  /** Where GPG keyrings may lie. */
  readonly keyrings: readonly string[];
  /** Where the host's own files are looked for, and what is mounted there; for tests. */
  readonly root?: string | undefined;
  readonly mounted?: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** What can be said against a release only once it lies in the repository, and must be before `staged`. @throws OstreeError */
export async function checkTarget(options: TargetCheckOptions): Promise<readonly Finding[]> {
  const { mustStart, keyrings, root, signal } = options;
  const afterBoot = await hostAfterBoot(options);
  return targetFindings({
    unfit: await unfitStarts(mustStart, afterBoot),
    units: await deadUnits({ units: mustStart.units.map(({ unit }) => unit), today: hostToday(root), afterBoot }),
    missingPrograms: await missingPrograms([...mustStart.programs, ...(await neededForKeyrings(keyrings, afterBoot))], afterBoot),
    wayBackLacks: mustStart.wayBack === undefined ? [] : await wayBackLacks(mustStart.wayBack.script, afterBoot, signal),
    space: await readSpaceFacts(options),
    kernelBytes: await kernelBytes(options),
  });
}

const isFile = async (tree: HostTree, path: string): Promise<boolean> => (await tree.resolve(path)).entry?.kind === "file";

/** Of what must start: what could not, by the text that the units will have. */
async function unfitStarts({ paths, units }: MustStart, afterBoot: HostTree): Promise<readonly UnfitStart[]> {
  const starts: StartPath[] = [...paths];
  for (const { unit } of units) {
    const what = `what the unit ${unit} starts`;
    for (const program of startedBy(await unitTexts(unit, afterBoot))) {
      if (program !== undefined) starts.push({ what, path: program.startsWith("/") ? program : await placeForUnits(program, afterBoot) });
    }
  }
  const unfit: UnfitStart[] = [];
  for (const start of starts) {
    const state = await startState(start, afterBoot);
    if (state !== "fit" && !unfit.some(({ path }) => path === start.path)) unfit.push({ ...start, state });
  }
  return unfit;
}

async function startState({ path, isRead = false }: StartPath, tree: HostTree): Promise<UnfitStart["state"] | "fit"> {
  // A name without a directory: systemd would not find it.
  const { entry } = path.startsWith("/") ? await tree.resolve(path) : { entry: null };
  if (entry?.kind !== "file") return "missing";
  if (entry.size === 0) return "empty";
  return isRead || (entry.mode & 0o111) !== 0 ? "fit" : "not executable";
}

/** Where systemd, as distributions build it, looks for a program that a unit names without a path. */
const unitPath = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"] as const;

/** Where it will find it; without a directory when it will not. */
async function placeForUnits(name: string, tree: HostTree): Promise<string> {
  for (const directory of unitPath) if ((await startState({ what: "", path: `${directory}/${name}` }, tree)) === "fit") return `${directory}/${name}`;
  return name;
}

/** Where a program will be found by its name: in the same places, in the same order, as it is today. */
async function placeOf(name: string, tree: HostTree): Promise<string | undefined> {
  const { programPlaces } = await import("@treeline/host");
  for (const place of programPlaces(name)) {
    const { entry } = await tree.resolve(place);
    if (entry?.kind === "file" && (entry.mode & 0o111) !== 0) return place;
  }
  return undefined;
}

async function missingPrograms(programs: readonly NeededProgram[], afterBoot: HostTree): Promise<readonly NeededProgram[]> {
  const missing: NeededProgram[] = [];
  for (const program of programs) if ((await placeOf(program.name, afterBoot)) === undefined) missing.push(program);
  return missing;
}

async function neededForKeyrings(directories: readonly string[], afterBoot: HostTree): Promise<readonly NeededProgram[]> {
  for (const directory of directories) if ((await afterBoot.names(directory)).some(isKeyring)) return [gpg(directory)];
  return [];
}

const python = "/usr/bin/python3";

/**
 * What the way back would lack: nothing where the ostree that will be there names the command for it. Else the bindings must be there: python, its package
 * `gi` and what that reads of libostree, where this host has them or where distributions put them; and the guard's script. That they work is not tried.
 */
async function wayBackLacks(script: string | undefined, afterBoot: HostTree, signal: AbortSignal): Promise<readonly string[]> {
  const ostree = await placeOf("ostree", afterBoot);
  if (ostree !== undefined && namesSetDefault(await afterBoot.text(ostree))) return [];
  const interpreter = await afterBoot.resolve(python);
  const today = await findBindings({ signal });
  // The package lies in a directory of python's version, which the release may change.
  const version = /^python(3\.\d+)$/.exec(posix.basename(interpreter.path))?.[1] ?? "3";
  const modules = ["/usr/lib/python3/dist-packages", `/usr/lib64/python${version}/site-packages`, `/usr/lib/python${version}/site-packages`];
  const typelibs = ["/usr/lib64", "/usr/lib", `/usr/lib/${multiarch[process.arch] ?? "unknown"}`];
  const needed: readonly { readonly what: string; readonly places: readonly string[] }[] = [
    { what: python, places: [python] },
    {
      what: "python's package gi",
      places: [...(today === undefined ? [] : [today.module.replace(/\/python3\.\d+\//, `/python${version}/`)]), ...modules.map((directory) => `${directory}/gi/__init__.py`)],
    },
    { what: "OSTree-1.0.typelib", places: [...(today === undefined ? [] : [today.typelib]), ...typelibs.map((directory) => `${directory}/girepository-1.0/OSTree-1.0.typelib`)] },
    ...(script === undefined ? [] : [{ what: script, places: [script] }]),
  ];
  const lacking: string[] = [];
  for (const { what, places } of needed) {
    const found = await firstFile(places.filter(Boolean), afterBoot);
    if (found === undefined) lacking.push(what);
  }
  return lacking;
}

/** Debian's names of architectures, in the paths of their libraries. */
const multiarch: Readonly<Partial<Record<NodeJS.Architecture, string>>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

async function firstFile(places: readonly string[], tree: HostTree): Promise<string | undefined> {
  for (const place of places) if (await isFile(tree, place)) return place;
  return undefined;
}

/** What the commit's kernel will take on /boot; 0: a deployment here has the same. */
async function kernelBytes({ repo, checksum, os, signal }: TargetCheckOptions): Promise<number | undefined> {
  const kernel = await kernelOf({ repo, checksum, signal });
  if (kernel === undefined) return undefined;
  const deployed = new Set(os.deployments.filter(({ staged }) => !staged).map((deployment) => deployment.checksum));
  for (const other of deployed) if ((await kernelOf({ repo, checksum: other, signal }))?.id === kernel.id) return 0;
  return kernel.bytes;
}
