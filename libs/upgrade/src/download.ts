/** Bytes that one way of fetching a release takes. */
export interface Amount {
  /** On the wire, if nothing of it had come yet. */
  readonly bytes: number;
  /** On the wire, without what an earlier try has brought. */
  readonly missingBytes: number;
  /** In the repository, unpacked, and in how many objects: as far as that is known, so it may be less than it takes. */
  readonly unpackedBytes: number;
  readonly objects: number;
}

/** What was measured. Absent: the repository does not say; `none`: there is no such delta. */
export interface Measured {
  readonly delta?: Amount | "none" | undefined;
  readonly loose?: Amount | undefined;
}

/** How a release is fetched. */
export interface Download {
  /** Whether ostree may use static deltas. */
  readonly deltas: boolean;
  /** Bytes that will come; undefined: nobody knows. */
  readonly totalBytes: number | undefined;
  /** What it takes on the disk; undefined: nobody knows. */
  readonly content: { readonly bytes: number; readonly objects: number } | undefined;
}

/**
 * A static delta when the measured bytes are fewer than those of the objects that lack. When the commit does not say how large its objects are, a delta is taken on
 * trust: it was made because it is smaller. The choice goes by the whole amounts, so that a second try goes on where the first one stopped.
 */
export function chooseDownload({ delta, loose }: Measured): Download {
  const found = delta === "none" ? undefined : delta;
  const deltas = found === undefined ? loose === undefined || delta !== "none" : loose === undefined || found.bytes < loose.bytes;
  const chosen = deltas ? found : loose;
  // What lies in the repository in the end is the same either way, and only the commit's own sizes say it all.
  const onDisk = loose ?? found;
  return {
    deltas,
    totalBytes: chosen?.missingBytes,
    content: onDisk && { bytes: onDisk.unpackedBytes, objects: onDisk.objects },
  };
}
