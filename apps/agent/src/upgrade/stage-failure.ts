import { OstreeError } from "@treeline/ostree";
import { failureOf, findingText, type Finding, type StageResult } from "@treeline/upgrade";

export type StageFailure = Exclude<StageResult, { readonly ok: true }>;

/** Tries of one attempt after which a fault that looked passing is reported as the attempt's failure. */
const triesOnNetwork = 12;
/** The same for a repository that gives out incomplete or damaged objects: it may be in the middle of a publication. */
const triesOnContent = 4;

/**
 * What a failed stage means for its attempt. Only faults that may pass are tried again, and not for ever: a node that cannot say so would stand in Staging
 * with nobody looking.
 * @param failures how often this attempt's staging failed before
 * @param delayMillis how long to wait if it is to be tried again
 */
export function stageFailure(error: unknown, options: { readonly failures: number; readonly delayMillis: number }): StageFailure {
  const reason = error instanceof Error ? error.message : String(error);
  const repeated = (tries: number, failure: "transient" | "release"): StageFailure => again(reason, { ...options, tries, failure });
  if (!(error instanceof OstreeError)) return repeated(triesOnContent, "transient");
  switch (error.code) {
    case "signature":
      return { ok: false, retryable: false, failure: "release", reason };
    case "corrupt-object":
    case "missing-object":
    case "not-found-ref":
      return repeated(triesOnContent, "release");
    case "http-status":
      return error.httpStatus === 404 ? repeated(triesOnContent, "release") : repeated(triesOnNetwork, "transient");
    case "network":
    case "stalled":
    case "tls":
    case "locked":
    case "killed":
    case "aborted":
    case "not-found-remote":
      return repeated(triesOnNetwork, "transient");
    case "no-space":
    case "disk-fault":
    case "read-only":
    case "not-permitted":
    case "unsupported":
    case "tool-missing":
    case "not-found-sysroot":
    case "bad-input":
      return { ok: false, retryable: false, failure: "node", reason };
    default:
      return repeated(triesOnContent, "transient");
  }
}

function again(
  reason: string,
  { failures, delayMillis, tries, failure }: { readonly failures: number; readonly delayMillis: number; readonly tries: number; readonly failure: "transient" | "release" },
): StageFailure {
  if (failures + 1 < tries) return { ok: false, retryable: true, reason, delayMillis };
  return { ok: false, retryable: false, failure, reason: `${reason} (tried ${failures + 1} times)` };
}

/** What findings of the pre-flight mean for their attempt; undefined: it may go on. `failures` and `delayMillis` as above. */
export function preflightFailure(findings: readonly Finding[], options: { readonly failures: number; readonly delayMillis: number }): StageFailure | undefined {
  const refusals = findings.filter(({ severity }) => severity === "refuse");
  const [first] = refusals;
  // The first decides the class; all are said, so that nobody has to come back for the second.
  if (first !== undefined) return { ok: false, retryable: false, failure: failureOf(first.code), reason: refusals.map(findingText).join("; ") };
  const waits = findings.filter(({ severity }) => severity === "wait");
  return waits.length === 0 ? undefined : again(waits.map(findingText).join("; "), { ...options, tries: triesOnNetwork, failure: "transient" });
}
