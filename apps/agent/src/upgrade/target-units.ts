import type { DeadUnit } from "@treeline/upgrade";
import type { HostTree } from "./after-boot.ts";

/** Units that a usual boot starts, or starts others for: what one of them pulls in is started. */
const bootTargets = ["sysinit.target", "basic.target", "timers.target", "multi-user.target", "graphical.target", "default.target"] as const;
const pullingIn = ["wants", "requires"] as const;

/**
 * Which of the units would not be started after a boot, as systemd finds and enables them: systemd.unit(5). The first directory that has the name decides,
 * /etc before /usr; a link to /dev/null, or an empty file, masks; a link in UNIT.wants or UNIT.requires starts it. What nothing pulls in today (a service that
 * its timer starts) need not be pulled in then. Presets do not count: they are applied when a host boots for the first time.
 */
export async function deadUnits(options: {
  readonly units: readonly string[];
  readonly today: HostTree;
  readonly afterBoot: HostTree;
}): Promise<readonly DeadUnit[]> {
  const { units, today, afterBoot } = options;
  const { lastingUnitDirectories: directories } = await import("@treeline/host");
  const dead: DeadUnit[] = [];
  for (const unit of units) {
    const state = await firstOf(directories.map((directory) => `${directory}/${unit}`), afterBoot);
    const wanting = await pulledInBy(unit, await unitsThatPull(today, directories), today, directories);
    if (state === undefined || state === "leads nowhere") dead.push({ unit, state: "missing" });
    else if (state === "masked") dead.push({ unit, state });
    else if (wanting.length > 0 && (await pulledInBy(unit, new Set([...wanting, ...bootTargets]), afterBoot, directories)).length === 0) dead.push({ unit, state: "disabled" });
  }
  return dead;
}

/** The file of a unit after the boot: the first that is there. */
export async function fileOf(unit: string, tree: HostTree): Promise<string | undefined> {
  const { lastingUnitDirectories } = await import("@treeline/host");
  for (const directory of lastingUnitDirectories) if ((await tree.entry(`${directory}/${unit}`)) !== null) return `${directory}/${unit}`;
  return undefined;
}

async function unitsThatPull(tree: HostTree, directories: readonly string[]): Promise<ReadonlySet<string>> {
  const names = (await Promise.all(directories.map((directory) => tree.names(directory)))).flat();
  return new Set(names.flatMap((name) => /^(.+)\.(?:wants|requires)$/.exec(name)?.[1] ?? []));
}

/** Those of the units that pull this one in. */
async function pulledInBy(unit: string, by: ReadonlySet<string>, tree: HostTree, directories: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const wanting of by) {
    for (const kind of pullingIn) {
      const state = await firstOf(directories.map((directory) => `${directory}/${wanting}.${kind}/${unit}`), tree);
      // The link's name counts, wherever it leads; a file that is no link does not.
      if (state === "link" || state === "leads nowhere") found.push(wanting);
    }
  }
  return found;
}

/** What the first of some places that has something has there. */
async function firstOf(places: readonly string[], tree: HostTree): Promise<"file" | "link" | "masked" | "leads nowhere" | undefined> {
  for (const place of places) {
    const own = await tree.entry(place);
    if (own === null) continue;
    const { path, entry } = await tree.resolve(place);
    if (path === "/dev/null" || (entry?.kind === "file" && entry.size === 0)) return "masked";
    if (own.kind === "link") return entry === null ? "leads nowhere" : "link";
    return "file";
  }
  return undefined;
}
