import { isSea } from "node:sea";
import type { StartPath } from "@treeline/upgrade";

/** Units without which nobody would look after the host after its next boot. */
const agentUnit = "treeline-agent.service";
const guardUnits = ["treeline-boot-guard.service", "treeline-boot-guard-deadline.timer"] as const;

/**
 * What must be on this host after every boot: this very program, the boot guard, and, where systemd is the host's init, their units. A release that takes one of them
 * away is refused: no agent would prove it, or nobody would bring the host back from it.
 * @param guard undefined: a guard is not required here
 */
export async function mustStart({ guard }: { readonly guard: string | undefined }): Promise<readonly StartPath[]> {
  const program = isSea() ? process.execPath : (process.argv[1] ?? process.execPath);
  const programs = [{ what: "the agent", path: program }, ...(guard === undefined ? [] : [{ what: "the boot guard", path: guard }])];
  const { isSystemdRunning, unitFile } = await import("@treeline/host");
  if (!(await isSystemdRunning())) return programs;
  const units = [agentUnit, ...(guard === undefined ? [] : guardUnits)];
  return [...programs, ...(await Promise.all(units.map(async (unit) => ({ what: `the unit ${unit}`, path: await unitFile(unit) }))))];
}
