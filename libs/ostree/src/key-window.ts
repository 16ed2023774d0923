import { parsePublicKey } from "./signature.ts";
import type { TrustedKey } from "./trusted-key.ts";

/** A text that is not the window of a key. */
export class KeyWindowError extends Error {
  override readonly name = "KeyWindowError";
  readonly code = "key-window";
  readonly phase = "read key";
  readonly subject: string;

  constructor(subject: string, reason: string) {
    super(
      `window ${JSON.stringify(subject.slice(0, 100))} ${reason}. Write NOT_BEFORE..NOT_AFTER, each a day (2026-01-31) or an instant (2026-01-31T12:00:00Z), in UTC; leave one out where there is no end.`,
    );
    this.subject = subject;
  }
}

/**
 * `NOT_BEFORE..NOT_AFTER` as milliseconds since the epoch. Both ends belong to the window: a day begins it with its first instant and ends it with its
 * last. @throws KeyWindowError
 */
export function parseKeyWindow(text: string): Pick<TrustedKey, "notBefore" | "notAfter"> {
  const parts = text.split("..");
  const [from = "", to = ""] = parts;
  if (parts.length !== 2 || (from === "" && to === "")) throw new KeyWindowError(text, "is no window");
  const notBefore = from === "" ? undefined : instant(text, from, "T00:00:00.000Z");
  const notAfter = to === "" ? undefined : instant(text, to, "T23:59:59.999Z");
  if (notBefore !== undefined && notAfter !== undefined && notBefore > notAfter) throw new KeyWindowError(text, "ends before it begins");
  return { ...(notBefore === undefined ? {} : { notBefore }), ...(notAfter === undefined ? {} : { notAfter }) };
}

/** A line of a key file: a public key, and behind blanks its window if it has one. @throws KeyFormatError, KeyWindowError */
export function parseTrustedKey(line: string): TrustedKey {
  const [key = "", window, ...rest] = line.trim().split(/\s+/);
  if (rest.length > 0) throw new KeyWindowError([window, ...rest].join(" "), "is followed by more");
  return { key: parsePublicKey(key), ...(window === undefined ? {} : parseKeyWindow(window)) };
}

const form = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z)?$/;

function instant(window: string, text: string, time: string): number {
  const match = form.exec(text);
  const millis = match === null ? Number.NaN : Date.parse(match[2] === undefined ? `${text}${time}` : text);
  // Date.parse takes the 31st of February for a day in March.
  const isDay = Number.isFinite(millis) && new Date(millis).toISOString().startsWith(match?.[1] ?? "-");
  if (!isDay || millis < 0)
    throw new KeyWindowError(window, `holds ${JSON.stringify(text.slice(0, 40))}, which is neither a day nor an instant`);
  return millis;
}
