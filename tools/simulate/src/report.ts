import { describeHappening } from "./plan/happening.ts";
import { planRun } from "./plan/run-plan.ts";
import { readableTime } from "./kernel/event-log.ts";
import type { SimulateOptions } from "./options.ts";
import type { RunResult } from "./run.ts";
import type { Shrunk } from "./shrink/shrink.ts";

/** So much of a trace is printed: the end says most. */
const shownLines = 120;

export function describeViolation({ key, violation, nodes, struck }: RunResult): string {
  if (violation === undefined) return "";
  const { invariant, message, step, at } = violation;
  return [
    `VIOLATION of ${invariant}: seed ${key.seed}, run ${key.run}, step ${step}, at ${readableTime(at)} of virtual time`,
    `  ${message}`,
    `  with ${nodes.length} nodes and ${struck.length} happenings`,
  ].join("\n");
}

/** The smallest run that was found, for people: what goes wrong in it, how it ends, and how to play it again. */
export function describeShrunk({ result, nodes, happenings, replays }: Shrunk, options: SimulateOptions): string {
  const { violation, lines } = result;
  const plan = planRun(result.key, { policy: options.policy, only: { nodes, happenings } });
  const hidden = Math.max(0, lines.length - shownLines);
  const head = `shrunk in ${replays} replays to ${nodes.length} nodes (${nodes.slice(0, 8).join(", ")}${nodes.length > 8 ? ", …" : ""}) and ${happenings.length} happenings:`;
  return [
    head,
    ...plan.happenings.map((happening) => `  ${describeHappening(happening)}`),
    violation === undefined
      ? "  (played again, it does not break: report this as a defect of the simulator)"
      : `  breaks ${violation.invariant} at step ${violation.step}: ${violation.message}`,
    "",
    hidden > 0 ? `  … ${hidden} lines before; --trace prints them all` : "  all that happens:",
    ...lines.slice(-shownLines).map((line) => `  ${line}`),
    "",
    "to play it again:",
    `  ${replayCommand(result, { nodes, happenings }, options)}`,
  ].join("\n");
}

export function replayCommand(
  { key }: RunResult,
  { nodes, happenings }: Pick<Shrunk, "nodes" | "happenings">,
  { policyFile }: { readonly policyFile?: string | undefined },
): string {
  const { seed, run, faults } = key;
  const parts = [
    `npm run simulate -- --seed ${seed} --run ${run} --nodes ${key.nodes} --faults ${faults}`,
    ...(policyFile === undefined ? [] : [`--policy ${policyFile}`]),
    ...(nodes.length === key.nodes ? [] : [`--only-nodes ${nodes.join(",")}`]),
    // An empty list cannot be written as a flag's value; a number that no plan reaches leaves nothing in.
    `--only-happenings ${happenings.length === 0 ? "999999999" : happenings.join(",")}`,
    "--trace",
  ];
  return parts.join(" ");
}
