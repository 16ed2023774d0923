import { requireChecksum, requireName, requireRef } from "./argument.ts";
import { OstreeError } from "./ostree-error.ts";
import { ostree } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";
import { markPartial } from "./partial-mark.ts";
import { hasCommit } from "./read-commit.ts";

export interface PullSource extends Cancellable {
  readonly repo: string;
  /** Name of a remote that ensureRemote made. */
  readonly remote: string;
  /** Where the objects come from this time. It does not appear in errors: its path may be a secret. */
  readonly url: string;
  readonly checksum: string;
}

/**
 * Fetches the `.commit` and `.commitmeta` of a commit and nothing else, so that its signature can be checked before its content is asked for.
 * Sets no ref: asked for by name, ostree would point the ref at a commit that has no content yet. @throws OstreeError
 */
export async function pullMetadata(options: PullSource): Promise<void> {
  await pull(options, ["--commit-metadata-only"], requireChecksum(options.checksum, "pull metadata"), "pull metadata");
}

export interface PullOutcome {
  /** Whether a static delta was asked for and went through. */
  readonly delta: boolean;
  /** Why the static delta was given up; the content then came as loose objects. */
  readonly deltaError: OstreeError | null;
}

/**
 * Fetches all of a commit and points `remote:ref` at it.
 *
 * Invariant: no ref points at the commit before ostree has looked at every object it refers to. Whoever is interrupted calls this again.
 *
 * With `deltas` there are three commands, because one alone fetches the content twice: the delta holds the commit, ostree writes it at once and starts
 * to fetch its objects loose while the parts of the delta are still under way (measured, up to double the bytes). So:
 *   1. the commit alone (pullMetadata), which leaves nothing to scan;
 *   2. the delta, by checksum, so that no ref is set; here ostree looks at nothing but the delta, and holes in the older commit go unnoticed;
 *   3. the scan: mark the commit partial and pull once more without deltas; this fetches what lacks and sets the ref.
 * A delta that is damaged or not there is no reason to fail: step 3 fetches everything loose. @throws OstreeError
 */
export async function pullCommit(options: PullSource & { readonly ref: string; readonly deltas: boolean }): Promise<PullOutcome> {
  const checksum = requireChecksum(options.checksum, "pull");
  const ref = requireRef(options.ref, "pull");
  if (!(await hasCommit(options.repo, checksum))) await pullMetadata(options);

  let deltaError: OstreeError | null = null;
  if (options.deltas) {
    try {
      await pull(options, [], checksum, "pull delta");
    } catch (error) {
      if (!(error instanceof OstreeError) || !isFaultOfDelta(error)) throw error;
      deltaError = error;
    }
  }

  await markPartial(options);
  await pull(options, ["--disable-static-deltas"], `${ref}@${checksum}`, "pull");
  return { delta: options.deltas && deltaError === null, deltaError };
}

/** Damaged or missing parts. A network that is gone, a full disk or a caller that gave up would only fail again. */
const isFaultOfDelta = (error: OstreeError): boolean =>
  error.code === "corrupt-object" ||
  error.code === "missing-object" ||
  error.code === "unknown" ||
  (error.code === "http-status" && error.httpStatus === 404);

async function pull(options: PullSource, flags: readonly string[], what: string, phase: string): Promise<void> {
  const { repo, remote, url, signal } = options;
  await ostree({
    args: ["pull", `--repo=${repo}`, `--url=${url}`, ...flags, requireName(remote, "remote", phase), what],
    phase,
    subject: options.checksum,
    signal,
    redact: [url],
  });
}
