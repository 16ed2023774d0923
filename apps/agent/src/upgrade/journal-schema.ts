import { emptyJournal, hookKinds, type Journal } from "@treeline/upgrade";
import { openJournal, type Journal as JournalFile } from "@treeline/process";
import { join } from "node:path";
import { z } from "zod";

// z.object, not z.strictObject: an agent that was brought back must read what its newer self wrote.
const generation = z.object({ epoch: z.int(), number: z.int() });
const ref = z.object({ rollout: z.string(), number: z.int() });
const target = z.object({ checksum: z.string(), ref: z.string(), version: z.string() });
const bootId = z.string();
const uptime = z.number();

const rollbackCause = z.enum(["required-check", "no-session", "boot-guard", "unproven"]);

const outcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("updated"), bootId, soakedMillis: z.number() }),
  z.object({ kind: z.literal("rolled-back"), cause: rollbackCause, reason: z.string(), bootId }),
  z.object({
    kind: z.literal("failed"),
    failure: z.enum(["transient", "never-booted", "unreachable", "node", "release", "operator", "needs-operator"]),
    reason: z.string(),
    bootId,
  }),
  z.object({ kind: z.literal("abandoned"), reason: z.string(), bootId }),
]);

const attempt = z.object({
  ref,
  target,
  base: z.object({ checksum: z.string(), serial: z.int() }),
  soakMillis: z.number(),
  back: z.literal(true).exactOptional(),
  step: z.enum(["staging", "staged", "draining", "finalizing", "rebooting", "verifying", "soaking", "going-back"]),
  note: z.string(),
  drain: z.object({ bootId, sinceUptimeMillis: uptime, ended: z.array(z.enum(hookKinds)) }).exactOptional(),
  hooksBegun: z.literal(true).exactOptional(),
  ending: z.object({ outcome, deny: z.string().exactOptional() }).exactOptional(),
  confirmedBootId: bootId.exactOptional(),
  verifying: z.object({ bootId, sinceUptimeMillis: uptime, boots: z.int().exactOptional() }).exactOptional(),
  sessionProven: z.boolean(),
  soaking: z.object({ bootId, sinceUptimeMillis: uptime }).exactOptional(),
  earlierSerials: z.array(z.int()).exactOptional(),
  wayBack: z.object({ cause: rollbackCause, reason: z.string(), rebootAskedOn: bootId.exactOptional() }).exactOptional(),
  retry: z.object({ bootId, notBeforeUptimeMillis: uptime, failures: z.int() }).exactOptional(),
});

/** The journal's shape on disk: `Journal` of the upgrade library, field for field. */
export const journalSchema: z.ZodType<Journal> = z.object({
  highest: generation,
  open: attempt.exactOptional(),
  closed: z.array(z.object({ attempt: ref, target, outcome, confirmedBootId: bootId.exactOptional() })),
  denied: z.array(z.object({ checksum: z.string(), reason: z.string() })),
});

/** 2: drains, hooks, endings, and the boot guard as a cause. Version 1 reads it as far as it knows the words, else sets it aside. */
const version = 2;

export const journalPath = (stateDirectory: string): string => join(stateDirectory, "journal.json");

export interface OpenedJournal {
  readonly file: JournalFile<Journal>;
  /** Set when the journal could not be read: reported to the server and written to the log. */
  readonly note?: string;
}

/** Opens the journal of a state directory. One that cannot be understood is set aside; what ostree says decides then. @throws JournalError */
export async function openUpgradeJournal(stateDirectory: string): Promise<OpenedJournal> {
  const { journal, setAside } = await openJournal({ path: journalPath(stateDirectory), schema: journalSchema, version, empty: () => emptyJournal });
  if (setAside === undefined) return { file: journal };
  return { file: journal, note: `the journal was set aside as ${setAside.movedTo} (${setAside.reason}); the agent goes on from what ostree says` };
}
