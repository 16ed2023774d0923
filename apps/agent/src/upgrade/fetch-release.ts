import type { OsState } from "@treeline/fleet";
import { ensureGpgRemote, ensureRemote, OstreeError, pullCommit, pullMetadata } from "@treeline/ostree";
import type { Logger } from "@treeline/process";
import { chooseDownload, spaceFindings, type Finding, type JournalAttempt } from "@treeline/upgrade";
import type { Counters } from "../content-proxy/relay.ts";
import { startContentProxy, type ContentProxyOptions } from "../content-proxy/proxy.ts";
import { gpgKeyDirectories, gpgRemoteName } from "../trusted-keys/key-directories.ts";
import { holdBase, remoteName } from "./holds.ts";
import { measure } from "./measure.ts";
import { readSpaceFacts } from "./preflight.ts";
import type { StageFailure } from "./stage-failure.ts";
import { stallWatch } from "./stall-watch.ts";

const progressMillis = 500;

/** What came through the content proxy so far; `total`: bytes there will be, once that is known. */
export interface Fetched {
  readonly bytes: number;
  readonly objects: number;
  readonly total?: number;
}

export interface FetchOptions {
  readonly repo: string;
  /** For sysroots that are not the booted host. */
  readonly sysroot?: string | undefined;
  readonly os: OsState;
  readonly stateDirectory: string;
  readonly attempt: Pick<JournalAttempt, "target" | "base">;
  /** Where the content comes from, with which certificate, and how fast at most. */
  readonly content: Omit<ContentProxyOptions, "logger">;
  /** How fast the server says at most, in bytes per second. */
  readonly maxBytesPerSecond?: number | undefined;
  /** A download without one new byte for so long is stopped, and begun again. */
  readonly stallMillis: number;
  readonly onProgress: (done: Fetched) => void;
  /** Called between the signature and the content. */
  readonly beforeContent?: () => Promise<void>;
  /** Rejects when the commit whose metadata are here is not to be fetched. */
  readonly verify: () => Promise<void>;
  /** What findings mean for the attempt. */
  readonly judged: (findings: readonly Finding[]) => StageFailure | undefined;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** `account`: what it took, for the log. */
export type FetchResult =
  | { readonly refused: StageFailure }
  | { readonly refused?: undefined; readonly account: Pick<Counters, "bytes" | "objects" | "retries"> & { readonly delta: boolean } };

/**
 * Fetches the target's commit through a content proxy of its own: metadata, then, once they are verified and it is known how much there is, the content.
 * @throws OstreeError
 */
export async function fetchRelease(options: FetchOptions): Promise<FetchResult> {
  const { repo, content, attempt, signal, logger } = options;
  const { checksum, ref } = attempt.target;
  if (content.endpoints.length === 0) throw noEndpoint(checksum);
  await ensureRemote({ repo, remote: remoteName, signal });
  const gpg = await ensureGpgRemote({ repo, remote: gpgRemoteName, directories: gpgKeyDirectories, signal });
  await holdBase(repo, attempt.base.checksum);
  await using proxy = await startContentProxy({ ...content, bytesPerSecond: lower(content.bytesPerSecond, options.maxBytesPerSecond), logger });
  const { counters, url } = proxy;
  using progress = reported(counters, options.onProgress);
  const watched = async <Value>(pull: (signal: AbortSignal) => Promise<Value>): Promise<Value> => {
    // While a stream waits for our own rate limit, something moves.
    const moved = (): unknown => (counters.pacing > 0 ? Symbol("paced") : counters.bytes);
    using watch = stallWatch({ millis: options.stallMillis, moved, subject: checksum, signal });
    try {
      return await pull(watch.signal);
    } catch (error) {
      throw watch.explained(error);
    }
  };

  const source = { repo, remote: remoteName, url, checksum };
  // Where the host's owner asks for GPG signatures, ostree checks them, and refuses here.
  if (gpg) await watched((stop) => pullMetadata({ ...source, remote: gpgRemoteName, signal: stop }));
  await watched((stop) => pullMetadata({ ...source, signal: stop }));
  await options.verify();
  await options.beforeContent?.();
  const download = chooseDownload(await measure({ repo, url, checksum, base: attempt.base.checksum, signal }));
  const refused = options.judged(spaceFindings(await readSpaceFacts(options), { content: download.content, kernelBytes: 0 }));
  if (refused !== undefined) return { refused };
  progress.expect(download.totalBytes);
  const { delta, deltaError } = await watched((stop) => pullCommit({ ...source, ref, deltas: download.deltas, signal: stop }));
  if (deltaError !== null) logger.warn("the static delta could not be used; the content came as objects", { checksum, err: deltaError });
  const { bytes, objects, retries } = counters;
  return { account: { delta, bytes, objects, retries } };
}

/** Reports how far a download is, now and then and at its end. */
function reported(counters: Readonly<Counters>, onProgress: FetchOptions["onProgress"]): Disposable & { expect(moreBytes: number | undefined): void } {
  let total: number | undefined;
  // More may come than was counted: a summary, or the objects of a delta that turned out to be damaged.
  const report = (): void => onProgress({ bytes: counters.bytes, objects: counters.objects, ...(total === undefined ? {} : { total: Math.max(total, counters.bytes) }) });
  const timer = setInterval(report, progressMillis);
  return {
    expect(moreBytes) {
      total = moreBytes === undefined ? undefined : counters.bytes + moreBytes;
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      report();
    },
  };
}

/** The smaller of two limits, of which either may be none. */
function lower(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

const noEndpoint = (subject: string): OstreeError =>
  new OstreeError({
    code: "bad-input",
    phase: "stage",
    subject,
    reason: "the enrollment token names no content endpoint",
    remedy: "Enroll with a token that does.",
  });
