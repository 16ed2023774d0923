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

// In these messages the remedy stands behind the colon.
const noDuration = 'is not a duration: write a number and ms, s, m or h, such as "30s", up to a week';
const duration = z.string(noDuration).transform((text, context) => {
  const millis = parseDuration(text);
  if (millis !== undefined) return millis;
  context.addIssue({ code: "custom", message: noDuration });
  return z.NEVER;
});

const noPath = "is not an absolute path: begin it with /";
const absolutePath = z.string(noPath).regex(/^\/[^\0]*$/, noPath);

const noName = "is not a name for a probe: give a text of letters, digits, blanks, '.', '_' and '-', at most 64, a letter or digit first";
const probeCommon = { name: z.string(noName).regex(/^[\w][\w .-]{0,63}$/, noName), required: z.boolean().prefault(true) };
const port = z.int().min(1).max(65_535);

const probe = z.discriminatedUnion("kind", [
  /** Ends with status 0. */
  z.strictObject({ ...probeCommon, kind: z.literal("exec"), command: z.array(z.string()).min(1).max(64) }),
  /** Answers with a status from 200 to 299. */
  z.strictObject({ ...probeCommon, kind: z.literal("http"), url: z.url({ protocol: /^https?$/, error: "is not an address that can be asked: write http://HOST:PORT/PATH or https://HOST:PORT/PATH" }) }),
  /** Accepts a connection. */
  z.strictObject({ ...probeCommon, kind: z.literal("tcp"), host: z.string().min(1).max(255).prefault("127.0.0.1"), port }),
], { error: "is not a probe that the agent knows: give exec, http or tcp as its kind" });
export type Probe = z.output<typeof probe>;

/** A result that is reported under a name must say which probe it is of. */
const probes = z
  .array(probe)
  .max(32)
  .superRefine((list, context) => {
    for (const [index, { name }] of list.entries()) {
      const first = list.findIndex((other) => other.name === name);
      if (first < index) context.addIssue({ code: "custom", path: [index, "name"], message: `is the name of probe ${first} already: give each probe a name of its own` });
    }
  });

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
    .regex(/^\w[\w.-]*$/, "is not an osname: give a name as `ostree admin status` shows it, of letters, digits, '.', '_' and '-'")
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
      /** Whether systemd units that failed are a check of their own. `ignore`: names of units whose failure is nobody's business. */
      failedUnits: z
        .strictObject({ severity: z.enum(["required", "wanted", "off"]).prefault("wanted"), ignore: z.array(z.string().min(1).max(255)).max(100).prefault([]) })
        .prefault({}),
      /** Checks that need no program of their own. */
      probes: probes.prefault([]),
    })
    .prefault({}),
  hooks: z
    .strictObject({
      /** Each may hold the directories pre-drain, drain, pre-reboot and post-update with executables. */
      directories: z.array(absolutePath).prefault(["/usr/lib/treeline/hooks", "/etc/treeline/hooks"]),
      /** For one hook. */
      timeout: duration.prefault("5m"),
    })
    .prefault({}),
  hold: z
    .strictObject({
      /** Whoever does not want the host to be rebooted just now makes this file; an upgrade waits for its removal. */
      lockFile: absolutePath.prefault("/run/treeline/update-lock"),
      /** Whether systemd's inhibitor locks that block a shutdown are waited for. */
      inhibitors: z.boolean().prefault(true),
      /** For how long an upgrade that has its slot waits for both at most; then it goes on. */
      maximum: duration.prefault("30m"),
    })
    .prefault({}),
  guard: z
    .strictObject({
      /** The boot guard's program. */
      program: absolutePath.prefault("/usr/lib/treeline/boot-guard"),
      /** Whether a host without a boot guard is refused an upgrade. */
      required: z.boolean().prefault(true),
    })
    .prefault({}),
  deploy: z
    .strictObject({
      /** After how many seconds a kernel that panicked reboots, where the kernel's command line does not say; 0: it is left alone. */
      panicSeconds: z.int().min(0).max(3600).prefault(30),
    })
    .prefault({}),
  session: z
    .strictObject({
      /** How long after the first boot of a new commit the session may take to come back; then the host goes back by itself. */
      deadline: duration.prefault("10m"),
      backoff: z
        .strictObject({ base: duration.prefault("500ms"), max: duration.prefault("30s") })
        .refine(({ base, max }) => base <= max, { path: ["base"], message: "is longer than session.backoff.max: shorten it, or lengthen session.backoff.max" })
        .prefault({}),
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
      /** A download without one new byte for so long is stopped and begun again. */
      stall: duration.prefault("5m"),
    })
    .prefault({}),
  logLevel: z.enum(logLevels).prefault("info"),
});

export type AgentConfiguration = z.output<typeof agentConfigurationSchema>;
