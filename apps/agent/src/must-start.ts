import { readFile } from "node:fs/promises";
import { isSea } from "node:sea";
import type { StartPath } from "@treeline/upgrade";

/** Units without which nobody would look after the host after its next boot. */
const agentUnits = ["treeline-agent.service"] as const;
const guardUnits = ["treeline-boot-guard.service", "treeline-boot-guard-deadline.timer", "treeline-boot-guard-deadline.service"] as const;

/**
 * What must be on this host after every boot: this very program, the boot guard, and, where systemd is the host's init, their units and what these start, by the path
 * that they name (the program's own is resolved, and says nothing of a link that leads there). A release that takes one of them away is refused: no agent would
 * prove it, or nobody would bring the host back from it.
 * @param guard undefined: a guard is not required here
 */
export async function mustStart({ guard }: { readonly guard: string | undefined }): Promise<readonly StartPath[]> {
  const program = isSea() ? process.execPath : (process.argv[1] ?? process.execPath);
  const programs = [{ what: "the agent", path: program }, ...(guard === undefined ? [] : [{ what: "the boot guard", path: guard }])];
  const { isSystemdRunning, unitFile } = await import("@treeline/host");
  if (!(await isSystemdRunning())) return programs;
  const units = [...agentUnits, ...(guard === undefined ? [] : guardUnits)];
  const started = await Promise.all(
    units.map(async (unit) => {
      const path = await unitFile(unit);
      const starts = startedBy(await readFile(path, "utf8").catch(() => ""));
      return [{ what: `the unit ${unit}`, path }, ...starts.map((start) => ({ what: `what the unit ${unit} starts`, path: start }))];
    }),
  );
  return [...programs, ...started.flat()];
}

/** The programs of a unit's text, systemd.service(5): what may stand before the path is not part of it. */
export function startedBy(unit: string): readonly string[] {
  return [...unit.matchAll(/^ExecStart=[-@:+!|]*(\/\S+)/gm)].map(([, path = ""]) => path);
}
