import type { FileSystemSpace } from "@treeline/fleet";
import { expect, it } from "vitest";
import { failureOf, findingText, type SpaceFacts } from "./preflight.ts";
import { targetFindings, type TargetFacts } from "./target.ts";

const mebi = 1024 * 1024;
const volume = (path: string, freeBytes = 500 * mebi): FileSystemSpace => ({
  ...{ path, device: path, totalBytes: 1000 * mebi, totalInodes: 100_000, freeInodes: 50_000 },
  freeBytes,
});
const space: SpaceFacts = {
  repository: volume("/sysroot"),
  reserve: { percent: 3 },
  boot: volume("/boot"),
  state: volume("/var"),
  bootedKernelBytes: 0,
  pinned: [],
};
const sound: TargetFacts = { unfit: [], units: [], missingPrograms: [], wayBackLacks: [], space, kernelBytes: 0 };

it("finds nothing against a release that has it all", () => expect(targetFindings(sound)).toEqual([]));

it.each<[string, string, RegExp, Partial<TargetFacts>]>([
  [
    "not-started-after-boot",
    "/usr/bin/agent",
    /the agent would not be there/,
    { unfit: [{ what: "the agent", path: "/usr/bin/agent", state: "missing" }] },
  ],
  [
    "not-started-after-boot",
    "/usr/bin/agent",
    /the agent would be an empty file/,
    { unfit: [{ what: "the agent", path: "/usr/bin/agent", state: "empty" }] },
  ],
  [
    "not-started-after-boot",
    "/usr/bin/agent",
    /the agent would be without any execute bit/,
    { unfit: [{ what: "the agent", path: "/usr/bin/agent", state: "not executable" }] },
  ],
  ["not-started-after-boot", "agent.service", /no ExecStart/, { units: [{ unit: "agent.service", state: "starts nothing" }] }],
  ["not-started-after-boot", "agent.service", /the unit would not be there/, { units: [{ unit: "agent.service", state: "missing" }] }],
  ["not-enabled-after-boot", "agent.service", /would be masked/, { units: [{ unit: "agent.service", state: "masked" }] }],
  ["not-enabled-after-boot", "agent.service", /nothing would start it/, { units: [{ unit: "agent.service", state: "disabled" }] }],
  ["tool-missing-after-boot", "flock", /would not be there/, { missingPrograms: [{ name: "flock", package: "util-linux" }] }],
  [
    "tool-missing-after-boot",
    "gpg",
    /and the keyrings ask for it/,
    { missingPrograms: [{ name: "gpg", package: "gpg", because: "the keyrings ask for it" }] },
  ],
  ["no-way-back-after-boot", "ostree admin set-default", /lacks python's package gi, x/, { wayBackLacks: ["python's package gi", "x"] }],
])("refuses for %s: %s", (code, subject, reason, facts) => {
  const findings = targetFindings({ ...sound, ...facts });
  expect(findings).toMatchObject([{ code, subject, severity: "refuse", remedy: expect.stringMatching(/release/) as string }]);
  expect(findingText(findings[0]!)).toMatch(reason);
  expect(failureOf(findings[0]!.code)).toBe("release");
});

it("refuses a release whose kernel does not fit on /boot", () => {
  const full = { ...space, boot: volume("/boot", 10 * mebi) };
  expect(targetFindings({ ...sound, space: full, kernelBytes: 10 * mebi })).toMatchObject([{ code: "no-space", severity: "refuse" }]);
  expect(targetFindings({ ...sound, space: full })).toEqual([]);
});
