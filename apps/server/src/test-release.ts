import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  addSignature,
  commitTree,
  generateKeyPair,
  initArchive,
  objectFile,
  objectsOf,
  readCommit,
  signCommit,
  updateSummary,
  writeDetached,
  type KeyPair,
} from "@treeline/ostree";
import { fromServiceError, type FrontClients, type wire } from "@treeline/rpc";

/** Support for tests: real releases in a real archive repository, and the messages that publish them. */

export const releaseRef = "fleetos/x86_64/stable";

export interface TestRelease {
  readonly repo: string;
  readonly version: string;
  readonly checksum: string;
  readonly names: readonly string[];
}

export class Publisher {
  readonly repo: string;
  readonly keys: KeyPair = generateKeyPair();

  private constructor(repo: string) {
    this.repo = repo;
  }

  static async create(directory: string): Promise<Publisher> {
    const publisher = new Publisher(join(directory, "archive"));
    await mkdir(publisher.repo);
    await initArchive({ repo: publisher.repo });
    return publisher;
  }

  /** Commits a small tree; signed by this publisher's key unless told otherwise. */
  async compose(version: string, { signer = this.keys.secretKey, metadata }: { readonly signer?: string | null; readonly metadata?: string } = {}): Promise<TestRelease> {
    const { repo } = this;
    const tree = `${repo}-${version}`;
    await mkdir(join(tree, "usr/share"), { recursive: true });
    await writeFile(join(tree, "usr/share/version"), `${version}\n`.repeat(2000));
    await writeFile(join(tree, "usr/share/common"), "the same in every version");
    const checksum =
      metadata === undefined
        ? await commitTree({ repo, ref: releaseRef, tree, version, bootable: false })
        : execFileSync("ostree", ["commit", `--repo=${repo}`, `--branch=${releaseRef}`, `--tree=dir=${tree}`, `--add-metadata-string=${metadata}`], { encoding: "utf8" }).trim();
    if (signer !== null) {
      const { commit, commitmeta } = await readCommit({ repo, checksum });
      await writeDetached({ repo, checksum, commitmeta: addSignature(commitmeta, signCommit(commit, signer)) });
    }
    await updateSummary({ repo });
    return { repo, version, checksum, names: await objectsOf({ repo, checksum }) };
  }
}

export type PublishMessage = wire.PublishReleaseRequest;

export function header(release: TestRelease, more: Partial<wire.PublishHeader> = {}): PublishMessage {
  return { header: { ref: releaseRef, version: release.version, checksum: release.checksum, ...more } };
}

/** The start and the bytes of one object. */
export async function object(release: TestRelease, name: string, spoil?: (bytes: Buffer) => Buffer): Promise<PublishMessage[]> {
  const bytes = await readFile(join(release.repo, objectFile(name)!));
  const sent = spoil ? spoil(bytes) : bytes;
  return [{ object: { name, size: String(sent.length) } }, ...(sent.length > 0 ? [{ chunk: sent }] : [])];
}

/** All that publishes a release. */
export async function everything(release: TestRelease, more: Partial<wire.PublishHeader> = {}): Promise<PublishMessage[]> {
  return [header(release, more), ...(await Promise.all(release.names.map((name) => object(release, name)))).flat()];
}

/** Sends the messages; the server's answer, or its RpcError. `open` leaves the stream open after them. */
export function publish(front: FrontClients, messages: readonly PublishMessage[], { open = false }: { readonly open?: boolean } = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<wire.PublishReleaseResponse__Output>();
  const call = front.releases.publishRelease((error, response) => (error ? reject(fromServiceError(error)) : resolve(response!)));
  call.on("error", () => {});
  for (const message of messages) call.write(message);
  if (!open) call.end();
  return Object.assign(promise, { call });
}
