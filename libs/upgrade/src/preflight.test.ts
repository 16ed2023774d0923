import { readFileSync } from "node:fs";
import type { FileSystemSpace, Deployment } from "@treeline/fleet";
import { expect, it } from "vitest";
import {
  failureOf,
  findingCodes,
  findingText,
  nothingKnown,
  preflightFindings,
  spaceFindings,
  type PreflightFacts,
  type SpaceFacts,
  type ToolFacts,
} from "./preflight.ts";

const mebi = 1024 * 1024;
const volume = (path: string, more: Partial<FileSystemSpace> = {}): FileSystemSpace => ({
  ...{ path, device: path, totalBytes: 1000 * mebi, freeBytes: 500 * mebi, totalInodes: 100_000, freeInodes: 50_000 },
  ...more,
});
const space: SpaceFacts = {
  repository: volume("/sysroot"),
  reserve: { percent: 3 },
  boot: volume("/boot"),
  state: volume("/var"),
  bootedKernelBytes: 60 * mebi,
  pinned: [],
};
const tools: ToolFacts = {
  programs: [{ name: "unshare", found: true, package: "util-linux" }],
  ostreeVersion: "2022.7",
  wayBack: "bindings",
  finalizer: [{ unit: "ostree-finalize-staged.service", state: "present" }],
};
const deployment = (checksum: string, more: Partial<Deployment> = {}): Deployment => ({
  ...{ osname: "os", checksum, serial: 0, version: "", refspec: "treeline:os/stable", kargs: "" },
  ...{ booted: false, pending: false, staged: false, rollback: false, pinned: false },
  ...more,
});
const facts: PreflightFacts = {
  os: { bootId: "b", deployments: [deployment("base", { booted: true }), deployment("older", { rollback: true, pinned: true })] },
  journal: { closed: [] },
  tools,
  space,
  heldLocks: [],
  finalizationLocked: false,
  absent: [],
};
const codes = (more: Partial<PreflightFacts>): readonly string[] =>
  preflightFindings({ ...facts, ...more }).map(({ code, severity }) => `${severity} ${code}`);
const withDeployment = (first: Deployment): Partial<PreflightFacts> => ({
  os: { bootId: "b", deployments: [first, ...facts.os.deployments] },
});

it("finds nothing on a host that has all it needs, pinned deployments or not", () => expect(codes({})).toEqual([]));

it.each([
  ["pending", deployment("foreign", { pending: true, version: "9", refspec: "vendor:os" })],
  ["staged", deployment("foreign", { staged: true, version: "9", refspec: "vendor:os" })],
])("does not overwrite what somebody else made %s, and says how to go on", (state, foreign) => {
  expect(codes(withDeployment(foreign))).toEqual(["refuse foreign-deployment"]);
  const [finding] = preflightFindings({ ...facts, ...withDeployment(foreign) });
  expect(findingText(finding!)).toContain(`version 9 of vendor:os is ${state}`);
  expect(finding!.remedy).toContain("ostree admin undeploy 0");
  expect(failureOf(finding!.code)).toBe("operator");
});

it("respects an order that nothing staged be finalized", () =>
  expect(codes({ finalizationLocked: true })).toEqual(["refuse finalization-locked"]));

it("waits while another program changes the host, and says who", () => {
  const [finding] = preflightFindings({ ...facts, heldLocks: [{ lock: "sysroot", holders: ["rpm-ostree (pid 812)"] }] });
  expect(finding).toMatchObject({ code: "transaction-running", severity: "wait", reason: expect.stringContaining("rpm-ostree (pid 812)") });
});

it.each<[string, Partial<ToolFacts>]>([
  ["tool-missing", { programs: [{ name: "unshare", found: false, package: "util-linux" }] }],
  ["tool-missing", { programs: [{ name: "gpg", found: false, package: "gpg", because: "the keyrings ask for it" }] }],
  ["tool-too-old", { ostreeVersion: "2022.6" }],
  ["tool-too-old", { ostreeVersion: "2018.12" }],
  ["no-way-back", { wayBack: "none" }],
  ["no-finalizer", { finalizer: [{ unit: "ostree-finalize-staged.service", state: "missing" }] }],
  ["no-finalizer", { finalizer: [{ unit: "ostree-finalize-staged.service", state: "masked" }] }],
])("refuses for %s: %j", (code, more) => {
  const findings = preflightFindings({ ...facts, tools: { ...tools, ...more } });
  expect(findings.map((finding) => finding.code)).toEqual([code]);
  expect(findings[0]!.severity).toBe("refuse");
  expect(failureOf(findings[0]!.code)).toBe("node");
});

it.each(["2022.7", "2022.10", "2025.1", "unusual", undefined])("takes ostree %s as new enough", (ostreeVersion) =>
  expect(codes({ tools: { ...tools, ostreeVersion } })).toEqual([]),
);

