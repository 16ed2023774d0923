import fc from "fast-check";
import type { ClosedAttempt, Deployment, Intent } from "@treeline/fleet";
import { expect, it } from "vitest";
import { hygienePlan, type HygieneView } from "./hygiene.ts";
import { emptyJournal } from "./journal.ts";

const deployment = (checksum: string, more: Partial<Deployment> = {}): Deployment => ({
  ...{ osname: "os", checksum, serial: 0, version: "", refspec: "treeline:os/stable", kargs: "" },
  ...{ booted: false, pending: false, staged: false, rollback: false, pinned: false },
  ...more,
});
const closed = (checksum: string): ClosedAttempt => ({
  attempt: { rollout: "r", number: 1 },
  target: { checksum, ref: "r", version: "" },
  outcome: { kind: "updated", bootId: "b", soakedMillis: 0 },
  confirmedBootId: "a",
});
const intent = (checksum: string): Intent => ({ generation: { epoch: 1, number: 1 }, target: { checksum, ref: "r", version: "" } });
const now = deployment("now", { booted: true });
const before = deployment("before", { rollback: true });
const view: HygieneView = {
  os: { bootId: "b", deployments: [now, before] },
  journal: { ...emptyJournal, closed: ["now", "before", "old", "failed"].map(closed) },
  intent: intent("now"),
  refs: { keep: undefined, others: new Map() },
  leftovers: false,
};
const nothing = { undeploy: [], release: [], cleanup: false, releaseLast: [] };
const plan = (more: Partial<HygieneView>) => hygienePlan({ ...view, ...more });
const deployed = (...deployments: readonly Deployment[]): Partial<HygieneView> => ({ os: { bootId: "b", deployments } });
const refs = (entries: Readonly<Record<string, string>>, keep?: string): Partial<HygieneView> => ({
  refs: { keep, others: new Map(Object.entries(entries)) },
});

it("has nothing to do on a host where nothing was left", () => {
  expect(plan({})).toEqual(nothing);
  expect(plan(refs({ "treeline:os/stable": "now" }))).toEqual(nothing);
});

it("cleans up after an upgrade, and lets go of the refs last: while they are there, a cleanup is owed", () =>
  expect(plan(refs({ "treeline/target": "now", "treeline/base": "before", "treeline:os/stable": "now" }))).toEqual({
    ...nothing,
    cleanup: true,
    releaseLast: ["treeline/target", "treeline/base"],
  }));

it("lets go first of what only refs hold, so that the cleanup frees it", () =>
  expect(plan(refs({ "treeline/target": "failed", "treeline/base": "now", "treeline:os/stable": "failed" }))).toEqual({
    ...nothing,
    release: ["treeline/target", "treeline:os/stable"],
    cleanup: true,
    releaseLast: ["treeline/base"],
  }));

it("cleans up what is left of a pull", () => expect(plan({ leftovers: true })).toEqual({ ...nothing, cleanup: true }));

it("does nothing while an attempt is open, while the host shall be something else, or while nobody has said what it shall be", () => {
  const left = { leftovers: true, ...refs({ "treeline/target": "failed" }) };
  const open = { ...view.journal, open: {} as NonNullable<HygieneView["journal"]["open"]> };
  expect(plan({ ...left, journal: open })).toEqual(nothing);
  expect(plan({ ...left, intent: intent("failed") })).toEqual(nothing);
  expect(plan({ ...left, intent: undefined })).toEqual(nothing);
  expect(plan({ ...left, ...deployed(deployment("now"), before) })).toEqual(nothing);
  expect(plan(left)).not.toEqual(nothing);
});

it("takes away an old deployment of ours that is neither of the two", () => {
  const old = deployment("old", { serial: 3 });
  expect(plan(deployed(now, before, old)).undeploy).toEqual([{ checksum: "old", serial: 3 }]);
  expect(plan({ ...deployed(now, before, old), ...refs({ "treeline:os/stable": "old" }) })).toMatchObject({
    release: ["treeline:os/stable"],
    cleanup: true,
  });
});

it.each<[string, Deployment, string?]>([
  ["somebody else's", deployment("foreign")],
  ["pinned", deployment("old", { pinned: true })],
  ["pending", deployment("old", { pending: true })],
  ["staged", deployment("old", { staged: true })],
  ["kept for a rollback of the whole rollout", deployment("old"), "old"],
])("leaves what is %s", (_, other, keep) => expect(plan({ ...deployed(now, before, other), ...refs({}, keep) }).undeploy).toEqual([]));

it("takes the oldest where two are enough", () => {
  const others = ["failed", "old"].map((checksum) => deployment(checksum));
  expect(plan(deployed(now, ...others)).undeploy.map(({ checksum }) => checksum)).toEqual(["old"]);
});

const anyDeployment = fc
  .record({
    checksum: fc.constantFrom("before", "old", "failed", "foreign", "other"),
    ...{ pending: fc.boolean(), staged: fc.boolean(), rollback: fc.boolean(), pinned: fc.boolean() },
  })
  .map(({ checksum, ...flags }) => deployment(checksum, flags));

it("never takes one of two that can boot, nor anything that is not ours to take", () => {
  fc.assert(
    fc.property(fc.array(anyDeployment, { maxLength: 6 }), fc.nat(6), (others, at) => {
      const deployments = others.toSpliced(at, 0, now).map((one, serial) => ({ ...one, serial }));
      const gone = plan(deployed(...deployments)).undeploy.map(({ serial }) => deployments[serial]!);
      for (const { checksum, booted, pending, staged, rollback, pinned } of gone) {
        expect([booted, pending, staged, rollback, pinned]).toEqual([false, false, false, false, false]);
        expect(["before", "old", "failed"]).toContain(checksum);
      }
      const bootable = deployments.filter(({ staged }) => !staged);
      expect(bootable.length - gone.length).toBeGreaterThanOrEqual(Math.min(2, bootable.length));
    }),
  );
});

it("leaves what an operator deployed, also where an attempt that was never confirmed had named the same commit", () => {
  const { confirmedBootId: _, ...named } = closed("theirs");
  const journal = {
    ...view.journal,
    closed: [...view.journal.closed, { ...named, outcome: { kind: "abandoned" as const, reason: "", bootId: "b" } }],
  };
  expect(plan({ journal, ...deployed(now, before, deployment("theirs")) })).toEqual(nothing);
});
