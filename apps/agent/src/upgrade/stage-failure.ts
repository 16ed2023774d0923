import { OstreeError } from "@treeline/ostree";
import type { StageResult } from "@treeline/upgrade";

type StageFailure = Exclude<StageResult, { readonly ok: true }>;

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
  const again = (tries: number, failure: "transient" | "release"): StageFailure =>
    options.failures + 1 < tries
      ? { ok: false, retryable: true, reason, delayMillis: options.delayMillis }
      : { ok: false, retryable: false, failure, reason: `${reason} (tried ${options.failures + 1} times)` };
  if (!(error instanceof OstreeError)) return again(triesOnContent, "transient");
  switch (error.code) {
    case "signature":
      return { ok: false, retryable: false, failure: "release", reason };
    case "corrupt-object":
    case "missing-object":
    case "not-found-ref":
      return again(triesOnContent, "release");
    case "http-status":
      return error.httpStatus === 404 ? again(triesOnContent, "release") : again(triesOnNetwork, "transient");
    case "network":
    case "tls":
    case "locked":
    case "killed":
    case "aborted":
    case "not-found-remote":
      return again(triesOnNetwork, "transient");
    case "no-space":
    case "read-only":
    case "tool-missing":
    case "not-found-sysroot":
    case "bad-input":
      return { ok: false, retryable: false, failure: "node", reason };
    default:
      return again(triesOnContent, "transient");
  }
}
