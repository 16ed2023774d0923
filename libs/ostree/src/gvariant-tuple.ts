import { arrayEnds, asBuffer, offsetWidth, readOffset } from "./gvariant.ts";

/**
 * Reading of GVariant tuples and of arrays of variable-sized elements, for the two things of ostree that have them: commits and the superblocks of static deltas.
 * Source as in gvariant.ts. Not only the normal form is read: what these hold is used for sums, not for decisions about trust. Nothing here throws on hostile
 * bytes: readers return null.
 */

/** A member of a tuple: so many bytes, or of variable size. `align`: 1, 4 or 8. */
export interface Member {
  readonly align: 1 | 4 | 8;
  readonly size?: number;
}

const alignTo = (n: number, align: number): number => Math.ceil(n / align) * align;

/** The bytes of each member; null when the framing offsets make no sense. */
export function readTuple(bytes: Uint8Array, members: readonly Member[]): readonly Buffer[] | null {
  const buffer = asBuffer(bytes);
  const width = offsetWidth(buffer.length);
  const variable = members.slice(0, -1).filter(({ size }) => size === undefined).length;
  const tableAt = buffer.length - variable * width;
  if (tableAt < 0) return null;
  const parts: Buffer[] = [];
  let at = 0;
  let offsets = 0;
  for (const [index, { align, size }] of members.entries()) {
    const start = alignTo(at, align);
    let end: number;
    if (size !== undefined) end = start + size;
    else if (index === members.length - 1) end = tableAt;
    // The first offset stands last.
    else end = readOffset(buffer, buffer.length - ++offsets * width, width);
    if (start > end || end > tableAt) return null;
    parts.push(buffer.subarray(start, end));
    at = end;
  }
  return parts;
}

/** The bytes of each element of an array whose elements have a variable size; null when the framing offsets make no sense. */
export function readElements(bytes: Uint8Array, align: 1 | 4 | 8): readonly Buffer[] | null {
  const buffer = asBuffer(bytes);
  const frame = arrayEnds(buffer);
  if (!frame) return null;
  const starts = frame.ends.map((_, i) => alignTo(frame.ends[i - 1] ?? 0, align));
  if (frame.ends.some((end, i) => (starts[i] ?? 0) > end)) return null;
  return frame.ends.map((end, i) => buffer.subarray(starts[i], end));
}
