import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { objectFile, type ObjectName } from "@treeline/ostree";
import { fromServiceError, type FrontClients, type UnaryOptions, type wire } from "@treeline/rpc";
import { CliError } from "./cli-error.ts";

type ReleaseClient = FrontClients["releases"];

/** Names asked for in one call: at about 75 bytes each far below the limit of a message. */
const batchSize = 2000;

/** Bytes of one chunk message. */
const chunkBytes = 256 * 1024;

export interface SizedObject {
  readonly name: ObjectName;
  readonly file: string;
  readonly bytes: number;
}

/** What the server still needs of a commit, in the commit's own order. */
export interface Upload {
  readonly objects: readonly SizedObject[];
  readonly bytes: number;
  /** Objects of the whole commit. */
  readonly total: number;
}

/**
 * Asks the server which objects it lacks. The commit and its detached metadata are always among those sent: the server checks the
 * signature on them, and a new signature changes the metadata without changing its name.
 */
export async function planUpload(options: {
  readonly releases: ReleaseClient;
  readonly repo: string;
  readonly names: readonly ObjectName[];
  readonly call?: UnaryOptions;
}): Promise<Upload> {
  const { releases, repo, names, call = {} } = options;
  const needed = new Set<string>(names.filter((name) => name.endsWith(".commit") || name.endsWith(".commitmeta")));
  for (let start = 0; start < names.length; start += batchSize) {
    const { missing } = await releases.listMissingObjects({ objects: names.slice(start, start + batchSize) }, call);
    for (const name of missing) needed.add(name);
  }
  const objects: SizedObject[] = [];
  // Only names of this commit: what else the server may ask for stays here.
  for (const name of names.filter((known) => needed.has(known))) {
    const file = join(repo, objectFile(name) ?? "");
    objects.push({ name, file, bytes: (await stat(file)).size });
  }
  return { objects, bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0), total: names.length };
}

export interface SendOptions {
  readonly releases: ReleaseClient;
  readonly header: { readonly ref: string; readonly version: string; readonly checksum: string; readonly unmanaged: boolean };
  readonly upload: Upload;
  /** Milliseconds for the whole upload; without it the connection's keepalive alone notices a dead server. */
  readonly deadlineMillis?: number;
  readonly onProgress: (sent: { readonly objects: number; readonly bytes: number }) => void;
}

/** Streams a release, no faster than the connection takes it; resolves once the server has committed it. @throws RpcError, CliError */
export async function sendRelease({
  releases,
  header,
  upload,
  deadlineMillis,
  onProgress,
}: SendOptions): Promise<wire.PublishReleaseResponse__Output> {
  const { promise: answer, resolve, reject } = Promise.withResolvers<wire.PublishReleaseResponse__Output>();
  answer.catch(() => {});
  const answered = new AbortController();
  const deadline = deadlineMillis === undefined ? Number.POSITIVE_INFINITY : Date.now() + deadlineMillis;
  const call = releases.publishRelease({ deadline }, (error, response) => {
    if (error) reject(fromServiceError(error));
    else if (response === undefined) reject(new TypeError("the server answered nothing"));
    else resolve(response);
    // An early answer is a refusal, and grpc-js would wait for ever with a chunk that nobody takes any more.
    answered.abort();
  });
  call.on("error", () => {});
  try {
    // The call is a stream of messages; Node's types know writable streams of bytes alone.
    const sink = call as unknown as Writable;
    await pipeline(Readable.from(messages(header, upload.objects, onProgress)), sink, { signal: answered.signal });
  } catch (error) {
    if (!answered.signal.aborted) {
      call.cancel();
      throw error;
    }
  }
  return await answer;
}

async function* messages(
  header: SendOptions["header"],
  objects: readonly SizedObject[],
  onProgress: SendOptions["onProgress"],
): AsyncGenerator<wire.PublishReleaseRequest> {
  yield { header };
  let bytes = 0;
  for (const [index, object] of objects.entries()) {
    yield { object: { name: object.name, size: String(object.bytes) } };
    let left = object.bytes;
    for await (const chunk of createReadStream(object.file, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
      left -= chunk.length;
      if (left < 0) break;
      yield { chunk };
      bytes += chunk.length;
      onProgress({ objects: index, bytes });
    }
    if (left !== 0) {
      throw new CliError(`${object.file} changed while it was sent`, {
        code: "repository-unfit",
        subject: object.name,
        exitCode: 1,
        remedy: "publish again when nobody writes into the repository",
      });
    }
    onProgress({ objects: index + 1, bytes });
  }
}
