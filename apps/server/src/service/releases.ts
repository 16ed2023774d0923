import { status } from "@grpc/grpc-js";
import type { Fleet } from "@treeline/control";
import { bootedDeployment, type ReleaseRecord } from "@treeline/fleet";
import { isObjectName, OstreeError, readCommit, unmanagedBecause } from "@treeline/ostree";
import type { Logger } from "@treeline/process";
import { RpcError, type wire } from "@treeline/rpc";
import { findRelease, type Snapshot } from "@treeline/rollout";
import { actorOf, type Caller } from "../access/caller.ts";
import type { ContentRepository, IncomingObjects, SignatureRefusal } from "../release/repository.ts";
import { checkedHeader, invalid, Upload, type PublishCall, type ReleaseHeader } from "../release/upload.ts";

const maxNames = 20_000;
const maxDeltaSources = 4;

export interface ReleasesOptions {
  readonly fleet: Fleet;
  readonly repository: ContentRepository;
  /** Public keys that hosts are known to trust now; none: it is not known what they trust. */
  readonly knownKeys: () => readonly string[];
  /** URL prefixes that may be mirrored. */
  readonly mirrors: readonly string[];
  /** How long an upload may pause, in milliseconds. */
  readonly uploadPauseMillis: number;
  readonly now: () => number;
  readonly logger: Logger;
}

/** ReleaseService. The server never holds a signing key; it takes only commits that carry a signature, and a known one when it knows any. */
export class Releases {
  readonly #options: ReleasesOptions;

  constructor(options: ReleasesOptions) {
    this.#options = options;
  }

  list(): wire.ListReleasesResponse {
    const releases = [...this.#options.fleet.durable.releases.values()].sort((a, b) => a.publishedAt - b.publishedAt);
    return { releases: releases.map(releaseView) };
  }

  get(request: wire.GetReleaseRequest__Output): wire.GetReleaseResponse {
    const found = findRelease(this.#options.fleet.durable, request.release);
    if (typeof found === "string")
      throw new RpcError(found.slice(0, 200), { status: status.NOT_FOUND, reason: "RELEASE_UNKNOWN", remedy: "see `treeline release list`" });
    return { release: releaseView(found) };
  }

  async listMissing(request: wire.ListMissingObjectsRequest__Output): Promise<wire.ListMissingObjectsResponse> {
    if (request.objects.length > maxNames) throw invalid("objects", `has ${request.objects.length} names; send at most ${maxNames} at once`);
    const bad = request.objects.findIndex((name) => !isObjectName(name));
    if (bad >= 0) throw invalid(`objects[${bad}]`, "is not the name of an archive object, such as CHECKSUM.filez");
    return { missing: [...(await this.#options.repository.missing(request.objects))] };
  }

  async publish(call: PublishCall, caller: Caller): Promise<wire.PublishReleaseResponse> {
    const { repository, uploadPauseMillis } = this.#options;
    using upload = new Upload(call, { pauseMillis: uploadPauseMillis });
    const header = await upload.header();
    requireSameRelease(this.#options.fleet.durable, header);
    await using incoming = await repository.receive();
    const received = await upload.objects(incoming);
    const release = await this.#guarded(async () => {
      const signedBy = await this.#signed(await this.#whereCommitIs(incoming, header.checksum), header.checksum);
      upload.requireSender();
      await repository.accept(incoming, header);
      return this.#record({ ...header, signedBy, ...received }, caller);
    });
    return { release: releaseView(release), objectsReceived: received.objects, bytesReceived: String(received.bytes) };
  }

  async mirror(request: wire.MirrorReleaseRequest__Output, caller: Caller): Promise<wire.MirrorReleaseResponse> {
    const { repository, mirrors } = this.#options;
    const header = checkedHeader(request);
    requireSameRelease(this.#options.fleet.durable, header);
    const url = URL.parse(request.url);
    const allowed = url !== null && mirrors.some((prefix) => isBelow(url, new URL(prefix)));
    if (!allowed)
      throw new RpcError("this URL may not be mirrored", { status: status.PERMISSION_DENIED, reason: "MIRROR_NOT_ALLOWED", remedy: "add it to releases.mirrors in the server's configuration" });
    const release = await this.#guarded(async () => {
      await using incoming = await repository.receive();
      // Checked before any content is asked for, and again on what has come: the mirror may have changed between the two.
      await repository.fetchMetadata(url.href, header, incoming);
      await this.#signed(incoming.path, header.checksum);
      const signedBy = await repository.mirror(url.href, header, () => this.#signed(repository.path, header.checksum));
      return this.#record({ ...header, signedBy, objects: 0, bytes: 0 }, caller);
    });
    return { release: releaseView(release) };
  }

  /** A publication repeated for its lost answer sends no object: then the commit lies in the repository already. */
  async #whereCommitIs(incoming: IncomingObjects, checksum: string): Promise<string> {
    const { repository } = this.#options;
    const missing = await repository.missing([`${checksum}.commit`]);
    return missing.length > 0 || incoming.received.has(`${checksum}.commit`) || incoming.received.has(`${checksum}.commitmeta`) ? incoming.path : repository.path;
  }

  async #signed(repo: string, checksum: string): Promise<readonly string[]> {
    const { knownKeys, repository, logger } = this.#options;
    const checked = await repository.checkSignature(repo, checksum, knownKeys());
    if (!checked.ok) throw signatureError(checksum, checked.reason);
    if (checked.signedBy.length === 0) logger.warn("a release's signature could not be checked: no public key is known here", { checksum });
    return checked.signedBy;
  }

  /** What is recorded stays, with one exception: a release may be called unmanaged later, and is that from then on. */
  async #record({ unmanaged, ...release }: ReleaseHeader & Pick<ReleaseRecord, "signedBy" | "objects" | "bytes">, caller: Caller): Promise<ReleaseRecord> {
    const { fleet, repository, now } = this.#options;
    const { commit } = await readCommit({ repo: repository.path, checksum: release.checksum });
    const because = unmanagedBecause(commit) ?? (unmanaged ? `published so by ${caller.principal.id}` : null);
    const recorded = await fleet.transact((working) => {
      requireSameRelease(working, release);
      const known = working.releases.get(release.checksum);
      if (known !== undefined && (because === null || known.unmanaged !== undefined)) return { changes: [], result: known };
      const at = now();
      const value: ReleaseRecord = { ...(known ?? { ...release, publishedAt: at }), ...(because === null ? {} : { unmanaged: because }) };
      const said = because === null ? "" : `, unmanaged: ${because}`;
      const action = known === undefined ? "publish-release" : "mark-release-unmanaged";
      const audit = [{ at, ...actorOf(caller), action, subject: `release ${release.checksum}`, because: `${release.ref} ${release.version}${said}` }];
      return { changes: [{ kind: "release", value }], audit, result: value };
    });
    repository.makeDeltas(deltaSources(fleet.durable, recorded), recorded.checksum);
    return recorded;
  }

  async #guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof OstreeError)) throw error;
      const code = error.code === "no-space" ? status.RESOURCE_EXHAUSTED : error.retryable ? status.UNAVAILABLE : status.INVALID_ARGUMENT;
      throw new RpcError(`ostree refused the release: ${error.message}`.slice(0, 900), { status: code, reason: `OSTREE_${error.code.toUpperCase().replaceAll("-", "_")}`, remedy: error.remedy, cause: error });
    }
  }
}

