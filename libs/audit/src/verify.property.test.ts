// One file, because a way to tamper makes sense only beside the log it is done to.
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  canonicalRow,
  chainStep,
  checkpointText,
  genesis,
  keyIdOf,
  maxRowsPerCheckpoint,
  verify,
  type AuditRecord,
  type AuditRow,
  type Checkpoint,
  type SealHead,
} from "./index.ts";

const key = newKey();
const foreignKey = newKey();
const publicKeys = [key.publicKey];

const anyText = fc.string({ unit: "grapheme", maxLength: 8 });
const optional = fc.option(
  anyText.filter((text) => text !== ""),
  { nil: undefined },
);
const anyEntry = fc.record(
  { at: fc.nat(), actor: anyText, action: anyText, subject: anyText, because: anyText, from: optional, before: optional, after: optional },
  { requiredKeys: ["at", "actor", "action", "subject", "because"] },
);

/** A log as the server leaves it at any moment: sealed up to somewhere, signed at some of the sealed rows. */
const anyLog = fc
  .tuple(fc.array(anyEntry, { minLength: 1, maxLength: 24 }), fc.integer({ min: 0, max: 10 }), fc.array(fc.nat(), { maxLength: 4 }))
  .map(([entries, share, places]) => {
    const rows = entries.map((entry, index): AuditRow => ({ ...defined(entry), sequence: index + 1 }) as AuditRow);
    const sealed = Math.round((share / 10) * rows.length);
    const signedAt = sealed === 0 ? [] : [...new Set(places.map((place) => (place % sealed) + 1))].sort((a, b) => a - b);
    return { rows, sealed, signedAt, log: logOf(rows, { sealed, signedAt, key }) };
  });
type Sample = typeof anyLog extends fc.Arbitrary<infer Value> ? Value : never;

