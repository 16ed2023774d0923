import { hasWholeCommit } from "@treeline/ostree";
import type { Logger } from "@treeline/process";
import { findingText, isTakenFromHere, type Finding, type Journal, type JournalAttempt, type StageResult } from "@treeline/upgrade";
import type { MustStart } from "../must-start.ts";
import { gpgKeyDirectories } from "../trusted-keys/key-directories.ts";
import { fetchRelease, type FetchOptions } from "./fetch-release.ts";
import { heldCommits, holdBase, holdTarget } from "./holds.ts";
import { preflight } from "./preflight.ts";
import { preflightFailure, stageFailure, type StageFailure } from "./stage-failure.ts";
import { checkTarget } from "./target-check.ts";
import { requireSignature } from "./verify.ts";

export interface StageOptions extends Pick<FetchOptions, "repo" | "sysroot" | "os" | "stateDirectory" | "content" | "maxBytesPerSecond" | "stallMillis" | "onProgress" | "beforeContent"> {
  /** What this host has attempted: what is pending is either one of these or somebody else's. */
  readonly journal: Pick<Journal, "open" | "closed">;
  /** What must start after every boot, so that the host is never left alone: the agent, the boot guard, their units. */
  readonly mustStart: MustStart;
  readonly trustedKeys: () => Promise<readonly string[]>;
  /** How long to wait before another try, given how often this one failed before. */
  readonly delayMillis: (failures: number) => number;
  /** The attempt was called off, or the agent stops. What was fetched is kept. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/**
 * Brings the target's commit, verified and whole, into this host's repository and holds it there. Nothing is deployed, and nothing would boot anything new.
 * A way back to what this host ran finds it there, and asks nobody.
 *
 * INVARIANT: nothing is fetched from, or written to, a host that the pre-flight refuses.
 * INVARIANT (of all but that way back): `ok` means that the commit's signature fits a key this host trusts, checked on the bytes in its own repository after the pull, that ostree has
 * looked at every object of it, that it would come up with an agent and a guard, and that a local ref holds it. The content is asked for only after the signature was checked.
 */
export async function stage(attempt: JournalAttempt, options: StageOptions): Promise<StageResult> {
  const { repo, signal, logger } = options;
  const { checksum } = attempt.target;
  const failures = attempt.retry?.failures ?? 0;
  const again = { failures, delayMillis: options.delayMillis(failures) };
  const judged = (findings: readonly Finding[]): StageFailure | undefined => {
    for (const finding of findings) logger.warn("the pre-flight found something", { checksum, severity: finding.severity, finding: findingText(finding) });
    return preflightFailure(findings, again);
  };
  try {
    const here = attempt.back === true && (await isHere(attempt, options));
    const refused = judged(await preflight({ ...options, journal: { ...options.journal, open: attempt }, keyrings: gpgKeyDirectories, writes: !here }));
    if (refused !== undefined) return refused;
    if (here) return await holdHere(attempt, options);
    const fetched = await fetchRelease({ ...options, attempt, verify: () => requireSignature(checksum, options), judged });
    if (fetched.refused !== undefined) return fetched.refused;
    await requireSignature(checksum, options);
    const unfit = judged(await checkTarget({ ...options, checksum, keyrings: gpgKeyDirectories }));
    if (unfit !== undefined) return unfit;
    await holdTarget(repo, checksum);
    logger.info("staged", { checksum, version: attempt.target.version, ...fetched.account });
    return { ok: true };
  } catch (error) {
    const result = stageFailure(error, again);
    if (!signal.aborted) logger.warn("staging failed", { checksum, retryable: result.retryable, err: error });
    return result;
  }
}

/** Whether the target of a way back lies here whole and as something this host ran. */
async function isHere(attempt: JournalAttempt, { repo, os, logger }: StageOptions): Promise<boolean> {
  const { checksum, version } = attempt.target;
  const here = { os, held: await heldCommits(repo), complete: await hasWholeCommit(repo, checksum) };
  if (isTakenFromHere(attempt, here)) return true;
  logger.warn("the commit to go back to is not here any more; it is fetched", { checksum, version, complete: here.complete });
  return false;
}

async function holdHere({ base, target: { checksum, version } }: JournalAttempt, { repo, logger }: StageOptions): Promise<StageResult> {
  await holdBase(repo, base.checksum);
  await holdTarget(repo, checksum);
  logger.info("staged: it is here", { checksum, version });
  return { ok: true };
}
