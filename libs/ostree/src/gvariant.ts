/**
 * As much of GLib's GVariant serialisation as ostree's detached metadata needs: `a{sv}` (a dictionary of named values) and `aay` (an array of byte
 * strings), little-endian. Source: the GVariant specification, https://docs.gtk.org/glib/gvariant-specification-1.0.html, sections 2.3 and 2.5.
 *
 * Invariant: only the normal form is accepted, that is, exactly the bytes that GLib itself would write. Every value has one normal form, so what
 * reads well here writes back to the same bytes, and no two readers can disagree about what a file says.
 * No function here throws on hostile bytes: readers return null.
 */

/** One named value. `value` is kept as serialised bytes, so that entries we do not understand survive unchanged. */
export interface VardictEntry {
  readonly key: string;
  /** The type string of `value`, for example `aay`. */
  readonly type: string;
  readonly value: Uint8Array;
}

/** ostree refuses metadata objects above this size (OSTREE_MAX_METADATA_SIZE). */
export const maxMetadataSize = 10 * 1024 * 1024;
const maxEntries = 1024;

export const alignUp = (n: number): number => (n + 7) & ~7;

/** Bytes per framing offset in a container of `size` bytes, offsets included. */
export const offsetWidth = (size: number): 1 | 2 | 4 => (size <= 0xff ? 1 : size <= 0xffff ? 2 : 4);

/** The width that a writer must choose for `body` bytes followed by `count` offsets. */
function widthFor(body: number, count: number): 1 | 2 | 4 {
  return body + count <= 0xff ? 1 : body + 2 * count <= 0xffff ? 2 : 4;
}

export const readOffset = (bytes: Buffer, at: number, width: 1 | 2 | 4): number => bytes.readUIntLE(at, width);

/** The framing offsets at the end of an array of variable-sized elements, or null when they make no sense. */
export function arrayEnds(bytes: Buffer): { readonly ends: readonly number[]; readonly bodySize: number } | null {
  if (bytes.length === 0) return { ends: [], bodySize: 0 };
  const width = offsetWidth(bytes.length);
  if (bytes.length < width) return null;
  const bodySize = readOffset(bytes, bytes.length - width, width);
  const table = bytes.length - bodySize;
  if (bodySize > bytes.length - width || table % width !== 0) return null;
  const ends = Array.from({ length: table / width }, (_, i) => readOffset(bytes, bodySize + i * width, width));
  return ends.every((end, i) => end <= bodySize && end >= (ends[i - 1] ?? 0)) ? { ends, bodySize } : null;
}

/** Puts the framing offsets behind `body`. */
function withEnds(body: Buffer, ends: readonly number[]): Buffer {
  const width = widthFor(body.length, ends.length);
  const table = Buffer.alloc(ends.length * width);
  ends.forEach((end, i) => table.writeUIntLE(end, i * width, width));
  return Buffer.concat([body, table]);
}

/** Reads an `aay`. Null when the bytes are not one. */
export function readByteArrays(bytes: Uint8Array): readonly Uint8Array[] | null {
  const buffer = asBuffer(bytes);
  const frame = arrayEnds(buffer);
  if (!frame) return null;
  const arrays = frame.ends.map((end, i) => buffer.subarray(frame.ends[i - 1] ?? 0, end));
  return writeByteArrays(arrays).equals(buffer) ? arrays : null;
}

/** Writes an `aay`. */
export function writeByteArrays(arrays: readonly Uint8Array[]): Buffer {
  const ends: number[] = [];
  let end = 0;
  for (const array of arrays) ends.push((end += array.length));
  return withEnds(Buffer.concat(arrays), ends);
}

/** Reads an `a{sv}`. Null when the bytes are not one in normal form, when a key stands twice, or beyond 10 MiB or 1024 entries. */
export function readVardict(bytes: Uint8Array): readonly VardictEntry[] | null {
  if (bytes.length > maxMetadataSize) return null;
  const buffer = asBuffer(bytes);
  const frame = arrayEnds(buffer);
  if (!frame || frame.ends.length > maxEntries) return null;
  const entries: VardictEntry[] = [];
  for (const [i, end] of frame.ends.entries()) {
    const start = alignUp(frame.ends[i - 1] ?? 0);
    const entry = start <= end ? readEntry(buffer.subarray(start, end)) : null;
    if (!entry) return null;
    entries.push(entry);
  }
  if (new Set(entries.map(({ key }) => key)).size !== entries.length) return null;
  // Whatever is not said above (padding, offset widths) is said by this: the normal form is what we would write.
  return writeVardict(entries).equals(buffer) ? entries : null;
}

/** Writes an `a{sv}`. */
export function writeVardict(entries: readonly VardictEntry[]): Buffer {
  const parts: Buffer[] = [];
  const ends: number[] = [];
  let size = 0;
  for (const entry of entries) {
    const bytes = writeEntry(entry);
    parts.push(Buffer.alloc(alignUp(size) - size), bytes);
    size = alignUp(size) + bytes.length;
    ends.push(size);
  }
  return withEnds(Buffer.concat(parts), ends);
}

/** `{sv}`: the key with its NUL, padding to 8, the variant (value, NUL, type string), and one framing offset: where the key ends. */
function readEntry(bytes: Buffer): VardictEntry | null {
  const width = offsetWidth(bytes.length);
  if (bytes.length < width) return null;
  const keyEnd = readOffset(bytes, bytes.length - width, width);
  const variantEnd = bytes.length - width;
  if (keyEnd < 1 || alignUp(keyEnd) > variantEnd || bytes[keyEnd - 1] !== 0) return null;
  const key = readText(bytes.subarray(0, keyEnd - 1));
  const variant = bytes.subarray(alignUp(keyEnd), variantEnd);
  const typeAt = variant.lastIndexOf(0);
  if (key === null || typeAt < 0) return null;
  const type = variant.subarray(typeAt + 1).toString("latin1");
  return isSingleType(type) ? { key, type, value: variant.subarray(0, typeAt) } : null;
}

function writeEntry({ key, type, value }: VardictEntry): Buffer {
  const name = Buffer.from(`${key}\0`, "utf8");
  const padding = Buffer.alloc(alignUp(name.length) - name.length);
  return withEnds(Buffer.concat([name, padding, value, Buffer.from(`\0${type}`, "latin1")]), [name.length]);
}

/** UTF-8 without NUL, or null. */
function readText(bytes: Buffer): string | null {
  const text = bytes.toString("utf8");
  return !bytes.includes(0) && Buffer.from(text, "utf8").equals(bytes) ? text : null;
}

/** Whether `type` is one complete GVariant type of moderate depth. */
function isSingleType(type: string): boolean {
  const basic = "bynqiuxthdsog";
  const skip = (at: number, depth: number): number => {
    const c = type[at];
    if (c === undefined || depth > 16) return -1;
    if (basic.includes(c) || c === "v") return at + 1;
    if (c === "a" || c === "m") return skip(at + 1, depth + 1);
    if (c === "{") {
      if (!basic.includes(type[at + 1] ?? "-")) return -1;
      const end = skip(at + 2, depth + 1);
      return end > 0 && type[end] === "}" ? end + 1 : -1;
    }
    if (c !== "(") return -1;
    let next = at + 1;
    while (next > 0 && type[next] !== ")") next = skip(next, depth + 1);
    return next > 0 ? next + 1 : -1;
  };
  return type.length <= 255 && skip(0, 0) === type.length;
}

export const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
