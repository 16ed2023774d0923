import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { errnoOf, type Logger } from "@treeline/process";
import { z } from "zod";

/** logind answers at once; busctl gives up before it is cut off. */
const busSeconds = 3;
const toolMillis = 5000;
const maxBytes = 1024 * 1024;

/** Who asks systemd that something does not happen now, and what. */
export interface Inhibitor {
  /** Operations, such as "shutdown" and "sleep". */
  readonly what: readonly string[];
  readonly who: string;
  readonly why: string;
  /** "block", "block-weak" (systemd 257), "delay", or what a later systemd has. */
  readonly mode: string;
  readonly pid: number;
}

/** What, who, why, mode, user, process. */
const entry = z.tuple([z.string(), z.string(), z.string(), z.string(), z.number(), z.number()]);
const answer = z.object({ type: z.literal("a(ssssuu)"), data: z.tuple([z.array(entry)]) });

/**
 * The answer of logind's ListInhibitors as `busctl --json=short` prints it.
 * @throws SyntaxError, ZodError: not that answer.
 */
export function parseInhibitors(text: string): readonly Inhibitor[] {
  const [list] = answer.parse(JSON.parse(text)).data;
  return list.map(([what, who, why, mode, , pid]) => ({ what: what.split(":"), who, why, mode, pid }));
}

/** A lock that forbids a reboot. One of mode "delay" only makes systemd wait a few seconds during it, which every reboot does. */
export function blocksReboot({ what, mode }: Inhibitor): boolean {
  return (mode === "block" || mode === "block-weak") && what.includes("shutdown");
}

/**
 * systemd's inhibitor locks, from logind over the system bus. A host without logind has none. Locks that cannot be read hold nothing, with a warning: an
 * upgrade must not wait for a daemon that is ill.
 */
export async function readInhibitors({ logger }: { readonly logger: Logger }): Promise<readonly Inhibitor[]> {
  const login = ["org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "ListInhibitors"];
  const options = { timeout: toolMillis, killSignal: "SIGKILL", maxBuffer: maxBytes, env: { ...process.env, LC_ALL: "C" } } as const;
  try {
    const { stdout } = await promisify(execFile)("busctl", ["--system", "--json=short", `--timeout=${busSeconds}`, "call", ...login], options);
    return parseInhibitors(stdout);
  } catch (err) {
    if (hasNoLogind(err)) logger.debug("this host has no logind, so nobody can take an inhibitor lock", { err });
    else logger.warn("systemd's inhibitor locks cannot be read, so they hold nothing: try busctl call " + login.join(" "), { err });
    return [];
  }
}

/** No busctl; no bus; or nobody on it who could be asked. */
function hasNoLogind(error: unknown): boolean {
  if (errnoOf(error) === "ENOENT") return true;
  const stderr = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
  return /Failed to connect to bus: No such file or directory|The name .* was not provided by any \.service files|Could not activate remote peer/.test(stderr);
}
