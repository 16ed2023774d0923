import { readFileSync } from "node:fs";
import { HostError, type HostErrorCode } from "./host-error.ts";

const bootIdFile = "/proc/sys/kernel/random/boot_id";
const uptimeFile = "/proc/uptime";

/** The kernel's id of this boot: a UUID in lower case, new with every boot. Throws HostError `boot-id-unreadable`. */
export function readBootId(): string {
  return parseBootId(read(bootIdFile, "boot-id-unreadable"));
}

/**
 * Milliseconds since boot, whole, in steps of ten. Counts suspend and never jumps when somebody sets the clock, so a time to live can
 * be measured with it. Throws HostError `uptime-unreadable`.
 */
export function uptimeMillis(): number {
  return parseUptime(read(uptimeFile, "uptime-unreadable"));
}

export function parseBootId(text: string): string {
  const bootId = text.trim();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(bootId)) return bootId;
  throw unreadable(bootIdFile, "boot-id-unreadable");
}

export function parseUptime(text: string): number {
  const seconds = /^(\d{1,12}\.\d+) /.exec(text)?.[1];
  if (seconds !== undefined) return Math.round(Number(seconds) * 1000);
  throw unreadable(uptimeFile, "uptime-unreadable");
}

function read(file: string, code: HostErrorCode): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw unreadable(file, code, cause);
  }
}

function unreadable(file: string, code: HostErrorCode, cause?: unknown): HostError {
  return new HostError(`${file} does not say what it should; check that /proc is mounted and readable`, { code, subject: file, cause });
}
