import { statfs } from "node:fs/promises";
import type { OsState } from "@treeline/fleet";
import { ensureRemote, hasWholeCommit, OstreeError, pullCommit, pullMetadata, readCommit, verifyCommit } from "@treeline/ostree";
import type { Logger } from "@treeline/process";
import { isTakenFromHere, type JournalAttempt, type StageResult } from "@treeline/upgrade";
import { startContentProxy, type ContentProxyOptions } from "../content-proxy/proxy.ts";
import { heldCommits, holdBase, holdTarget, remoteName } from "./holds.ts";
import { stageFailure } from "./stage-failure.ts";

/** Less than this and a pull need not begin, in bytes; how much more it needs only ostree finds out, and says so. */
const leastFreeBytes = 16 * 1024 * 1024;
const progressMillis = 500;

export interface StageOptions {
  readonly repo: string;
  readonly os: OsState;
  /** Where the content comes from, with which certificate, and how fast at most. */
  readonly content: Omit<ContentProxyOptions, "logger">;
  /** How fast the server says at most, in bytes per second. */
  readonly maxBytesPerSecond?: number | undefined;
  readonly trustedKeys: () => Promise<readonly string[]>;
  readonly onProgress: (done: { readonly bytes: number; readonly objects: number }) => void;
  /** How long to wait before another try, given how often this one failed before. */
  readonly delayMillis: (failures: number) => number;
  /** The attempt was called off, or the agent stops. What was fetched is kept. */
  readonly signal: AbortSignal;
  /** Called between the signature and the content. */
  readonly beforeContent?: () => Promise<void>;
  readonly logger: Logger;
}

/**
 * Brings the target's commit, verified and whole, into this host's repository and holds it there. Nothing is deployed, and nothing would boot anything new.
 * A way back to what this host ran finds it there, and asks nobody.
 *
 * INVARIANT (of all but that way back): `ok` means that the commit's signature fits a key this host trusts, checked on the bytes in its own repository after the pull, that ostree has
 * looked at every object of it, and that a local ref holds it. The content is asked for only after the signature was checked.
 */
export async function stage(attempt: JournalAttempt, options: StageOptions): Promise<StageResult> {
  const { repo, content, signal, logger, onProgress } = options;
  const { checksum, ref } = attempt.target;
  try {
    if (attempt.back === true && (await takenFromHere(attempt, options))) return { ok: true };
    await requireFreeSpace(repo);
    if (content.endpoints.length === 0) throw badInput(checksum, "the enrollment token names no content endpoint", "Enroll with a token that does.");
    await ensureRemote({ repo, remote: remoteName, signal });
    await holdBase(repo, attempt.base.checksum);
    await using proxy = await startContentProxy({ ...content, bytesPerSecond: lower(content.bytesPerSecond, options.maxBytesPerSecond), logger });
    const source = { repo, remote: remoteName, url: proxy.url, checksum, signal };
    const timer = setInterval(() => onProgress({ bytes: proxy.counters.bytes, objects: proxy.counters.objects }), progressMillis);
    try {
      await pullMetadata(source);
      await requireSignature(checksum, options);
      await options.beforeContent?.();
      const { deltaError } = await pullCommit({ ...source, ref, deltas: true });
      if (deltaError !== null) logger.warn("the static delta could not be used; the content came as objects", { checksum, err: deltaError });
    } finally {
      clearInterval(timer);
      onProgress({ bytes: proxy.counters.bytes, objects: proxy.counters.objects });
    }
    await requireSignature(checksum, options);
    await holdTarget(repo, checksum);
    logger.info("staged", { checksum, version: attempt.target.version, bytes: proxy.counters.bytes, objects: proxy.counters.objects, retries: proxy.counters.retries });
    return { ok: true };
  } catch (error) {
    const failures = attempt.retry?.failures ?? 0;
    const result = stageFailure(error, { failures, delayMillis: options.delayMillis(failures) });
    if (!signal.aborted) logger.warn("staging failed", { checksum, retryable: result.retryable, err: error });
    return result;
  }
}

/** Holds the target of a way back, if it lies here whole and as something this host ran. */
async function takenFromHere(attempt: JournalAttempt, { repo, os, logger }: StageOptions): Promise<boolean> {
  const { checksum, version } = attempt.target;
  const here = { os, held: await heldCommits(repo), complete: await hasWholeCommit(repo, checksum) };
  if (!isTakenFromHere(attempt, here)) {
    logger.warn("the commit to go back to is not here any more; it is fetched", { checksum, version, complete: here.complete });
    return false;
  }
  await holdBase(repo, attempt.base.checksum);
  await holdTarget(repo, checksum);
  logger.info("staged: it is here", { checksum, version });
  return true;
}

/** The smaller of two limits, of which either may be none. */
function lower(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

async function requireFreeSpace(repo: string): Promise<void> {
  const { bavail, bsize } = await statfs(repo);
  if (bavail * bsize >= leastFreeBytes) return;
  throw new OstreeError({
    code: "no-space",
    phase: "stage",
    subject: repo,
    reason: `only ${bavail * bsize} bytes are free, and a pull needs more than ${leastFreeBytes}`,
    remedy: "Free space on the file system that holds the repository.",
  });
}

async function requireSignature(checksum: string, { repo, trustedKeys }: StageOptions): Promise<void> {
  const keys = await trustedKeys();
  const verification = verifyCommit({ ...(await readCommit({ repo, checksum })), checksum, trustedKeys: keys });
  if (verification.ok) return;
  const { reason, remedy } = refusals[verification.reason];
  const noKeys = keys.length === 0 ? " (this host trusts no release key at all)" : "";
  throw new OstreeError({ code: "signature", phase: "verify", subject: checksum, reason: `${reason}${noKeys}`, remedy });
}

const signAgain = "Sign the release with a key this host trusts, or give the host the key: in its image, or with its enrollment token.";
const refusals = {
  unsigned: { reason: "the commit is not signed", remedy: signAgain },
  "untrusted-key": { reason: "the commit is not signed by any key this host trusts", remedy: signAgain },
  malformed: { reason: "the commit's signatures cannot be read", remedy: "Sign the release again." },
  "checksum-mismatch": { reason: "the commit's bytes are not the commit that was named", remedy: "Run `ostree fsck` on this host and on the content server." },
} as const;

function badInput(subject: string, reason: string, remedy: string): OstreeError {
  return new OstreeError({ code: "bad-input", phase: "stage", subject, reason, remedy });
}
