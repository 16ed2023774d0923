import { expect, it } from "vitest";
import { chooseDownload, type Amount } from "./download.ts";

const amount = (bytes: number, more: Partial<Amount> = {}): Amount => ({
  bytes,
  missingBytes: bytes,
  unpackedBytes: 10 * bytes,
  objects: bytes,
  ...more,
});

it("takes whichever is fewer bytes, and knows how many come", () => {
  expect(chooseDownload({ delta: amount(10), loose: amount(11) })).toMatchObject({ deltas: true, totalBytes: 10 });
  expect(chooseDownload({ delta: amount(11), loose: amount(11) })).toMatchObject({ deltas: false, totalBytes: 11 });
  expect(chooseDownload({ delta: amount(12), loose: amount(11) })).toMatchObject({ deltas: false, totalBytes: 11 });
});

it("stays with its choice when a part has come already, and counts only the rest", () =>
  expect(chooseDownload({ delta: amount(10), loose: amount(20, { missingBytes: 1 }) })).toMatchObject({ deltas: true, totalBytes: 10 }));

it("takes a delta on trust where the commit does not say how large its objects are", () => {
  expect(chooseDownload({ delta: amount(10) })).toEqual({ deltas: true, totalBytes: 10, content: { bytes: 100, objects: 10 } });
  expect(chooseDownload({ delta: "none" })).toEqual({ deltas: true, totalBytes: undefined, content: undefined });
  expect(chooseDownload({})).toEqual({ deltas: true, totalBytes: undefined, content: undefined });
});

it("takes no delta that it knows not to be there, and lets ostree look for one that could not be measured", () => {
  expect(chooseDownload({ delta: "none", loose: amount(11) })).toMatchObject({ deltas: false, totalBytes: 11 });
  expect(chooseDownload({ loose: amount(11) })).toMatchObject({ deltas: true, totalBytes: undefined });
});

it("counts the disk by the commit's own sizes where it has them", () =>
  expect(chooseDownload({ delta: amount(1), loose: amount(2) }).content).toEqual({ bytes: 20, objects: 2 }));
