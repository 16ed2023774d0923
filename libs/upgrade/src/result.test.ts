import { describe, expect, it } from "vitest";
import type { Deployment, OsState } from "@treeline/fleet";
import type { Journal, JournalAttempt } from "./journal.ts";
import { noteStaged, noteStepFailed } from "./result.ts";

const attempt: JournalAttempt = {
  ref: { rollout: "r", number: 1 },
  target: { checksum: "target", ref: "sim", version: "2" },
  base: { checksum: "base", serial: 0 },
  soakMillis: 0,
  step: "staging",
  note: "",
  sessionProven: false,
};
const journalAt = (change: Partial<JournalAttempt>): Journal => ({
  highest: { epoch: 1, number: 1 },
  open: { ...attempt, ...change },
  closed: [],
  denied: [],
});
const deployment = (checksum: string, flags: Partial<Deployment>): Deployment => ({
  osname: "sim",
  checksum,
  serial: 0,
  version: "",
  refspec: "origin:sim",
  booted: false,
  pending: false,
  staged: false,
  rollback: false,
  pinned: false,
  kargs: "",
  ...flags,
});
const onBase: OsState = { bootId: "boot-1", deployments: [deployment("base", { booted: true })] };

describe("noteStaged", () => {
  it("forgets earlier failures when it succeeds", () => {
    const journal = journalAt({ retry: { bootId: "boot-1", notBeforeUptimeMillis: 5, failures: 3 }, note: "no route" });
    const noted = noteStaged({ journal, os: onBase, uptimeMillis: 10 }, { ok: true });
    expect(noted.open).toEqual({ ...attempt, step: "staged" });
  });

  it("counts retryable failures and says when to try again", () => {
    const once = noteStaged(
      { journal: journalAt({}), os: onBase, uptimeMillis: 10 },
      { ok: false, retryable: true, reason: "no route", delayMillis: 100 },
    );
    const twice = noteStaged(
      { journal: once, os: onBase, uptimeMillis: 200 },
      { ok: false, retryable: true, reason: "no route", delayMillis: 100 },
    );
    expect(twice.open).toMatchObject({
      step: "staging",
      note: "no route",
      retry: { bootId: "boot-1", notBeforeUptimeMillis: 300, failures: 2 },
    });
  });

  it("closes the attempt on any other failure", () => {
    const noted = noteStaged(
      { journal: journalAt({}), os: onBase, uptimeMillis: 10 },
      { ok: false, retryable: false, failure: "release", reason: "not signed" },
    );
    expect(noted.open).toBeUndefined();
    expect(noted.closed).toMatchObject([{ outcome: { kind: "failed", failure: "release", reason: "not signed" } }]);
  });

  it("does nothing to an attempt that is not staging", () => {
    const journal = journalAt({ step: "draining" });
    expect(noteStaged({ journal, os: onBase, uptimeMillis: 10 }, { ok: true })).toBe(journal);
  });
});

describe("noteStepFailed", () => {
  it("ends the attempt when ostree shows that nothing was written", () => {
    const noted = noteStepFailed(
      { journal: journalAt({ step: "finalizing", confirmedBootId: "boot-1" }), os: onBase },
      "node",
      "no space left on device",
    );
    expect(noted.closed).toMatchObject([{ confirmedBootId: "boot-1", outcome: { failure: "node", reason: "no space left on device" } }]);
  });

  it("keeps the attempt open when the deployment was written all the same: it would boot unwatched", () => {
    const os: OsState = { bootId: "boot-1", deployments: [deployment("target", { staged: true }), deployment("base", { booted: true })] };
    const journal = journalAt({ step: "finalizing", confirmedBootId: "boot-1" });
    expect(noteStepFailed({ journal, os }, "transient", "killed")).toBe(journal);
  });

  it("tries a step of the way back three times, then needs an operator and denies the commit", () => {
    const os: OsState = { bootId: "boot-2", deployments: [deployment("target", { booted: true }), deployment("base", { rollback: true })] };
    let journal = journalAt({ step: "going-back", wayBack: { cause: "required-check", reason: "red" } });
    for (let failure = 1; failure <= 2; failure++) {
      journal = noteStepFailed({ journal, os }, "transient", "busy");
      expect(journal.open).toMatchObject({ step: "going-back", retry: { failures: failure } });
    }
    journal = noteStepFailed({ journal, os }, "transient", "busy");
    expect(journal.open).toBeUndefined();
    expect(journal).toMatchObject({
      closed: [{ outcome: { failure: "needs-operator", reason: "red; and the way back failed: busy" } }],
      denied: [{ checksum: "target" }],
    });
  });
});