/** One way to tamper; undefined where there is nothing to do it to. Each must be found. */
const tamperings: Readonly<Record<string, (sample: Sample, pick: number) => TestLog | undefined>> = {
  "edit a field of a sealed row": ({ log, sealed }, pick) =>
    withRecord(log, sealed, pick, (record) => ({ ...record, row: edited(record.row!, pick) })),
  "edit a sealed row together with its hash": ({ log, sealed, signedAt }, pick) => {
    // With nothing sealed after it, only a checkpoint could tell.
    return withRecord(log, signedAt.at(-1) === sealed ? sealed : sealed - 1, pick, (record, index) => {
      const row = edited(record.row!, pick);
      const hashes = resealed([...log.records.slice(0, index).map((before) => before.row!), row]);
      return { ...record, row, hash: hashes.at(-1)! };
    });
  },
  "edit a signed row, and seal all anew from there": ({ log, sealed, signedAt }, pick) => {
    const edit = withRecord(log, signedAt.at(-1) ?? 0, pick, (record) => ({ ...record, row: edited(record.row!, pick) }));
    if (edit === undefined) return undefined;
    const hashes = resealed(edit.records.slice(0, sealed).map(({ row }) => row!));
    return { ...edit, records: edit.records.map((record, index) => (index < sealed ? { ...record, hash: hashes[index]! } : record)) };
  },
  "change a hash": ({ log, sealed }, pick) =>
    withRecord(log, sealed, pick, (record) => ({ ...record, hash: record.hash!.replace(/^./, (first) => (first === "0" ? "1" : "0")) })),
  "remove a sealed row, and its hash": ({ log, sealed, signedAt }, pick) =>
    without(log, isTail(sealed, log.records.length, signedAt) ? sealed - 1 : sealed, pick),
  "remove a sealed row, not its hash": ({ log, sealed }, pick) =>
    withRecord(log, sealed, pick, ({ sequence, hash }) => ({ sequence, hash: hash! })),
  "remove a hash between others": ({ log, sealed }, pick) =>
    withRecord(log, sealed - 1, pick, ({ sequence, row }) => ({ sequence, row: row! })),
  "remove a row and close the gap": ({ log, sealed, signedAt }, pick) => {
    const cut = without(log, signedAt.at(-1) === sealed ? sealed : sealed - 1, pick);
    return cut && { ...cut, records: cut.records.map((record, index) => renumbered(record, index + 1)) };
  },
  "put a row in, and move the others on": ({ log, sealed }, pick) => {
    if (sealed === 0) return undefined;
    const at = pick % sealed;
    const rows = log.records.map(({ row }) => row!);
    const moved = [...rows.slice(0, at), rowOf(0), ...rows.slice(at)];
    const records = moved.map((row, index): AuditRecord => {
      const { hash } = log.records[index] ?? {};
      return { sequence: index + 1, row: { ...row, sequence: index + 1 }, ...(hash === undefined ? {} : { hash }) };
    });
    const same = records.slice(0, sealed).every(({ row }, index) => canonicalRow(row!) === canonicalRow(rows[index]!));
    return same ? undefined : { ...log, records };
  },
  "put a row before the first": ({ log }) => ({ ...log, records: [{ sequence: 0, row: rowOf(0) }, ...log.records] }),
  "exchange two sealed rows": ({ log, sealed }, pick) => {
    if (sealed < 2) return undefined;
    const [a, b] = [pick % sealed, (pick + 1) % sealed];
    const [first, second] = [log.records[a]!, log.records[b]!];
    if (canonicalRow({ ...first.row!, sequence: 0 }) === canonicalRow({ ...second.row!, sequence: 0 })) return undefined;
    const records = [...log.records];
    records[a] = { ...first, row: { ...second.row!, sequence: first.sequence } };
    records[b] = { ...second, row: { ...first.row!, sequence: second.sequence } };
    return { ...log, records };
  },
  "exchange two places": ({ log }, pick) => {
    if (log.records.length < 2) return undefined;
    const at = pick % (log.records.length - 1);
    return { ...log, records: log.records.with(at, log.records[at + 1]!).with(at + 1, log.records[at]!) };
  },
  "cut the tail off before the last checkpoint": ({ log, signedAt }, pick) => {
    const last = signedAt.at(-1);
    return last === undefined ? undefined : { ...log, records: log.records.slice(0, pick % last) };
  },
  "sign a checkpoint with another key": ({ log }, pick) =>
    withCheckpoint(log, pick, (checkpoint) => ({ ...signed(checkpoint, foreignKey), keyId: checkpoint.keyId })),
  "change what a checkpoint says": ({ log }, pick) => withCheckpoint(log, pick, (checkpoint) => ({ ...checkpoint, at: checkpoint.at + 1 })),
  "break a signature": ({ log }, pick) => withCheckpoint(log, pick, (checkpoint) => ({ ...checkpoint, signature: "AAAA" })),
  "take all checkpoints away": ({ log, sealed }) => (sealed === 0 ? undefined : { ...log, checkpoints: [] }),
};

it("finds nothing in a log that nobody touched, and names its unsealed tail", () => {
  fc.assert(
    fc.property(anyLog, ({ rows, sealed, signedAt, log }) => {
      const { findings, ...rest } = verify(log, { publicKeys });
      expect(findings).toEqual([]);
      expect(rest).toMatchObject({ rows: rows.length, sealed, signed: { sequence: signedAt.at(-1) ?? 0 }, moreFindings: 0 });
      expect(rest.unsealed).toEqual(sealed < rows.length ? { from: sealed + 1, to: rows.length } : undefined);
    }),
  );
});

it.each(Object.entries(tamperings))("always finds it when somebody would %s", (_name, tamper) => {
  let done = 0;
  fc.assert(
    fc.property(anyLog, fc.nat(), (sample, pick) => {
      const tampered = tamper(sample, pick);
      if (tampered === undefined) return;
      done++;
      const { findings } = verify(tampered, { publicKeys });
      expect(findings.length).toBeGreaterThan(0);
    }),
    { numRuns: 200 },
  );
  // A way to tamper that was never tried proves nothing.
  expect(done).toBeGreaterThan(20);
});

