import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { jitteredBackoff, sleep, type Logger } from "@treeline/process";
import type { RateLimit } from "./rate-limit.ts";
import { isImmutable } from "./request-path.ts";
import type { Upstream, UpstreamResponse } from "./upstream.ts";

/** Failures in a row, without one byte between them, after which the client is told. */
const maxFailures = 6;
const passedOn = ["content-type", "content-length", "etag", "last-modified"] as const;
const conditions = ["if-none-match", "if-modified-since"] as const;

/** What went through, exactly. */
export interface Counters {
  requests: number;
  /** Body bytes handed to the client. */
  bytes: number;
  /** Repository objects handed over whole. */
  objects: number;
  retries: number;
  failures: number;
  /** Streams that wait for our own rate limit just now: they do not stall. */
  pacing: number;
}

export interface RelayOptions {
  readonly upstream: Upstream;
  readonly limit: RateLimit;
  readonly counters: Counters;
  /** How long the content server may be silent while we wait for it. */
  readonly idleMillis: number;
  readonly retry: { readonly baseMs: number; readonly maxMs: number };
  readonly logger: Logger;
}

/** Something that another request may mend. */
class RelayFault extends Error {
  override readonly name = "RelayFault";
}

/**
 * Answers one request of ostree from the content servers.
 *
 * INVARIANT: the client sees one answer without seam, or none: it never sees a retry. A body that breaks off goes on, in the same answer, with a
 * range request; of a thing that may change it holds only if it has not (If-Range). Where a server does not do ranges, its whole answer is skipped up to the place. After `maxFailures` without progress: 502 before the first byte, a broken connection after it.
 */
export async function relay(path: string, client: { readonly request: IncomingMessage; readonly response: ServerResponse }, options: RelayOptions): Promise<void> {
  const { upstream, counters, logger } = options;
  const { request, response } = client;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  counters.requests++;
  const progress: Progress = { sent: 0, total: undefined, etag: undefined };
  const backoff = jitteredBackoff({ ...options.retry, random: Math.random });
  for (let failures = 0; !gone.signal.aborted; ) {
    const before = progress.sent;
    const { endpoint } = upstream;
    try {
      await oneAnswer(path, request.method === "HEAD" ? "HEAD" : "GET", progress, { request, response, gone: gone.signal }, options);
      if (path.startsWith("/objects/") && response.statusCode === 200) counters.objects++;
      return;
    } catch (error) {
      if (gone.signal.aborted) return;
      upstream.failOver(endpoint);
      failures = progress.sent > before ? 1 : failures + 1;
      if (progress.sent > before) backoff.reset();
      logger.debug("content request failed", { path, endpoint, sent: progress.sent, failures, err: error });
      if (failures >= maxFailures) {
        counters.failures++;
        logger.warn("content cannot be fetched; the pull will be tried again", { path, endpoint, err: error });
        if (response.headersSent) response.destroy();
        else response.writeHead(502).end();
        return;
      }
      counters.retries++;
      await sleep(backoff.nextDelayMs(), gone.signal);
    }
  }
}

interface Progress {
  /** Body bytes the client has. */
  sent: number;
  /** Of the whole body; undefined until the first answer, or when the server did not say. */
  total: number | undefined;
  etag: string | undefined;
}

interface Client {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly gone: AbortSignal;
}

async function oneAnswer(path: string, method: "GET" | "HEAD", progress: Progress, client: Client, options: RelayOptions): Promise<void> {
  const watchdog = new AbortController();
  const signal = AbortSignal.any([client.gone, watchdog.signal]);
  // Armed only while we wait for the server: a slow client or our own rate limit is not the server's silence.
  const whileWaiting = async <T>(waiting: Promise<T>): Promise<T> => {
    const timer = setTimeout(() => watchdog.abort(new RelayFault(`the content server was silent for ${options.idleMillis} ms`)), options.idleMillis);
    try {
      return await waiting;
    } finally {
      clearTimeout(timer);
    }
  };
  const answer = await whileWaiting(options.upstream.open({ method, path, headers: headersFor(path, progress, client.request), signal }));
  try {
    let skip = begin(path, answer, progress, client.response);
    const chunks = answer.body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (let next = await whileWaiting(chunks.next()); next.done !== true; next = await whileWaiting(chunks.next())) {
      const chunk = next.value.subarray(Math.min(skip, next.value.length));
      skip -= next.value.length - chunk.length;
      if (chunk.length === 0) continue;
      options.counters.pacing++;
      await options.limit.take(next.value.length, signal).finally(() => options.counters.pacing--);
      progress.sent += chunk.length;
      options.counters.bytes += chunk.length;
      if (!client.response.write(chunk)) await drained(client.response, client.gone);
      client.gone.throwIfAborted();
    }
    if (method === "GET" && progress.total !== undefined && answer.status < 300 && progress.sent < progress.total) throw new RelayFault("the body broke off");
    client.response.end();
  } finally {
    answer.body.destroy();
  }
}

function headersFor(path: string, progress: Progress, request: IncomingMessage): Readonly<Record<string, string>> {
  // What never changes needs no condition: another endpoint has another validator for it, and many servers hold a weak one against a range (RFC 9110, 13.1.5).
  const condition = isImmutable(path) || progress.etag === undefined ? {} : { "if-range": progress.etag };
  if (progress.sent > 0) return { range: `bytes=${progress.sent}-`, ...condition };
  return Object.fromEntries(conditions.flatMap((name) => (request.headers[name] === undefined ? [] : [[name, request.headers[name]]])));
}

/** Sends the head, or checks that this answer continues the last one. Returns how many bytes of it the client already has. */
function begin(path: string, answer: UpstreamResponse, progress: Progress, response: ServerResponse): number {
  const { status, headers } = answer;
  if (status >= 500 || status === 408 || status === 429) throw new RelayFault(`the content server answered ${status}`);
  const length = headers["content-length"] === undefined ? undefined : Number(headers["content-length"]);
  if (!response.headersSent) {
    progress.total = length;
    progress.etag = headers.etag;
    response.writeHead(status, Object.fromEntries(passedOn.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]))));
    return 0;
  }
  // The same thing as before: by its name, or by a validator compared as text (a weak one, too: many servers know no other).
  const same = isImmutable(path) || (headers.etag !== undefined && headers.etag === progress.etag);
  const resumesAt = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers["content-range"] ?? "");
  if (same && status === 206 && Number(resumesAt?.[1]) === progress.sent && (progress.total === undefined || Number(resumesAt?.[2]) === progress.total)) return 0;
  if (same && status === 200 && response.statusCode === 200 && length === progress.total) return progress.sent;
  throw new RelayFault(`the content server does not go on at byte ${progress.sent} (status ${status})`);
}

async function drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
  await once(response, "drain", { signal: gone }).catch(() => {});
}
