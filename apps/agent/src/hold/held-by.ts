import type { Logger } from "@treeline/process";
import { blocksReboot, readInhibitors } from "./inhibitors.ts";
import { readUpdateLock } from "./update-lock.ts";

/** So many are named; the rest is counted. */
const maxNamed = 10;
const maxChars = 200;

export interface HoldOptions {
  /** Whoever does not want a reboot just now makes this file; its first line says why. */
  readonly lockFile: string;
  /** Whether systemd's inhibitor locks that block a shutdown hold, too. */
  readonly inhibitors: boolean;
  readonly logger: Logger;
}

/** Who asks that this host is not rebooted just now, in words for people; empty: nobody. Never rejects; takes at most a few seconds. */
export async function heldBy({ lockFile, inhibitors, logger }: HoldOptions): Promise<readonly string[]> {
  const holders: string[] = [];
  const reason = await readUpdateLock(lockFile);
  if (reason !== undefined) holders.push(`the update lock ${lockFile}${reason.trim() === "" ? "" : `: ${reason}`}`);
  if (inhibitors) {
    const blocking = (await readInhibitors({ logger })).filter(blocksReboot);
    holders.push(...blocking.map(({ who, why, pid }) => `inhibitor lock of ${who} (process ${pid}): ${why}`));
  }
  const named = holders.slice(0, maxNamed).map(printable);
  return holders.length > maxNamed ? [...named, `and ${holders.length - maxNamed} more`] : named;
}

/** One line, without what would move a terminal's cursor. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ").trim().slice(0, maxChars).toWellFormed();
}
