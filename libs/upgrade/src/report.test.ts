import type { ClosedAttempt, Health } from "@treeline/fleet";
import { describe, expect, it } from "vitest";
import { emptyJournal, type Journal } from "./journal.ts";
import { updateState } from "./report.ts";
import { intentOf } from "./simulated-host.ts";

const red: Health = { state: "red", bootId: "b", checks: [] };
const green: Health = { state: "green", bootId: "b", checks: [] };
const ref = { rollout: "r", number: 1 };
const target = { checksum: "target", ref: "sim", version: "2" };
const intent = intentOf({ generation: { epoch: 1, number: 1 }, target, attempt: ref });
const closedAs = (outcome: ClosedAttempt["outcome"]): Journal => ({ ...emptyJournal, closed: [{ attempt: ref, target, outcome }] });

describe("updateState", () => {
  it("is Idle when nothing was ever attempted", () => {
    expect(updateState(emptyJournal, { health: green })).toMatchObject({ phase: "Idle", reason: "", closed: [] });
  });

  it("is NotEligible when an attempt is ordered and a required check is red", () => {
    expect(updateState(emptyJournal, { health: red, intent }).phase).toBe("NotEligible");
    expect(updateState(emptyJournal, { health: green, intent }).phase).toBe("Idle");
    expect(updateState(emptyJournal, { health: red }).phase).toBe("Idle");
  });

  it("keeps the end of the ordered attempt although the host is red now", () => {
    const journal = closedAs({ kind: "rolled-back", cause: "required-check", reason: "red on the new commit", bootId: "b" });
    expect(updateState(journal, { health: red, intent })).toMatchObject({ phase: "RolledBack", reason: "red on the new commit" });
  });

  it("shows the open attempt with its base and the boot it was confirmed on", () => {
    const open = {
      ref,
      target,
      base: { checksum: "base", serial: 2 },
      soakMillis: 0,
      step: "rebooting" as const,
      note: "",
      sessionProven: false,
      confirmedBootId: "b",
    };
    const state = updateState({ ...emptyJournal, open }, { health: green, intent });
    expect(state).toMatchObject({
      phase: "Rebooting",
      open: { attempt: ref, base: { checksum: "base", serial: 2 }, phase: "Rebooting", confirmedBootId: "b" },
    });
  });

  it("passes on the note of a rebuilt journal", () => {
    expect(updateState(emptyJournal, { health: green, journalNote: "rebuilt" }).journalNote).toBe("rebuilt");
  });
});
