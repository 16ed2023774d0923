import { logLevels } from "@treeline/process";
import { z } from "zod";

export const defaultConfigurationFile = "/etc/treeline/agent.yaml";

const millisPerUnit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const durationForm = /^(\d{1,9})(ms|s|m|h)$/;
/** Longer than this is a mistake, and Node's timers would not keep it. */
const longestMillis = 7 * 24 * millisPerUnit.h;

/** "30s", "10m", "500ms", "1h" as milliseconds; undefined for anything else, for zero and for more than a week. */
export function parseDuration(text: string): number | undefined {
  const match = durationForm.exec(text);
  if (match === null) return undefined;
  const millis = Number(match[1]) * millisPerUnit[match[2] as keyof typeof millisPerUnit];
  return millis > 0 && millis <= longestMillis ? millis : undefined;
}

const duration = z.string().transform((text, context) => {
  const millis = parseDuration(text);
  if (millis !== undefined) return millis;
  context.addIssue({ code: "custom", message: 'is not a duration: write a number and ms, s, m or h, such as "30s", up to a week' });
  return z.NEVER;
});

const absolutePath = z.string().regex(/^\/[^\0]*$/, "is not an absolute path: begin it with /");

/**
 * /etc/treeline/agent.yaml. Everything has a default, so the file may be missing; where the server is, comes from the enrollment token.
 * Durations are written as "30s" and are milliseconds here.
 */
export const agentConfigurationSchema = z.strictObject({
  /** Keys, certificate and journal. Must outlive an upgrade and a way back: on an OSTree host that is /var. */
  stateDirectory: absolutePath.prefault("/var/lib/treeline"),
  /** A file that holds the enrollment token. Never the token itself: a command line and an environment can be read by others. */
  tokenFile: absolutePath.prefault("/etc/treeline/token"),
  /** The OSTree "osname" (stateroot) to deploy into. Default: the booted one. */
  osname: z
    .string()
    .regex(/^\w[\w.-]*$/, "is not an osname: letters, digits, '.', '_' and '-'")
    .optional(),
  checks: z
    .strictObject({
      /** Each may hold required.d and wanted.d. */
      directories: z
        .array(absolutePath)
        .prefault(["/usr/lib/treeline/check", "/etc/treeline/check", "/usr/lib/greenboot/check", "/etc/greenboot/check"]),
      /** For one check. */
      timeout: duration.prefault("60s"),
      /** How often checks run again during a soak, and while a required one is red. */
      again: duration.prefault("30s"),
    })
    .prefault({}),
  session: z
    .strictObject({
      /** How long after the first boot of a new commit the session may take to come back; then the host goes back by itself. */
      deadline: duration.prefault("10m"),
      backoff: z.strictObject({ base: duration.prefault("500ms"), max: duration.prefault("30s") }).prefault({}),
    })
    .prefault({}),
  reboot: z
    .strictObject({
      /** How long after asking for a reboot to ask again. */
      again: duration.prefault("2m"),
    })
    .prefault({}),
  download: z
    .strictObject({
      /** Bytes per second for operating system content; no limit when absent. */
      rate: z.int().min(1024).max(1_000_000_000_000).optional(),
    })
    .prefault({}),
  logLevel: z.enum(logLevels).prefault("info"),
});

export type AgentConfiguration = z.output<typeof agentConfigurationSchema>;
