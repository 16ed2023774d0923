import { shortChecksum } from "@treeline/fleet";
import { safeInteger, type wire } from "@treeline/rpc";
import { formatBytes, formatSince } from "../output/format.ts";
import { tableLines } from "../output/table.ts";
import { instantOf } from "./instant.ts";

/** A release as machines read it. */
export interface ReleaseView {
  readonly version: string;
  readonly checksum: string;
  readonly ref: string;
  readonly publishedAt: string | null;
  /** Base64 public keys, of those the server knows; it may know none although the commit is signed. */
  readonly signedBy: readonly string[];
  readonly objects: number;
  readonly bytes: number;
  /** Why no rollout gives it to a node; empty: one may. */
  readonly unmanaged: string;
}

/** @throws RpcError when the server's answer is not what the protocol allows */
export function releaseView(release: wire.Release__Output): ReleaseView {
  const { version, checksum, ref, signedBy, objects, unmanaged } = release;
  return {
    version,
    checksum,
    ref,
    publishedAt: instantOf(release.publishedAtMillis),
    signedBy,
    objects,
    bytes: safeInteger("release.bytes", release.bytes),
    unmanaged,
  };
}

export function releaseTable(releases: readonly ReleaseView[], now: number): readonly string[] {
  return tableLines(
    [
      { title: "VERSION", cell: (release) => release.version },
      { title: "COMMIT", cell: (release) => shortChecksum(release.checksum) },
      { title: "REF", cell: (release) => release.ref },
      { title: "OBJECTS", cell: (release) => String(release.objects), align: "right" },
      { title: "SIZE", cell: (release) => formatBytes(release.bytes), align: "right" },
      { title: "MANAGED", cell: (release) => (release.unmanaged === "" ? "yes" : "no") },
      { title: "AGE", cell: (release) => formatSince(release.publishedAt, now) },
    ],
    releases,
  );
}
