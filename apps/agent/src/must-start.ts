import { dirname, join } from "node:path";
import { isSea } from "node:sea";
import type { NeededProgram, StartPath } from "@treeline/upgrade";
import { startedBy } from "./unit-text.ts";
import { hostToday } from "./upgrade/after-boot.ts";
import { neededPrograms } from "./upgrade/needed-programs.ts";
import { unitTexts } from "./upgrade/unit-files.ts";

/** Units without which nobody would look after the host after its next boot. */
const agentUnits = ["treeline-agent.service"] as const;
const guardUnits = ["treeline-boot-guard.service", "treeline-boot-guard-deadline.timer", "treeline-boot-guard-deadline.service"] as const;

/** What must be on this host, and still after every boot, so that it is never left alone. A release that takes some of it away is refused. */
export interface MustStart {
  /** What is started by path: the guard, and the agent where no unit says so (its path is resolved, and says nothing of a link that leads there). */
  readonly paths: readonly StartPath[];
  /** Their units, where these lie today, and what they start, where it is a path; none where systemd is not the host's init. */
  readonly units: readonly { readonly unit: string; readonly path: string; readonly starts: readonly string[] }[];
  readonly programs: readonly NeededProgram[];
  /** Whether there must be a way back to the previous deployment; `script`: the guard's part of it, where ostree has no command for it. */
  readonly wayBack: { readonly script: string | undefined } | undefined;
}

/**
 * Without the agent's program and unit nobody would prove a release, without the guard's nobody would bring the host back from it; and both are worth nothing
 * without the programs they run.
 * @param guard undefined: a guard is not required here
 */
export async function mustStart({ guard }: { readonly guard: string | undefined }): Promise<MustStart> {
  const program = isSea() ? process.execPath : (process.argv[1] ?? process.execPath);
  const { isSystemdRunning, unitFile } = await import("@treeline/host");
  const names = (await isSystemdRunning()) ? [...agentUnits, ...(guard === undefined ? [] : guardUnits)] : [];
  return {
    paths: [
      ...(names.length > 0 ? [] : [{ what: "the agent", path: program, ...(isSea() ? {} : { isRead: true }) }]),
      ...(guard === undefined ? [] : [{ what: "the boot guard", path: guard }, { what: "the boot guard's shell", path: "/bin/sh" }]),
    ],
    units: await Promise.all(
      names.map(async (unit) => {
        const path = await unitFile(unit);
        return { unit, path, starts: startedBy(await unitTexts(unit, hostToday())).flatMap((program) => (program?.startsWith("/") === true ? [program] : [])) };
      }),
    ),
    programs: neededPrograms,
    wayBack: { script: guard === undefined ? undefined : join(dirname(guard), "set-default.py") },
  };
}
