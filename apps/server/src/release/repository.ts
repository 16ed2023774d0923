import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Logger } from "@treeline/process";
import {
  ensureRemote,
  generateDelta,
  importFrom,
  initArchive,
  missingObjects,
  objectFile,
  pullCommit,
  pullMetadata,
  readCommit,
  setRef,
  signaturesOf,
  updateSummary,
  verifyCommit,
} from "@treeline/ostree";

export interface ReleaseId {
  readonly checksum: string;
  readonly ref: string;
}

/** Why a commit's signature does not let it in. */
export type SignatureRefusal = "checksum-mismatch" | "malformed" | "unsigned" | "untrusted-key";

export type SignatureCheck = { readonly ok: true; readonly signedBy: readonly string[] } | { readonly ok: false; readonly reason: SignatureRefusal };

/**
 * The server's archive repository, `DATA/ostree`. All heavy work runs in `ostree` child processes, one writer at a time.
 * INVARIANT: a ref points only to commits that are complete and carry a signature.
 */
export class ContentRepository {
  readonly path: string;
  readonly #incoming: string;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(data: string, logger: Logger) {
    this.path = join(data, "ostree");
    this.#incoming = join(data, "ostree-incoming");
    this.#logger = logger;
  }

  /** Opens the repository, made on the first start. What an interrupted publication left behind is removed. */
  static async open(data: string, logger: Logger): Promise<ContentRepository> {
    const repository = new ContentRepository(data, logger);
    await initArchive({ repo: repository.path });
    await rm(repository.#incoming, { recursive: true, force: true });
    await mkdir(repository.#incoming, { recursive: true, mode: 0o700 });
    return repository;
  }

  missing(names: readonly string[]): Promise<readonly string[]> {
    return missingObjects({ repo: this.path, names });
  }

  /** A place for the objects of one publication; `await using` removes it. */
  async receive(): Promise<IncomingObjects> {
    const incoming = new IncomingObjects(await mkdtemp(join(this.#incoming, "release-")));
    await initArchive({ repo: incoming.path });
    return incoming;
  }

  /** Checks the signature on the commit in `repo` against the keys known here; with none known, that there is one at all. */
  async checkSignature(repo: string, checksum: string, trustedKeys: readonly string[]): Promise<SignatureCheck> {
    const { commit, commitmeta } = await readCommit({ repo, checksum });
    const verified = verifyCommit({ commit, commitmeta, checksum, trustedKeys });
    if (verified.ok) return { ok: true, signedBy: [verified.key] };
    const present = commitmeta !== null && (signaturesOf(commitmeta)?.length ?? 0) > 0;
    if (trustedKeys.length === 0 && verified.reason === "untrusted-key" && present) return { ok: true, signedBy: [] };
    return { ok: false, reason: verified.reason };
  }

  /** Takes a received commit in: every checksum is computed by ostree, then the ref and the summary follow. */
  accept(incoming: IncomingObjects, release: ReleaseId): Promise<void> {
    return this.#alone(async (signal) => {
      await importFrom({ repo: this.path, scratch: incoming.path, checksum: release.checksum, ref: release.ref, signal });
      await updateSummary({ repo: this.path, signal });
    });
  }

  /** Fetches a commit's metadata from another archive repository into a place of its own, for its signature to be checked first. */
  async fetchMetadata(url: string, release: ReleaseId, incoming: IncomingObjects): Promise<void> {
    const { signal } = this.#closing;
    await ensureRemote({ repo: incoming.path, remote: mirrorRemote, signal });
    await pullMetadata({ repo: incoming.path, remote: mirrorRemote, url, ...release, signal });
  }

  /** Fetches the whole commit; once `check` has passed, sets the ref and the summary. Returns what `check` did. */
  mirror<Checked>(url: string, release: ReleaseId, check: () => Promise<Checked>): Promise<Checked> {
    return this.#alone(async (signal) => {
      await ensureRemote({ repo: this.path, remote: mirrorRemote, signal });
      await pullCommit({ repo: this.path, remote: mirrorRemote, url, ...release, deltas: false, signal });
      const checked = await check();
      await setRef({ repo: this.path, ...release, signal });
      await updateSummary({ repo: this.path, signal });
      return checked;
    });
  }

  /** Makes static deltas to a release in the background. Without them agents pull loose objects; so a failure is only logged. */
  makeDeltas(from: readonly string[], to: string): void {
    if (from.length === 0) return;
    void this.#alone(async (signal) => {
      // bsdiff costs minutes of a core on large trees and gains little on compressed content.
      for (const commit of from) await generateDelta({ repo: this.path, from: commit, to, bsdiff: false, signal });
      await updateSummary({ repo: this.path, signal });
    }).catch((error: unknown) => {
      if (!this.#closing.signal.aborted) this.#logger.warn("no static delta was made; agents will pull loose objects", { to, err: error });
    });
  }

  /** Ends work under way: ostree may be killed at any moment, and a repeated publication takes up what is there. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("the server is stopping"));
    await this.#last.catch(() => {});
  }

  #alone<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { signal } = this.#closing;
    const next = this.#last.catch(() => {}).then(() => work(signal));
    this.#last = next;
    return next;
  }
}

const mirrorRemote = "mirror";

/** The objects of one publication, in a scratch repository of their own until they are checked. */
export class IncomingObjects implements AsyncDisposable {
  readonly path: string;
  /** Names of the objects written so far. */
  readonly received = new Set<string>();

  constructor(path: string) {
    this.path = path;
  }

  /** Writes one object from its chunks. Rejects with a RangeError when they are not as long as announced. */
  async write(name: string, size: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const file = objectFile(name);
    if (file === null) throw new Error(`"${name}" is no object name`);
    const path = join(this.path, file);
    await mkdir(dirname(path), { recursive: true });
    await using target = await open(path, "wx");
    let written = 0;
    for await (const chunk of chunks) {
      written += chunk.length;
      if (written > size) throw new RangeError(`object ${name} is longer than its announced ${size} bytes`);
      await target.appendFile(chunk);
    }
    if (written < size) throw new RangeError(`object ${name} ended after ${written} of ${size} bytes`);
    this.received.add(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
