import { StaleEpochError } from "./errors.ts";

/**
 * INVARIANT: at any moment one server run may write, the newest stored. Both checks are made inside the transaction that writes.
 *
 * Throws `StaleEpochError` when a newer run than the batch's is stored.
 */
export function checkEpoch({ epoch, newest }: { readonly epoch: number; readonly newest: number | undefined }): void {
  if (newest !== undefined && newest > epoch) throw new StaleEpochError({ epoch, newest });
}

/**
 * A run is written again only by the server that began it (to say it is alive). Two servers that both took the number after the newest
 * differ in `startedAt`: the second throws `StaleEpochError`.
 */
export function checkRun({
  epoch,
  startedAt,
  stored,
}: {
  readonly epoch: number;
  readonly startedAt: number;
  readonly stored: number | undefined;
}): void {
  if (stored !== undefined && stored !== startedAt) throw new StaleEpochError({ epoch, newest: epoch });
}
