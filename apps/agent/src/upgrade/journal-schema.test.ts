import { writeFile } from "node:fs/promises";
import { openJournal } from "@treeline/process";
import type { Journal } from "@treeline/upgrade";
import { expect, it } from "vitest";
import { z } from "zod";
import { temporaryDirectory } from "../test-fleet.ts";
import { journalPath, openUpgradeJournal } from "./journal-schema.ts";

/** As agents of version 0.2 had it: format 1. It stands here so that nobody forgets what is out there. */
const oldOutcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("updated"), bootId: z.string(), soakedMillis: z.number() }),
  z.object({ kind: z.literal("rolled-back"), cause: z.enum(["required-check", "no-session", "unproven"]), reason: z.string(), bootId: z.string() }),
  z.object({ kind: z.literal("failed"), failure: z.string(), reason: z.string(), bootId: z.string() }),
  z.object({ kind: z.literal("abandoned"), reason: z.string(), bootId: z.string() }),
]);
const oldTarget = z.object({ checksum: z.string(), ref: z.string(), version: z.string() });
const oldRef = z.object({ rollout: z.string(), number: z.int() });
const oldSchema = z.object({
  highest: z.object({ epoch: z.int(), number: z.int() }),
  open: z.object({ ref: oldRef, target: oldTarget, step: z.string(), note: z.string(), confirmedBootId: z.string().exactOptional() }).exactOptional(),
  closed: z.array(z.object({ attempt: oldRef, target: oldTarget, outcome: oldOutcome })),
  denied: z.array(z.object({ checksum: z.string(), reason: z.string() })),
});

const target = { checksum: "b".repeat(64), ref: "os/stable", version: "2" };
const ref = { rollout: "r", number: 1 };
const open: NonNullable<Journal["open"]> = {
  ref,
  target,
  base: { checksum: "a".repeat(64), serial: 0 },
  soakMillis: 1000,
  step: "verifying",
  note: "",
  confirmedBootId: "boot-1",
  sessionProven: false,
  drain: { bootId: "boot-1", sinceUptimeMillis: 5, ended: ["pre-drain", "drain"] },
  hooksBegun: true,
  ending: { outcome: { kind: "abandoned", reason: "called off", bootId: "boot-1" } },
};
const journal: Journal = { highest: { epoch: 3, number: 7 }, open, closed: [], denied: [{ checksum: "c".repeat(64), reason: "red" }] };

const asOld = (directory: string) => openJournal({ path: journalPath(directory), schema: oldSchema, version: 1, empty: () => ({ highest: { epoch: 0, number: 0 }, closed: [], denied: [] }) });

it("is read by the agent before it, which an image may bring back, as far as that knows the words", async () => {
  await using directory = await temporaryDirectory();
  const { file } = await openUpgradeJournal(directory.path);
  await file.write(journal);
  const { journal: old, setAside } = await asOld(directory.path);
  expect(setAside).toBeUndefined();
  expect(old.read()).toMatchObject({ highest: { epoch: 3, number: 7 }, open: { ref, step: "verifying" }, denied: journal.denied });
});

it("is set aside by the agent before it where a word is new, and nothing is lost", async () => {
  await using directory = await temporaryDirectory();
  const { file } = await openUpgradeJournal(directory.path);
  const { open: _, ...rest } = journal;
  await file.write({ ...rest, closed: [{ attempt: ref, target, outcome: { kind: "rolled-back", cause: "boot-guard", reason: "mute", bootId: "boot-2" } }] });
  const { setAside } = await asOld(directory.path);
  expect(setAside?.movedTo).toContain("journal.json.");
});

it("reads what the agent before it wrote", async () => {
  await using directory = await temporaryDirectory();
  const { journal: old } = await asOld(directory.path);
  await old.write({ highest: { epoch: 1, number: 2 }, closed: [{ attempt: ref, target, outcome: { kind: "updated", bootId: "boot-2", soakedMillis: 5 } }], denied: [] });
  const { file, note } = await openUpgradeJournal(directory.path);
  expect(note).toBeUndefined();
  expect(file.read()).toMatchObject({ highest: { epoch: 1, number: 2 }, closed: [{ outcome: { kind: "updated" } }] });
});

it.each([
  ["cut short", '{"formatVersion": 2, "minRead'],
  ["empty", ""],
  ["not ours", '{"formatVersion": 2, "minReaderVersion": 1, "sha256": "0", "value": {}}'],
])("that is %s is set aside, and the agent says so", async (_, text) => {
  await using directory = await temporaryDirectory();
  await writeFile(journalPath(directory.path), text);
  const { file, note } = await openUpgradeJournal(directory.path);
  expect(note).toMatch(/set aside as .*journal\.json\.damaged-1.*goes on from what ostree says/);
  expect(file.read()).toEqual({ highest: { epoch: 0, number: 0 }, closed: [], denied: [] });
});
