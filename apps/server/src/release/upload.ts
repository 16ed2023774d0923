import { statfs } from "node:fs/promises";
import { status, type ServerReadableStream } from "@grpc/grpc-js";
import { isChecksum } from "@treeline/fleet";
import { isObjectName } from "@treeline/ostree";
import { errnoOf } from "@treeline/process";
import { RpcError, safeInteger, type wire } from "@treeline/rpc";
import type { IncomingObjects } from "./repository.ts";

const maxObjects = 1_000_000;
const maxReleaseBytes = 1024 ** 4;

/** What an upload leaves free on the disk: the database lives there, too, and must always be able to write. */
const spareBytes = 512 * 1024 ** 2;

const refForm = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/;
const versionForm = /^[\x21-\x7e]([\x20-\x7e]{0,126}[\x21-\x7e])?$/;

const remedy = "publish again: only what is missing is sent";

export type PublishCall = ServerReadableStream<wire.PublishReleaseRequest__Output, wire.PublishReleaseResponse>;

/** What a publication says it is. */
export interface ReleaseHeader {
  readonly ref: string;
  readonly version: string;
  readonly checksum: string;
  /** Its publisher says that it was built without agent or boot guard. */
  readonly unmanaged: boolean;
}

/**
 * The messages of a publication in their order: header, then for each object its start and its chunks. It ends: by its sender, by a limit, or
 * when nothing came for `pauseMillis`. `using` ends the reading.
 */
export class Upload implements Disposable {
  readonly #call: PublishCall;
  readonly #pauseMillis: number;
  readonly #messages: AsyncIterator<wire.PublishReleaseRequest__Output>;
  #next: wire.PublishReleaseRequest__Output | undefined;

  constructor(call: PublishCall, { pauseMillis }: { readonly pauseMillis: number }) {
    this.#call = call;
    this.#pauseMillis = pauseMillis;
    this.#messages = (call as AsyncIterable<wire.PublishReleaseRequest__Output>)[Symbol.asyncIterator]();
  }

  async header(): Promise<ReleaseHeader> {
    const message = await this.#pull();
    if (message?.message !== "header" || !message.header) throw invalid("header", "must be the first message of a publication");
    const header = checkedHeader(message.header);
    await this.#pull();
    return header;
  }

  /** Writes every object that follows. Returns how many there were and their bytes. */
  async objects(incoming: IncomingObjects): Promise<{ readonly objects: number; readonly bytes: number }> {
    let objects = 0;
    let bytes = 0;
    while (this.#next !== undefined) {
      const start = this.#next.message === "object" ? this.#next.object : undefined;
      if (!start) throw invalid("object", "must come before its chunks");
      if (!isObjectName(start.name)) throw invalid("object.name", "is not the name of an archive object, such as CHECKSUM.filez");
      if (incoming.received.has(start.name)) throw invalid("object.name", `${start.name} was sent twice`);
      const size = safeInteger("object.size", start.size);
      objects += 1;
      bytes += size;
      if (objects > maxObjects) throw invalid("object", `is one more than the ${maxObjects} that a release may have`);
      if (bytes > maxReleaseBytes) throw invalid("object.size", `makes the release larger than ${maxReleaseBytes} bytes`);
      await requireSpace(incoming.path, size);
      await this.#pull();
      try {
        await incoming.write(start.name, size, this.#chunks());
      } catch (error) {
        if (error instanceof RangeError) throw invalid("object.size", error.message);
        throw errnoOf(error) === "ENOSPC" ? noSpace() : error;
      }
    }
    return { objects, bytes };
  }

  /** Of itself a call that was broken off looks like one that has ended. @throws RpcError CANCELLED */
  requireSender(): void {
    if (this.#call.cancelled) throw new RpcError("the upload was broken off", { status: status.CANCELLED, reason: "CANCELLED", remedy });
  }

  [Symbol.dispose](): void {
    this.#call.destroy();
  }

  async *#chunks(): AsyncIterable<Uint8Array> {
    while (this.#next?.message === "chunk" && this.#next.chunk) {
      if (this.#next.chunk.length === 0) throw invalid("chunk", "is empty");
      yield this.#next.chunk;
      await this.#pull();
    }
  }

  async #pull(): Promise<wire.PublishReleaseRequest__Output | undefined> {
    const stalled = (): RpcError => new RpcError("nothing was sent for too long", { status: status.DEADLINE_EXCEEDED, reason: "UPLOAD_STALLED", remedy });
    const pause = setTimeout(() => this.#call.destroy(stalled()), this.#pauseMillis);
    try {
      const { value, done } = await this.#messages.next();
      this.#next = done === true ? undefined : (value as wire.PublishReleaseRequest__Output);
      return this.#next;
    } catch (error) {
      this.requireSender();
      throw error;
    } finally {
      clearTimeout(pause);
    }
  }
}

/** @throws RpcError INVALID_ARGUMENT with every field that is wrong */
export function checkedHeader(header: ReleaseHeader): ReleaseHeader {
  const violations = [
    ...(isChecksum(header.checksum) ? [] : [{ field: "checksum", description: "is not a commit: 64 lower-case hexadecimal digits" }]),
    ...(header.ref.length <= 255 && refForm.test(header.ref) ? [] : [{ field: "ref", description: 'is not a ref such as "fleetos/x86_64/stable"' }]),
    ...(versionForm.test(header.version) ? [] : [{ field: "version", description: "must be 1 to 128 printable characters" }]),
  ];
  if (violations.length > 0) throw new RpcError("the release is not valid", { status: status.INVALID_ARGUMENT, reason: "INVALID", violations });
  return { checksum: header.checksum, ref: header.ref, version: header.version, unmanaged: header.unmanaged };
}

async function requireSpace(path: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(path);
  if (bavail * bsize - bytes < spareBytes) throw noSpace();
}

function noSpace(): RpcError {
  return new RpcError("the server's disk has no room for the release", {
    status: status.RESOURCE_EXHAUSTED,
    reason: "NO_SPACE",
    remedy: `free some space under the server's data directory: ${spareBytes / 1024 ** 2} MiB must stay free beside the release`,
  });
}

export function invalid(field: string, description: string): RpcError {
  return new RpcError("the publication is not valid", { status: status.INVALID_ARGUMENT, reason: "INVALID", violations: [{ field, description }], remedy: "use `treeline release publish`" });
}
