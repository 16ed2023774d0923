import { assignmentsOf } from "../unit-text.ts";
import type { HostTree } from "./after-boot.ts";
import { findUnit, firstOf, unitDirectories, unitTexts } from "./unit-files.ts";

/** What every boot starts, whatever its default target: services and timers ask for these without a word in their text. */
const inEveryBoot = ["sysinit.target", "basic.target"] as const;
/** What a usual boot starts; where there is no default.target to begin at. */
const inUsualBoots = [...inEveryBoot, "timers.target", "multi-user.target", "graphical.target"] as const;

const pullingIn: ReadonlySet<string> = new Set(["Wants", "Requires", "BindsTo", "Upholds"]);
export const pullingDirectories = ["wants", "requires", "upholds"] as const;

/** More than any host has. */
const mostUnits = 5000;

/**
 * Which of some units a boot starts: what the default target pulls in, and what that pulls in, by lines of their texts and by links in their directories.
 * A unit that is not there, or is masked, pulls in nothing. Targets first: on most hosts they name all that is sought, and each unit is a file to read.
 */
export async function startedAtBoot(options: {
  readonly sought: readonly string[];
  readonly tree: HostTree;
  /** Units that are started besides, if they are there. */
  readonly roots?: readonly string[];
  /** False: what services pull in is not looked at. */
  readonly throughServices: boolean;
}): Promise<ReadonlySet<string>> {
  const { sought, tree, roots = [], throughServices } = options;
  const named = new Set<string>();
  const [targets, others]: [string[], string[]] = [[], []];
  const name = (units: readonly string[]): void => {
    for (const unit of units) {
      if (named.has(unit) || named.size > mostUnits) continue;
      named.add(unit);
      (unit.endsWith(".target") ? targets : others).push(unit);
    }
  };
  const begin = (await isThere("default.target", tree)) ? ["default.target", ...inEveryBoot] : inUsualBoots;
  // Not `name` for the roots' own sake: what is sought must be named by a unit that is started.
  for (const unit of new Set([...begin, ...roots])) if (await isThere(unit, tree)) name(await pulledInBy(unit, tree));
  while (!sought.every((unit) => named.has(unit))) {
    const next = targets.shift() ?? (throughServices ? others.shift() : undefined);
    if (next === undefined) break;
    if (await isThere(next, tree)) name(await pulledInBy(next, tree));
  }
  return new Set(sought.filter((unit) => named.has(unit)));
}

async function isThere(unit: string, tree: HostTree): Promise<boolean> {
  const found = await findUnit(unit, tree);
  return found !== undefined && found.state !== "masked";
}

/** What a unit that is started starts: itself by its other name, too, if it is an alias. */
async function pulledInBy(unit: string, tree: HostTree): Promise<readonly string[]> {
  const { target } = (await findUnit(unit, tree)) ?? {};
  const texts = await unitTexts(unit, tree);
  const lines = texts.flatMap(assignmentsOf).filter(({ section, key }) => section === "Unit" && pullingIn.has(key));
  return [...(target === undefined || target === unit ? [] : [target]), ...lines.flatMap(({ value }) => value.split(/\s+/)), ...(await linkedFrom(unit, tree))].filter(isUnitName);
}

const isUnitName = (text: string): boolean => /^[^\s/%]{1,255}\.[a-z]+$/.test(text);

async function linkedFrom(unit: string, tree: HostTree): Promise<readonly string[]> {
  const directories = await unitDirectories();
  const names = await Promise.all(directories.flatMap((directory) => pullingDirectories.map((kind) => tree.names(`${directory}/${unit}.${kind}`))));
  const linked: string[] = [];
  for (const name of new Set(names.flat())) if (await isLinked(name, unit, tree)) linked.push(name);
  return linked;
}

/** Whether a unit has a link in a directory of another. The link's name counts, wherever it leads; a file that is no link does not, nor what masks. */
export async function isLinked(unit: string, from: string, tree: HostTree): Promise<boolean> {
  const directories = await unitDirectories();
  for (const kind of pullingDirectories) {
    const found = await firstOf(directories.map((directory) => `${directory}/${from}.${kind}/${unit}`), tree);
    if (found?.state === "link" || found?.state === "leads nowhere") return true;
  }
  return false;
}
