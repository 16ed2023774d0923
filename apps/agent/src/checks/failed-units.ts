import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { promisify } from "node:util";
import type { Check } from "./check.ts";
import type { ProgramResult } from "./run-program.ts";

const toolMillis = 30_000;
const maxBytes = 1024 * 1024;
const maxNamed = 20;
/** There while systemd is pid 1 (sd_booted(3)). */
const bootedMark = "/run/systemd/system";
/** What fails of our own is said where it belongs: a failed agent says nothing anyway, and the boot guard's word is asked for itself. */
const ours = /^treeline-/;

export interface FailedUnitsOptions {
  readonly severity: "required" | "wanted" | "off";
  /** Names of units whose failure is nobody's business. */
  readonly ignore: readonly string[];
}

/** "No systemd unit has failed" as a check; undefined where it does not apply. */
export async function failedUnitsCheck({ severity, ignore }: FailedUnitsOptions, mark = bootedMark): Promise<Check | undefined> {
  if (severity === "off") return undefined;
  const isBooted = await access(mark).then(
    () => true,
    () => false,
  );
  if (!isBooted) return undefined;
  return { name: "failed-units", path: "systemctl list-units --failed", required: severity === "required", run: (signal) => noneFailed(ignore, signal) };
}

async function noneFailed(ignore: readonly string[], signal: AbortSignal): Promise<ProgramResult> {
  const args = ["list-units", "--failed", "--plain", "--no-legend", "--no-pager", "--full"];
  try {
    const { stdout } = await promisify(execFile)("systemctl", args, {
      timeout: toolMillis,
      killSignal: "SIGKILL",
      maxBuffer: maxBytes,
      signal,
      env: { PATH: process.env["PATH"], LC_ALL: "C", SYSTEMD_COLORS: "0" },
    });
    const failed = parseFailedUnits(stdout).filter((unit) => !ours.test(unit) && !ignore.includes(unit));
    if (failed.length === 0) return { passed: true, output: "" };
    const named = failed.slice(0, maxNamed).join(", ");
    return { passed: false, output: `${failed.length === 1 ? "1 unit" : `${failed.length} units`} failed: ${named}${failed.length > maxNamed ? ", ..." : ""}; see systemctl status UNIT` };
  } catch (error) {
    return { passed: false, output: `systemctl does not say which units failed: ${error instanceof Error ? error.message : String(error)}`.slice(0, 1000).toWellFormed() };
  }
}

/**
 * Units that failed, from `systemctl list-units --failed --plain --no-legend`: one line each, of name, load state, active state, state of its kind, description.
 * A unit that is starting, also after a failure (auto-restart), is "activating" and not in it.
 */
export function parseFailedUnits(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    // Names hold no blanks.
    const [unit = "", , active] = line.split(/\s+/);
    return active === "failed" ? [unit.slice(0, 255)] : [];
  });
}
