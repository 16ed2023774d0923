import { requireChecksum } from "./argument.ts";
import { maxMetadataSize } from "./gvariant.ts";
import { readElements, readTuple, type Member } from "./gvariant-tuple.ts";
import type { StaticDelta } from "./static-delta.ts";

/** One thing that a pull through a static delta fetches, unless all of its objects are here. */
export interface DeltaPiece {
  /** On the wire. */
  readonly bytes: number;
  readonly unpackedBytes: number;
  /** Checksums of the objects it brings. */
  readonly objects: readonly string[];
}

/** What a superblock says of its delta: parts, and large files that come as objects of their own. */
export interface DeltaSize {
  readonly pieces: readonly DeltaPiece[];
}

/** Where a delta's superblock lies in a repository: base64 of the two checksums, with _ for /. */
export function superblockPath({ from, to }: StaticDelta): string {
  const name = (checksum: string): string =>
    Buffer.from(requireChecksum(checksum, "measure delta"), "hex").toString("base64").replace(/=+$/, "").replaceAll("/", "_");
  const first = name(from);
  return `deltas/${first.slice(0, 2)}/${first.slice(2)}-${name(to)}/superblock`;
}

/** OSTREE_STATIC_DELTA_SUPERBLOCK_FORMAT, (a{sv}tayay COMMIT aya(uayttay)a(yaytt)), from ostree-repo-static-delta-private.h. */
const superblock: readonly Member[] = [
  { align: 8 },
  { align: 8, size: 8 },
  { align: 1 },
  { align: 1 },
  { align: 8 },
  { align: 1 },
  { align: 8 },
  { align: 8 },
];
/** Version, checksum, size, unpacked size, objects of 33 bytes: type and checksum. */
const part: readonly Member[] = [{ align: 4, size: 4 }, { align: 1 }, { align: 8, size: 8 }, { align: 8, size: 8 }, { align: 1 }];
/** Type, checksum, size, unpacked size. */
const fallback: readonly Member[] = [{ align: 1, size: 1 }, { align: 1 }, { align: 8, size: 8 }, { align: 8, size: 8 }];
const objectSize = 33;

/**
 * Reads a superblock. Pure. Null: it is none, it is of another delta, or it was made on a machine whose numbers stand the other way round (then nobody knows its
 * size before it is fetched, and that is all). Parts that the superblock itself holds count nothing beside it.
 */
export function parseSuperblock(bytes: Uint8Array, { from, to }: StaticDelta): DeltaSize | null {
  if (bytes.length > maxMetadataSize) return null;
  const members = readTuple(bytes, superblock);
  if (members === null) return null;
  const [metadata, , fromSum, toSum, , , partsBytes, fallbacksBytes] = members;
  if (fromSum?.toString("hex") !== from || toSum?.toString("hex") !== to) return null;
  const parts = readElements(partsBytes ?? Buffer.alloc(0), 8)?.map((element) => readTuple(element, part));
  const fallbacks = readElements(fallbacksBytes ?? Buffer.alloc(0), 8)?.map((element) => readTuple(element, fallback));
  if (parts === undefined || fallbacks === undefined || metadata?.includes("ostree.endianness\0") !== true) return null;
  // The superblock may hold other files of the delta's folder, named by their path.
  const folder = superblockPath({ from, to }).replace(/superblock$/, "");
  const isInline = (index: number): boolean => metadata.includes(`${folder}${index}\0`);
  const pieces: DeltaPiece[] = [];
  for (const [index, members] of parts.entries()) {
    const [, , size, unpacked, objects] = members ?? [];
    const bytes = length(size);
    const unpackedBytes = length(unpacked);
    if (bytes === null || unpackedBytes === null || objects === undefined || objects.length % objectSize !== 0) return null;
    pieces.push({ bytes: isInline(index) ? 0 : bytes, unpackedBytes, objects: checksumsIn(objects) });
  }
  for (const members of fallbacks) {
    const [, checksum, size, unpacked] = members ?? [];
    const bytes = length(size);
    const unpackedBytes = length(unpacked);
    if (bytes === null || unpackedBytes === null || checksum?.length !== 32) return null;
    pieces.push({ bytes, unpackedBytes, objects: [checksum.toString("hex")] });
  }
  return { pieces };
}

const checksumsIn = (objects: Buffer): readonly string[] =>
  Array.from({ length: objects.length / objectSize }, (_, i) => objects.toString("hex", i * objectSize + 1, (i + 1) * objectSize));

/** A 64 bit number that can be a length; null for one that was written the other way round, too. */
function length(bytes: Buffer | undefined): number | null {
  const value = bytes?.readBigUInt64LE();
  return value !== undefined && value <= 1n << 48n ? Number(value) : null;
}
