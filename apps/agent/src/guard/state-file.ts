import { createHash } from "node:crypto";
import { z } from "zod";
import type { DeploymentRef, GuardOrder, GuardReturn, GuardStay } from "@treeline/upgrade";

/**
 * The boot guard's files: KEY=VALUE lines, `format=1` first, and last `sum=`, the SHA-256 of all lines before it with their ends. Whoever reads one
 * believes it whole or not at all. Keys that we do not know are those of a newer guard.
 */

const checksum = z.string().regex(/^[0-9a-f]{64}$/);
const digits = /^(?:0|[1-9]\d{0,8})$/;
const number = z.string().regex(digits).transform(Number);
const deployment = z.string().regex(/^[0-9a-f]{64}\.(?:0|[1-9]\d{0,8})$/).transform((text): DeploymentRef => {
  const [commit = "", serial] = text.split(".");
  return { checksum: commit, serial: Number(serial) };
});
const numbers = z
  .string()
  .transform((text) => (text === "" ? [] : text.split(",")))
  .pipe(z.array(number));

const armedSchema = z.object({ rollout: z.string().regex(/^[\w.-]{1,128}$/), number, target: checksum, earlier: numbers, base: deployment });
const returnedSchema = z.object({ from: deployment, to: deployment, boots: number, because: z.enum(["boots", "deadline"]) });
const stayedSchema = returnedSchema.omit({ to: true }).extend({ next: deployment });

/** The values of a file; undefined when it does not add up. */
function parseLines(text: string): Readonly<Record<string, string>> | undefined {
  const [, lines, sum] = /^(format=1\n[^]*\n)sum=([0-9a-f]{64})\n$/.exec(text) ?? [];
  if (lines === undefined || createHash("sha256").update(lines).digest("hex") !== sum) return undefined;
  return Object.fromEntries(lines.trimEnd().split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

/** The order in the file `armed`; undefined when the file is damaged. */
export function parseArmed(text: string): GuardOrder | undefined {
  const { success, data } = armedSchema.safeParse(parseLines(text));
  if (!success) return undefined;
  const { rollout, number: attempt, target, earlier, base } = data;
  return { attempt: { rollout, number: attempt }, target, earlierSerials: earlier, base };
}

/** What the file `returned` says; undefined when it is damaged. */
export function parseReturned(text: string): GuardReturn | undefined {
  const { success, data } = returnedSchema.safeParse(parseLines(text));
  return success ? data : undefined;
}

/** What the file `stayed` says; undefined when it is damaged. */
export function parseStayed(text: string): GuardStay | undefined {
  const { success, data } = stayedSchema.safeParse(parseLines(text));
  return success ? data : undefined;
}

/** An order as `boot-guard arm` reads it. It checks every line itself. */
export function orderText(order: GuardOrder): string {
  return [
    `rollout=${order.attempt.rollout}`,
    `number=${order.attempt.number}`,
    `target=${order.target}`,
    `earlier=${order.earlierSerials.join(",")}`,
    `base=${deploymentText(order.base)}\n`,
  ].join("\n");
}

export const deploymentText = ({ checksum: commit, serial }: DeploymentRef): string => `${commit}.${serial}`;