/**
 * INVARIANT: a release never changes its name, and on one ref a version names one commit: rollouts and people go by it.
 * Publishing the same again is allowed: an answer may have been lost.
 */
function requireSameRelease({ releases }: Snapshot, { checksum, ref, version }: Pick<ReleaseHeader, "checksum" | "ref" | "version">): void {
  const known = releases.get(checksum);
  const namesake = [...releases.values()].find((other) => other.version === version && other.ref === ref && other.checksum !== checksum);
  if (namesake === undefined && (known === undefined || (known.ref === ref && known.version === version))) return;
  const [message, remedy] = namesake
    ? [`version ${version} of ${ref} is commit ${namesake.checksum} already`, "give this commit a version of its own"]
    : [`commit ${checksum} is published already, as ${known?.ref} ${known?.version}`, "a release keeps its name; make another commit for another version"];
  throw new RpcError(message, { status: status.ALREADY_EXISTS, reason: "RELEASE_EXISTS", subject: checksum, remedy });
}

/** The commits of the same ref that nodes run now, the most frequent first, and the release before this one. */
function deltaSources(snapshot: Snapshot, release: ReleaseRecord): readonly string[] {
  const running = new Map<string, number>();
  for (const { observation } of snapshot.observations.values()) {
    const booted = bootedDeployment(observation.os)?.checksum;
    if (booted !== undefined) running.set(booted, (running.get(booted) ?? 0) + 1);
  }
  const sameRef = [...snapshot.releases.values()].filter((other) => other.ref === release.ref && other.checksum !== release.checksum);
  const newest = [...sameRef].sort((a, b) => b.publishedAt - a.publishedAt).slice(0, 1);
  const used = sameRef.filter((other) => running.has(other.checksum)).sort((a, b) => running.get(b.checksum)! - running.get(a.checksum)!);
  return [...new Set([...used, ...newest].map((other) => other.checksum))].slice(0, maxDeltaSources);
}

/** `URL` has resolved every `..`; a `%2e` or `%2f` that it left might be one to the other server, so nothing encoded is allowed. */
function isBelow(url: URL, prefix: URL): boolean {
  const folder = prefix.pathname.endsWith("/") ? prefix.pathname : `${prefix.pathname}/`;
  const bare = url.href === `${url.origin}${url.pathname}` && !url.pathname.includes("%");
  return bare && url.origin === prefix.origin && (url.pathname === prefix.pathname || url.pathname.startsWith(folder));
}

function releaseView(release: ReleaseRecord): wire.Release {
  const { checksum, ref, version, signedBy, objects, bytes, unmanaged = "" } = release;
  return { checksum, ref, version, publishedAtMillis: String(release.publishedAt), signedBy: [...signedBy], objects, bytes: String(bytes), unmanaged };
}

function signatureError(checksum: string, reason: SignatureRefusal): RpcError {
  const said = {
    unsigned: "the commit carries no ed25519 signature",
    malformed: "the commit's signature data cannot be read",
    "untrusted-key": "the commit is signed by no key known here",
    "checksum-mismatch": "the commit's bytes do not match its checksum",
  }[reason];
  return new RpcError(said, {
    status: status.FAILED_PRECONDITION,
    reason: `SIGNATURE_${reason.toUpperCase().replaceAll("-", "_")}`,
    subject: checksum,
    remedy: "sign it with `treeline release sign --key FILE`, with a key whose public half is in releases.keys, in an enrollment token or in a key rotation, neither retired nor outside its window",
  });
}
