import { posix } from "node:path";
import type { HostTree } from "./after-boot.ts";

/** What a place has: a file, a link to one, what masks, or a link to nothing. */
export type PlaceState = "file" | "link" | "masked" | "leads nowhere";

export interface Place {
  readonly path: string;
  readonly state: PlaceState;
  /** Of a link: the name of what it leads to, there or not. */
  readonly target?: string | undefined;
}

/** The first of some places that has something: systemd's rule, /etc before /usr. A link to /dev/null, or an empty file, masks. */
export async function firstOf(places: readonly string[], tree: HostTree): Promise<Place | undefined> {
  for (const place of places) {
    const own = await tree.entry(place);
    if (own === null) continue;
    const { path, entry } = await tree.resolve(place);
    if (path === "/dev/null" || (entry?.kind === "file" && entry.size === 0)) return { path: place, state: "masked" };
    if (own.kind !== "link") return { path: place, state: "file" };
    return entry === null ? { path: place, state: "leads nowhere", target: posix.basename(own.target ?? "") } : { path: place, state: "link", target: posix.basename(path) };
  }
  return undefined;
}

/** Where systemd looks for units that outlive a boot. */
export async function unitDirectories(): Promise<readonly string[]> {
  return (await import("@treeline/host")).lastingUnitDirectories;
}

/** What there is of a unit by its name; of an instance (getty@tty1.service) that has no file of its own, its template's. */
export async function findUnit(unit: string, tree: HostTree): Promise<Place | undefined> {
  const directories = await unitDirectories();
  const template = unit.replace(/@[^/]+(?=\.[a-z]+$)/, "@");
  return await firstOf([...new Set([unit, template])].flatMap((name) => directories.map((directory) => `${directory}/${name}`)), tree);
}

/** The text of a unit and those of its drop-ins, in the order in which systemd reads them; none when it has no file, or is masked. */
export async function unitTexts(unit: string, tree: HostTree): Promise<readonly string[]> {
  const found = await findUnit(unit, tree);
  if (found === undefined || found.state === "masked" || found.state === "leads nowhere") return [];
  const dropIns = await dropInsOf([...new Set([unit, found.target ?? unit])], tree);
  return await Promise.all([found.path, ...dropIns].map((path) => tree.text(path)));
}

/** Drop-ins, systemd.unit(5): of all directories together, in the order of their names; of two with one name the first directory's counts. */
async function dropInsOf(units: readonly string[], tree: HostTree): Promise<readonly string[]> {
  const directories = await unitDirectories();
  const own = directories.flatMap((directory) => units.flatMap((unit) => [unit, ...prefixesOf(unit)]).map((name) => `${directory}/${name}.d`));
  const ofType = directories.flatMap((directory) => units.map((unit) => `${directory}/${posix.extname(unit).slice(1)}.d`));
  const byName = new Map<string, string>();
  for (const directory of new Set([...own, ...ofType])) {
    for (const name of await tree.names(directory)) if (name.endsWith(".conf") && !byName.has(name)) byName.set(name, `${directory}/${name}`);
  }
  return [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

/** a-b-c.service: a-b-.service, a-.service */
function prefixesOf(unit: string): readonly string[] {
  const type = posix.extname(unit);
  const words = unit.slice(0, -type.length).split("-");
  return words.slice(1).map((_, index) => `${words.slice(0, words.length - 1 - index).join("-")}-${type}`);
}
