import { readVardict } from "./gvariant.ts";
import type { VardictEntry } from "./gvariant.ts";

/** The metadata key by which a commit says that Treeline could not bring a node back from it. Its value is a string that says why, or `true`. */
export const unmanagedKey = "treeline.unmanaged";

const offsetWidth = (size: number): 1 | 2 | 4 => (size <= 0xff ? 1 : size <= 0xffff ? 2 : 4);

/**
 * The metadata inside a `.commit` file, which its signature and checksum cover. Null when it cannot be read. A commit is a tuple
 * `(a{sv}aya(say)sstayay)`: its framing offsets stand at the end in reverse order, so the last one says where the metadata ends.
 */
export function readCommitMetadata(commit: Uint8Array): readonly VardictEntry[] | null {
  const width = offsetWidth(commit.length);
  if (commit.length < width) return null;
  const end = Buffer.from(commit.buffer, commit.byteOffset, commit.byteLength).readUIntLE(commit.length - width, width);
  return end <= commit.length ? readVardict(commit.subarray(0, end)) : null;
}

/**
 * Why a commit's own metadata says that Treeline cannot manage a node that runs it; null when it says nothing of the kind. Metadata that cannot be read
 * might say it.
 */
export function unmanagedBecause(commit: Uint8Array): string | null {
  const entries = readCommitMetadata(commit);
  if (entries === null) return "its metadata cannot be read";
  const entry = entries.find(({ key }) => key === unmanagedKey);
  if (entry === undefined || (entry.type === "b" && entry.value[0] === 0)) return null;
  const said = entry.type === "s" ? Buffer.from(entry.value).toString("utf8").replace(/\0.*$/s, "").trim() : "";
  return said === "" ? "its metadata says so" : `its metadata says: ${said.slice(0, 200).toWellFormed()}`;
}