it("asks for no finalizer where no systemd runs", () => expect(codes({ tools: { ...tools, finalizer: undefined } })).toEqual([]));

it("refuses a host on which the guard is not installed, and says what first", () => {
  const absent = [{ what: "the boot guard", path: "/usr/lib/treeline/boot-guard" }];
  expect(codes({ absent, heldLocks: [{ lock: "sysroot", holders: [] }] })).toEqual(["refuse not-started-here", "wait transaction-running"]);
});

it("judges no space where nothing will be written", () => expect(codes({ space: undefined })).toEqual([]));

// ---- space ----

const short = (more: Partial<SpaceFacts>, need = nothingKnown): readonly string[] =>
  spaceFindings({ ...space, ...more }, need).map(({ code, severity, subject }) => `${severity} ${code} ${subject}`);

it("counts the repository's own reserve, as a part and as a size", () => {
  const repository = volume("/sysroot", { freeBytes: 46 * mebi });
  expect(short({ repository })).toEqual([]);
  expect(short({ repository: volume("/sysroot", { freeBytes: 46 * mebi - 1 }) })).toEqual(["refuse no-space /sysroot"]);
  expect(short({ repository, reserve: { percent: 4 } })).toEqual(["refuse no-space /sysroot"]);
  expect(short({ repository, reserve: { bytes: 30 * mebi } })).toEqual([]);
  expect(short({ repository, reserve: { bytes: 31 * mebi } })).toEqual(["refuse no-space /sysroot"]);
  expect(spaceFindings({ ...space, repository, reserve: { percent: 4 } }, nothingKnown)[0]?.reason).toBe(
    "48.3 MB are free, and the upgrade needs 58.8 MB; of which 42.0 MB are the repository's own reserve (core.min-free-space)",
  );
});

it("counts what is to be fetched once that is known: bytes and inodes", () => {
  const content = { bytes: 455 * mebi, objects: 49_488 };
  expect(short({}, { ...nothingKnown, content: { bytes: 454 * mebi, objects: 49_488 } })).toEqual([]);
  expect(short({}, { ...nothingKnown, content })).toEqual(["refuse no-space /sysroot"]);
  expect(short({}, { ...nothingKnown, content: { bytes: 0, objects: 49_489 } })).toEqual(["refuse no-inodes /sysroot"]);
  const without = volume("/sysroot", { totalInodes: 0, freeInodes: 0 });
  expect(short({ repository: without }, { ...nothingKnown, content: { bytes: 0, objects: 49_489 } })).toEqual([]);
});

it("warns while the next kernel's size is only guessed, and refuses once it is known", () => {
  const boot = volume("/boot", { freeBytes: 60 * mebi });
  expect(short({ boot })).toEqual(["warn no-space /boot"]);
  expect(short({ boot }, { content: undefined, kernelBytes: 60 * mebi })).toEqual(["refuse no-space /boot"]);
  expect(short({ boot }, { content: undefined, kernelBytes: 59 * mebi })).toEqual([]);
  expect(short({ boot }, { content: undefined, kernelBytes: 0 })).toEqual([]);
  expect(short({ boot: volume("/boot", { freeBytes: mebi - 1 }) })).toEqual(["refuse no-space /boot"]);
});

it("says when pinned deployments are what fills /boot", () => {
  const boot = volume("/boot", { freeBytes: 10 * mebi });
  const [finding] = spaceFindings(
    { ...space, boot, pinned: [{ index: 2, kernelBytes: 70 * mebi }] },
    { content: undefined, kernelBytes: 60 * mebi },
  );
  expect(finding!.reason).toContain("kernels of pinned deployments take 73.5 MB of it");
  expect(finding!.remedy).toContain("ostree admin pin --unpin 2");
});

it("adds up needs that meet on one file system", () => {
  const one = { device: "one", freeBytes: 48 * mebi };
  const shared = { repository: volume("/sysroot", one), boot: volume("/boot", one), state: volume("/var", one) };
  expect(short(shared, { content: undefined, kernelBytes: 0 })).toEqual([]);
  expect(short(shared, { content: undefined, kernelBytes: 1 })).toEqual(["refuse no-space /sysroot and /boot and /var"]);
});

it("asks for room for the journal where /var is a file system of its own", () => {
  expect(short({ state: volume("/var", { freeBytes: mebi - 1 }) })).toEqual(["refuse no-space /var"]);
  expect(short({ state: volume("/var", { freeInodes: 15 }) })).toEqual(["refuse no-inodes /var"]);
});

it("is documented: every finding, and how an attempt fails of it", () => {
  const text = readFileSync(new URL("../../../docs/upgrades.md", import.meta.url), "utf8");
  const documented = [...text.matchAll(/^\| `([\w-]+)` \| `([\w-]+)`/gm)].map(([, code, failure]) => [code, failure]);
  expect(documented.toSorted()).toEqual(findingCodes.map((code) => [code, failureOf(code)]).toSorted());
});
