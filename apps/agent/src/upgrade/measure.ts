import { get } from "node:http";
import { parseSizes, parseSuperblock, presentObjects, readCommit, superblockPath } from "@treeline/ostree";
import type { Amount, Measured } from "@treeline/upgrade";

/** Larger superblocks ostree itself would refuse. */
const mostBytes = 10 * 1024 * 1024;

export interface MeasureOptions {
  readonly repo: string;
  /** The content proxy's. */
  readonly url: string;
  /** The commit to fetch; its metadata are here, and their signature was checked. */
  readonly checksum: string;
  /** What the host runs: a delta from there is looked for. ostree may know of one from another commit that is here; it is not measured. */
  readonly base: string;
  readonly signal: AbortSignal;
}

/**
 * How much there is to fetch, by the way it is fetched. Exact: the superblock of a delta names the size of each part, and a commit made with `--generate-sizes`
 * that of each object. Costs one request. What cannot be measured is left out; only the caller's own giving up is an error.
 */
export async function measure(options: MeasureOptions): Promise<Measured> {
  return { delta: await measureDelta(options), loose: await measureLoose(options) };
}

async function measureLoose({ repo, checksum }: MeasureOptions): Promise<Amount | undefined> {
  const sizes = parseSizes((await readCommit({ repo, checksum })).commit);
  if (sizes === null) return undefined;
  const pieces = sizes.map(({ checksum: object, bytes, unpackedBytes }) => ({ bytes, unpackedBytes, objects: [object] }));
  return await amountOf(repo, pieces);
}

async function measureDelta({ repo, url, checksum: to, base: from, signal }: MeasureOptions): Promise<Measured["delta"]> {
  const answer = await fetchSmall(`${url}/${superblockPath({ from, to })}`, signal);
  if (answer === undefined) return undefined;
  if (answer.status === 404) return "none";
  const size = answer.status === 200 ? parseSuperblock(answer.body, { from, to }) : null;
  if (size === null) return undefined;
  const { bytes, missingBytes, ...rest } = await amountOf(repo, size.pieces);
  // ostree fetches the superblock, too.
  return { bytes: bytes + answer.body.length, missingBytes: missingBytes + answer.body.length, ...rest };
}

interface Piece {
  readonly bytes: number;
  readonly unpackedBytes: number;
  readonly objects: readonly string[];
}

/** A piece is fetched if one of its objects lacks. */
async function amountOf(repo: string, pieces: readonly Piece[]): Promise<Amount> {
  const checksums = pieces.flatMap(({ objects }) => objects);
  const [there, thereOrHalfway] = [await presentObjects({ repo, checksums }), await presentObjects({ repo, checksums, unfinished: true })];
  const lackingIn = (present: ReadonlySet<string>) => pieces.filter(({ objects }) => objects.some((object) => !present.has(object)));
  const sum = (of: readonly Piece[], field: "bytes" | "unpackedBytes"): number => of.reduce((total, piece) => total + piece[field], 0);
  const rest = lackingIn(thereOrHalfway);
  return {
    bytes: sum(lackingIn(there), "bytes"),
    missingBytes: sum(rest, "bytes"),
    unpackedBytes: sum(rest, "unpackedBytes"),
    objects: new Set(rest.flatMap(({ objects }) => objects.filter((object) => !thereOrHalfway.has(object)))).size,
  };
}

/** Asks the proxy, which hides passing faults; undefined: no answer of a size that could be one. */
async function fetchSmall(url: string, signal: AbortSignal): Promise<{ readonly status: number; readonly body: Buffer } | undefined> {
  try {
    return await new Promise((resolve, reject) => {
      const request = get(url, { signal, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > mostBytes) response.destroy(new Error("the superblock is larger than ostree allows"));
          else chunks.push(chunk);
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
        response.on("error", reject);
      });
      request.on("error", reject);
    });
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}