it("finds a tail that was cut off together with its checkpoints by one that was kept elsewhere", () => {
  fc.assert(
    fc.property(anyLog, fc.nat(), ({ log, signedAt }, pick) => {
      const last = signedAt.at(-1);
      if (last === undefined) return;
      const end = pick % last;
      const cut = { records: log.records.slice(0, end), checkpoints: log.checkpoints.filter(({ sequence }) => sequence <= end) };
      const kept = log.checkpoints.slice(-1);
      expect(verify(cut, { publicKeys }).findings).toEqual([]);
      expect(verify(cut, { publicKeys, kept }).findings.map(({ kind }) => kind)).toContain("truncated");
      expect(verify(log, { publicKeys, kept }).findings).toEqual([]);
    }),
  );
});

it("names what is wrong, where, and goes on behind it", () => {
  const rows = Array.from({ length: 12 }, (_, index) => rowOf(index + 1));
  const log = logOf(rows, { sealed: 10, signedAt: [4, 8], key });
  const found = (tampered: TestLog): readonly string[] =>
    verify(tampered, { publicKeys }).findings.map(({ kind, from, to }) => `${kind} ${from}-${to}`);
  const change = (place: number, over: Partial<AuditRecord>): TestLog => ({
    ...log,
    records: log.records.with(place - 1, { ...log.records[place - 1]!, ...over }),
  });
  expect(found(log)).toEqual([]);
  expect(found(change(3, { row: rowOf(3, { because: "x" }) }))).toEqual(["edited 3-3"]);
  expect(found({ ...log, records: log.records.toSpliced(4, 2) })).toEqual(["removed 5-6"]);
  expect(found({ ...log, records: log.records.toSpliced(10, 1) })).toEqual(["removed 11-11"]);
  expect(found({ ...log, records: log.records.slice(0, 6) })).toEqual(["truncated 7-8"]);
  expect(found({ ...log, records: log.records.with(4, { sequence: 5, row: rowOf(5) }) })).toEqual(["inserted 5-5"]);
  const hashes = resealed(rows.with(1, rowOf(2, { because: "x" })));
  const records = log.records.map((record, index) => ({ ...record, ...(index < 10 ? { hash: hashes[index]! } : {}) }));
  expect(found({ ...log, records: records.with(1, { ...records[1]!, row: rowOf(2, { because: "x" }) }) })).toEqual([
    "rewritten 4-4",
    "rewritten 8-8",
  ]);
});

it("finds checkpoints that were taken away from a long log", () => {
  const length = maxRowsPerCheckpoint + 1;
  const rows = Array.from({ length }, (_, index) => rowOf(index + 1));
  const log = logOf(rows, { sealed: length, signedAt: [500], key });
  expect(verify(log, { publicKeys }).findings).toEqual([]);
  const fewer = { ...log, checkpoints: log.checkpoints.slice(0, 1) };
  expect(verify(fewer, { publicKeys }).findings).toMatchObject([{ kind: "checkpoint-missing", from: length, to: length }]);
});

it("verifies a tail from a place that was verified before", () => {
  const rows = Array.from({ length: 8 }, (_, index) => rowOf(index + 1));
  const log = logOf(rows, { sealed: 8, signedAt: [4, 6], key });
  const start = { sequence: 5, hash: log.records[4]!.hash! };
  const tail = { records: log.records.slice(5), checkpoints: log.checkpoints.slice(2) };
  expect(verify(tail, { publicKeys, start })).toMatchObject({ findings: [], rows: 3, signed: { sequence: 6 } });
  expect(verify(tail, { publicKeys, start: { ...start, hash: genesis.hash } }).findings).toMatchObject([{ kind: "edited", from: 6 }]);
});

