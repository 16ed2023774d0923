import type { ClosedAttempt, Deployment } from "@treeline/fleet";
import { expect, it } from "vitest";
import { foreignDeployments } from "./foreign.ts";
import type { JournalAttempt } from "./journal.ts";

const deployment = (checksum: string, more: Partial<Deployment> = {}): Deployment => ({
  ...{ osname: "os", checksum, serial: 0, version: "", refspec: "treeline:os/stable", kargs: "" },
  ...{ booted: false, pending: false, staged: false, rollback: false, pinned: false },
  ...more,
});
const target = (checksum: string) => ({ checksum, ref: "os/stable", version: "" });
const open: JournalAttempt = {
  ref: { rollout: "r", number: 2 },
  target: target("target"),
  base: { checksum: "base", serial: 0 },
  soakMillis: 0,
  step: "draining",
  note: "",
  sessionProven: false,
};
const closed = (checksum: string, confirmedBootId?: string): ClosedAttempt => ({
  attempt: { rollout: "r", number: 1 },
  target: target(checksum),
  outcome: { kind: "failed", failure: "transient", reason: "", bootId: "this" },
  ...(confirmedBootId === undefined ? {} : { confirmedBootId }),
});
const journal = { open, closed: [closed("of this boot", "this"), closed("of an earlier boot", "earlier"), closed("never confirmed")] };
const foreign = (...waiting: readonly Deployment[]) =>
  foreignDeployments(
    { bootId: "this", deployments: [...waiting, deployment("base", { booted: true }), deployment("older", { rollback: true })] },
    journal,
  ).map(({ checksum }) => checksum);

it("finds none where nothing waits for its boot", () => expect(foreign()).toEqual([]));

it.each(["target", "of this boot"])("takes the %s for ours, staged or pending", (checksum) => {
  expect(foreign(deployment(checksum, { staged: true }))).toEqual([]);
  expect(foreign(deployment(checksum, { pending: true }))).toEqual([]);
});

it.each([
  ["a commit that nobody here knows", "theirs"],
  ["a commit that an attempt only named", "never confirmed"],
  ["the commit of an attempt that ended before this boot", "of an earlier boot"],
  ["the commit that runs, with other kernel arguments", "base"],
])("takes for somebody else's %s", (_what, checksum) => {
  expect(foreign(deployment(checksum, { staged: true, serial: 1 }))).toEqual([checksum]);
  expect(foreign(deployment(checksum, { pending: true, serial: 1 }))).toEqual([checksum]);
});

it("looks at all that wait, the next one to boot first", () =>
  expect(
    foreign(deployment("first", { staged: true }), deployment("target", { pending: true }), deployment("second", { pending: true })),
  ).toEqual(["first", "second"]));
