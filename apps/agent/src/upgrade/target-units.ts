import type { DeadUnit } from "@treeline/upgrade";
import { startedBy } from "../unit-text.ts";
import type { HostTree } from "./after-boot.ts";
import { isLinked, pullingDirectories, startedAtBoot } from "./boot-walk.ts";
import { findUnit, unitDirectories, unitTexts } from "./unit-files.ts";

/**
 * Which of the units would not be started after a boot, as systemd finds and enables them: systemd.unit(5). What nothing pulls in today (a service that its
 * timer starts) need not be pulled in then. Presets do not count: they are applied when a host boots for the first time.
 */
export async function deadUnits(options: {
  readonly units: readonly string[];
  readonly today: HostTree;
  readonly afterBoot: HostTree;
}): Promise<readonly DeadUnit[]> {
  const { units, afterBoot } = options;
  const dead: DeadUnit[] = [];
  for (const unit of units) {
    const found = await findUnit(unit, afterBoot);
    if (found === undefined || found.state === "leads nowhere") dead.push({ unit, state: "missing" });
    else if (found.state === "masked") dead.push({ unit, state: "masked" });
    else if (unit.endsWith(".service") && startedBy(await unitTexts(unit, afterBoot)).length === 0) dead.push({ unit, state: "starts nothing" });
  }
  const alive = units.filter((unit) => !dead.some((other) => other.unit === unit));
  return [...dead, ...(await disabled({ ...options, units: alive }))];
}

/** Units that a boot starts today, and would not then. */
async function disabled({ units, today, afterBoot }: Parameters<typeof deadUnits>[0]): Promise<readonly DeadUnit[]> {
  const startedToday = await startedAtBoot({ sought: units, tree: today, throughServices: false });
  const startedThen = await startedAtBoot({ sought: [...startedToday], tree: afterBoot, throughServices: true });
  const dead = [...startedToday].filter((unit) => !startedThen.has(unit));
  for (const unit of units.filter((each) => !startedToday.has(each))) {
    // Enabled, by what no boot seems to start: whatever starts that (the kernel's command line, a device) is not in the tree, and may start it then, too.
    const roots = await linkedTo(unit, today);
    if (roots.length === 0) continue;
    const then = await startedAtBoot({ sought: [unit], tree: afterBoot, roots, throughServices: true });
    if (!then.has(unit)) dead.push(unit);
  }
  return dead.map((unit) => ({ unit, state: "disabled" }));
}

/** The units that have a link to this one. */
async function linkedTo(unit: string, tree: HostTree): Promise<readonly string[]> {
  const names = (await Promise.all((await unitDirectories()).map((directory) => tree.names(directory)))).flat();
  const form = new RegExp(`^(.+)\\.(?:${pullingDirectories.join("|")})$`);
  const found: string[] = [];
  for (const from of new Set(names.flatMap((name) => form.exec(name)?.[1] ?? []))) if (await isLinked(unit, from, tree)) found.push(from);
  return found;
}
