import type { Inventory } from "@treeline/fleet";
import type { BootClock, Logger } from "@treeline/process";

/** An inventory costs child processes and changes rarely. */
const maxAgeMillis = 3_600_000;

/** Reads the host's inventory when it is first asked for, and again when it is an hour old. Never rejects. */
export function inventorySource(options: { readonly clock: BootClock; readonly logger: Logger }): () => Promise<Inventory> {
  const { clock, logger } = options;
  let known: { readonly inventory: Promise<Inventory>; readonly atMillis: number } | undefined;
  const read = async (): Promise<Inventory> => {
    const { readInventory } = await import("@treeline/host");
    const { inventory, problems } = await readInventory();
    for (const problem of problems) logger.warn(problem);
    return inventory;
  };
  return () => {
    if (known === undefined || clock.uptimeMs() - known.atMillis > maxAgeMillis) known = { inventory: read(), atMillis: clock.uptimeMs() };
    return known.inventory;
  };
}
