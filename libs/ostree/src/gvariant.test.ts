import fc from "fast-check";
import { expect, test } from "vitest";
import { readByteArrays, readVardict, writeByteArrays, writeVardict } from "./gvariant.ts";
import type { VardictEntry } from "./gvariant.ts";

/** What GLib 2.74 wrote for these values (GLib.Variant('a{sv}', ...).get_data_as_bytes()). `S` stands for 64 bytes of 01. */
const one = "01".repeat(64);
const fromGlib = {
  "one signature": `6f73747265652e7369676e2e656432353531390000000000${one}4000616179145e`,
  "two signatures": `6f73747265652e7369676e2e656432353531390000000000${one}${"02".repeat(64)}408000616179149f`,
  "a string, then a signature": `610000000000000078000073020000006f73747265652e7369676e2e656432353531390000000000${one}4000616179140d6e`,
  "a signature, then a number": `6f73747265652e7369676e2e656432353531390000000000${one}40006161791400006200000000000000070000000075025e6f`,
  "no signature": "6f73747265652e7369676e2e65643235353139000000000000616179141d",
  nothing: "",
};

test.each(Object.entries(fromGlib))("what GLib wrote reads and writes back to the same bytes: %s", (_, text) => {
  const entries = readVardict(Buffer.from(text, "hex"));
  expect(entries).not.toBeNull();
  expect(hex(writeVardict(entries ?? []))).toBe(text);
});

test("reads names, types and values", () => {
  const entries = readVardict(Buffer.from(fromGlib["a string, then a signature"], "hex")) ?? [];
  expect(entries.map(({ key, type }) => [key, type])).toEqual([
    ["a", "s"],
    ["ostree.sign.ed25519", "aay"],
  ]);
  expect(Buffer.from(entries[0]?.value ?? []).toString()).toBe("x\0");
  expect(readByteArrays(entries[1]?.value ?? Buffer.alloc(1))?.map(hex)).toEqual([one]);
});

const types = fc.constantFrom("s", "u", "aay", "a{sv}", "(ayay)", "v", "mas");
/** Small arrays of any bytes, and ones whose sizes lie where the offsets become wider. */
const sized = fc.tuple(fc.oneof(fc.integer({ min: 200, max: 300 }), fc.integer({ min: 65_000, max: 66_000 })), fc.nat(255));
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  sized.map(([size, fill]) => new Uint8Array(size).fill(fill)),
);
const entry = fc.record({ key: fc.string({ unit: "grapheme" }).filter((key) => !key.includes("\0")), type: types, value: bytes });
const vardict = fc.uniqueArray(entry, { maxLength: 6, selector: ({ key }) => key });
const hex = (array: Uint8Array): string => Buffer.from(array).toString("hex");
const plain = (entries: readonly VardictEntry[] | null) => entries?.map(({ key, type, value }) => [key, type, hex(value)].join("/"));

test("every dictionary comes back as it was, whatever the widths of its offsets", () => {
  fc.assert(
    fc.property(vardict, (entries) => {
      expect(plain(readVardict(writeVardict(entries)))).toEqual(plain(entries));
    }),
    { numRuns: 200 },
  );
});

test("every array of byte strings comes back as it was", () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 6 }), (arrays) => {
      expect(readByteArrays(writeByteArrays(arrays))?.map(hex)).toEqual(arrays.map(hex));
    }),
    { numRuns: 200 },
  );
});

test("hostile bytes never throw, and what is accepted has only one form", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (hostile) => {
      const entries = readVardict(hostile);
      if (entries) expect(writeVardict(entries).equals(hostile)).toBe(true);
      const arrays = readByteArrays(hostile);
      if (arrays) expect(writeByteArrays(arrays).equals(hostile)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("no single changed byte of a real file is read as another file's entries", () => {
  const real = Buffer.from(fromGlib["a string, then a signature"], "hex");
  for (let at = 0; at < real.length; at++) {
    for (const bit of [1, 0x80, 0xff]) {
      const changed = Buffer.from(real);
      changed[at] = (changed[at] ?? 0) ^ bit;
      const entries = readVardict(changed);
      if (entries) expect(writeVardict(entries).equals(changed)).toBe(true);
    }
  }
});

test("refuses a key that stands twice, and a type that is none", () => {
  const value = Buffer.from("x\0");
  expect(
    readVardict(
      writeVardict([
        { key: "a", type: "s", value },
        { key: "a", type: "s", value },
      ]),
    ),
  ).toBeNull();
  expect(readVardict(writeVardict([{ key: "a", type: "z", value }]))).toBeNull();
  expect(readVardict(writeVardict([{ key: "a", type: "ss", value }]))).toBeNull();
  expect(readVardict(writeVardict([{ key: "a", type: "a".repeat(200) + "s", value }]))).toBeNull();
});

test("refuses offsets wider than they need to be: the same arrays would have two forms", () => {
  const body = Buffer.alloc(252, 1);
  const narrow = Buffer.concat([body, Buffer.from([100, 252])]);
  const wide = Buffer.concat([body, Buffer.from([100, 0, 252, 0])]);
  expect(readByteArrays(narrow)).toHaveLength(2);
  expect(readByteArrays(wide)).toBeNull();
});
