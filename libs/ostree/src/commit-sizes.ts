import { readCommitMetadata } from "./commit-metadata.ts";
import { maxMetadataSize, readByteArrays } from "./gvariant.ts";

/** An object of a commit, and how large it is. */
export interface ObjectSize {
  readonly checksum: string;
  /** On the wire, as an archive repository has it. */
  readonly bytes: number;
  readonly unpackedBytes: number;
}

/**
 * The sizes of all objects of a commit that was made with `--generate-sizes`; null when it was not, or when they cannot be read. Pure. Each entry is a checksum,
 * the size on the wire and the unpacked size as variable length integers, and since 2020.5 the object's type.
 */
export function parseSizes(bytes: Uint8Array): readonly ObjectSize[] | null {
  if (bytes.length > maxMetadataSize) return null;
  const entry = readCommitMetadata(bytes)?.find(({ key }) => key === "ostree.sizes");
  const packed = entry?.type === "aay" ? readByteArrays(entry.value) : null;
  if (packed === null) return null;
  const sizes: ObjectSize[] = [];
  for (const bytes of packed) {
    const archived = readVarint(bytes, 32);
    const unpacked = archived && readVarint(bytes, archived.end);
    if (!archived || !unpacked) return null;
    sizes.push({ checksum: Buffer.from(bytes.subarray(0, 32)).toString("hex"), bytes: archived.value, unpackedBytes: unpacked.value });
  }
  return sizes;
}

/** Seven bits a byte, the least first; the eighth says that more follow. Null for more than 49 bits: no file is that large. */
function readVarint(bytes: Uint8Array, at: number): { readonly value: number; readonly end: number } | null {
  let value = 0;
  for (let i = 0; i < 7; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  return null;
}