it("hashes different rows as different texts", () => {
  fc.assert(
    fc.property(anyEntry, anyEntry, fc.nat(3), fc.nat(3), (a, b, i, j) => {
      const [first, second] = [{ ...defined(a), sequence: i } as AuditRow, { ...defined(b), sequence: j } as AuditRow];
      fc.pre(JSON.stringify(Object.entries(first).sort()) !== JSON.stringify(Object.entries(second).sort()));
      expect(canonicalRow(first)).not.toBe(canonicalRow(second));
    }),
  );
});

function defined(entry: object): object {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
}

/** The last row is sealed but neither signed nor followed by another: if it goes, it looks like a log that is one row younger. */
function isTail(sealed: number, length: number, signedAt: readonly number[]): boolean {
  return sealed === length && (signedAt.at(-1) ?? 0) < sealed;
}

function edited(row: AuditRow, pick: number): AuditRow {
  const edits: readonly Partial<AuditRow>[] = [
    { at: row.at + 1 },
    { actor: `${row.actor}x` },
    { action: `${row.action}x` },
    { subject: `${row.subject} ` },
    { because: `${row.because}\u0000` },
    { from: `${row.from ?? ""}x` },
    { outcome: "refused" },
    { before: `${row.before ?? ""} ` },
    { after: `${row.after ?? ""} ` },
    { scope: { tenant: "red" } },
    { scope: { pool: "red" } },
  ];
  return { ...row, ...edits[pick % edits.length] };
}

function renumbered({ row, ...rest }: AuditRecord, sequence: number): AuditRecord {
  return { ...rest, sequence, ...(row === undefined ? {} : { row: { ...row, sequence } }) };
}

function withRecord(
  log: TestLog,
  among: number,
  pick: number,
  change: (record: AuditRecord, index: number) => AuditRecord,
): TestLog | undefined {
  if (among <= 0) return undefined;
  const index = pick % among;
  return { ...log, records: log.records.with(index, change(log.records[index]!, index)) };
}

function without(log: TestLog, among: number, pick: number): TestLog | undefined {
  return among <= 0 ? undefined : { ...log, records: log.records.toSpliced(pick % among, 1) };
}

function withCheckpoint(log: TestLog, pick: number, change: (checkpoint: Checkpoint) => Checkpoint): TestLog {
  const index = pick % log.checkpoints.length;
  return { ...log, checkpoints: log.checkpoints.with(index, change(log.checkpoints[index]!)) };
}

interface TestKey {
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

interface TestLog {
  readonly records: readonly AuditRecord[];
  readonly checkpoints: readonly Checkpoint[];
}

function newKey(): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return { publicKey: Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url").toString("base64"), privateKey };
}

function signed({ sequence, hash }: SealHead, { publicKey, privateKey }: TestKey): Checkpoint {
  const claim = { sequence, hash, at: 1_000 + sequence, keyId: keyIdOf(publicKey) };
  return { ...claim, signature: sign(null, Buffer.from(checkpointText(claim)), privateKey).toString("base64") };
}

function rowOf(sequence: number, over: Partial<AuditRow> = {}): AuditRow {
  return { sequence, at: 1_000 + sequence, actor: "operator:a", action: "label", subject: `node n${sequence}`, because: "", ...over };
}

/** Seals the first `sealed` rows, and signs the heads at `signedAt`, beside the beginning. */
function logOf(
  rows: readonly AuditRow[],
  { sealed, signedAt, key }: { readonly sealed: number; readonly signedAt: readonly number[]; readonly key: TestKey },
): TestLog {
  const hashes = resealed(rows.slice(0, sealed));
  const records = rows.map((row, index): AuditRecord => {
    const hash = hashes[index];
    return { sequence: row.sequence, row, ...(hash === undefined ? {} : { hash }) };
  });
  const checkpoints = signedAt.map((sequence) => signed({ sequence, hash: hashes[sequence - 1]! }, key));
  return { records, checkpoints: [signed(genesis, key), ...checkpoints] };
}

/** The chain over rows from the first on. */
function resealed(rows: readonly AuditRow[]): readonly string[] {
  let previous = genesis.hash;
  return rows.map((row) => (previous = chainStep(previous, row)));
}
