import { expect, test } from "vitest";
import { KeyWindowError, parseKeyWindow, parseTrustedKey } from "./key-window.ts";
import { generateKeyPair, KeyFormatError } from "./signature.ts";

const { publicKey: key } = generateKeyPair();

test("a day begins a window with its first instant and ends it with its last", () => {
  expect(parseKeyWindow("2026-01-31..2026-01-31")).toEqual({ notBefore: Date.UTC(2026, 0, 31), notAfter: Date.UTC(2026, 1, 1) - 1 });
  expect(parseKeyWindow("2026-01-31T12:00Z..2026-01-31T12:00:01.5Z")).toEqual({
    notBefore: Date.UTC(2026, 0, 31, 12),
    notAfter: Date.UTC(2026, 0, 31, 12, 0, 1, 500),
  });
});

test("an end that is left out is open", () => {
  expect(parseKeyWindow("2026-01-31..")).toEqual({ notBefore: Date.UTC(2026, 0, 31) });
  expect(parseKeyWindow("..2026-01-31")).toEqual({ notAfter: Date.UTC(2026, 1, 1) - 1 });
});

test.each([
  "",
  "..",
  "2026-01-31",
  "2026-02-31..",
  "2027-01-01..2026-01-01",
  "tomorrow..",
  "2026-01-01..2026-02-01..2026-03-01",
  "2026-01-31T12:00..",
  "1969-01-01..",
])("what is no window is refused: %s", (text) => {
  expect(() => parseKeyWindow(text)).toThrow(KeyWindowError);
});

test("a line of a key file is a key, with a window or without", () => {
  expect(parseTrustedKey(` ${key} `)).toEqual({ key });
  expect(parseTrustedKey(`${key}\t2026-01-31..`)).toEqual({ key, notBefore: Date.UTC(2026, 0, 31) });
  expect(() => parseTrustedKey(`${key} 2026-01-31.. more`)).toThrow(KeyWindowError);
  expect(() => parseTrustedKey("2026-01-31..")).toThrow(KeyFormatError);
});
