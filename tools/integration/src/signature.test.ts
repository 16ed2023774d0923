import { copyFile, readFile } from "node:fs/promises";
import path from "node:path";
import type { Machine, Release } from "@treeline/testkit";
import { expect, test } from "vitest";
import { deploymentsOf, journalOf } from "./readings.ts";
import { rollOut, sharedFleet, showLogs } from "./test-fleet.ts";

/**
 * This server knows no release key: its tokens carry none. So it takes any signed commit, and what a host trusts is in the host's own
 * /etc alone. That is the position of a host whose server was taken over.
 */
let first: Release;
let machine: Machine;
let strangersKey: string;

const shared = sharedFleet(async (fleet) => {
  strangersKey = path.join(fleet.directory, "stranger.key");
  await fleet.operator.treeline("release", "keygen", "--out", path.join(fleet.directory, "stranger"));
  first = await fleet.compose("1.0");
  await fleet.publish(first);
  const token = await fleet.createToken({ releaseKeys: [] });
  const trusted = await readFile(path.join(fleet.directory, "release.pub"), "utf8");
  [machine] = (await fleet.addMachines(["host"], first, { token, files: { "/etc/treeline/release-keys.d/fleet.pub": trusted } })) as [
    Machine,
  ];
});

/** Where an archive repository keeps an object. */
function objectPath(repo: string, checksum: string, kind: string): string {
  return path.join(repo, "objects", checksum.slice(0, 2), `${checksum.slice(2)}.${kind}`);
}

async function expectRefused(rollout: string, release: Release): Promise<void> {
  const { fleet } = shared;
  const { state, nodes } = await fleet.operator.ended(rollout);
  expect(state).toBe("ROLLOUT_STATE_HALTED");
  expect(nodes).toMatchObject([
    {
      phase: "UPDATE_PHASE_FAILED",
      class: "release",
      confirmed: false,
      holdsSlot: false,
      reason: expect.stringContaining("not signed by any key this host trusts"),
    },
  ]);
  // Nothing was asked for beyond the metadata, nothing is held, nothing was deployed, nothing was booted.
  expect(await deploymentsOf(machine)).toEqual([{ booted: true, checksum: first.checksum, mark: "" }]);
  expect(machine.bootCount).toBe(1);
  expect((await machine.exec(["ostree", "refs", "--list", "treeline"])).stdout).not.toContain("target");
  expect((await machine.exec(["ostree", "ls", release.checksum, "/usr/lib"])).code).not.toBe(0);
  expect((await journalOf(machine)).closed.at(-1)).toMatchObject({ attempt: { rollout }, outcome: { kind: "failed", failure: "release" } });
}

test("the server refuses an unsigned commit, whoever sends it", async () => {
  const { fleet } = shared;
  const unsigned = await fleet.compose("2.0-unsigned", { sign: false });
  const { code, stderr } = await fleet.operator.cli([
    "release",
    "publish",
    "--repo",
    fleet.buildRepository,
    "--ref",
    unsigned.ref,
    "--version",
    unsigned.version,
  ]);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/not signed|no .*signature/);

  // Not by the CLI's courtesy alone: the same commit sent without it.
  const commit = await readFile(objectPath(fleet.buildRepository, unsigned.checksum, "commit"));
  const error = await new Promise<Error | null>((resolve) => {
    const call = fleet.operator.clients.releases.publishRelease((failure) => resolve(failure));
    call.on("error", () => {});
    call.write({ header: { ref: unsigned.ref, version: unsigned.version, checksum: unsigned.checksum } });
    call.write({ object: { name: `${unsigned.checksum}.commit`, size: String(commit.length) } });
    call.write({ chunk: commit });
    call.end();
  });
  expect(error?.message).toContain("the commit carries no ed25519 signature");
  expect((await fleet.operator.clients.releases.listReleases({})).releases.map(({ version }) => version)).toEqual(["1.0"]);
});

test("a host refuses a commit signed by a key it does not trust, before anything is fetched or deployed", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const foreign = await fleet.compose("3.0", { sign: strangersKey });
  await fleet.publish(foreign);
  await rollOut(fleet, "foreign", foreign, { nodes: ["host"] });
  await expectRefused("foreign", foreign);
});

test("a host refuses a commit whose signature was exchanged on the server, although its release was signed well", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const tampered = await fleet.compose("4.0");
  await fleet.publish(tampered);
  const repo = path.join(fleet.server.data, "ostree");
  await copyFile(objectPath(repo, first.checksum, "commitmeta"), objectPath(repo, tampered.checksum, "commitmeta"));
  await rollOut(fleet, "tampered", tampered, { nodes: ["host"] });
  await expectRefused("tampered", tampered);
});

test("a well signed release still goes out afterwards", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const good = await fleet.compose("5.0");
  await fleet.publish(good);
  await rollOut(fleet, "good", good, { nodes: ["host"] });
  expect(await fleet.operator.ended("good")).toMatchObject({
    state: "ROLLOUT_STATE_COMPLETED",
    nodes: [{ phase: "UPDATE_PHASE_UPDATED", proved: true }],
  });
});

test("a server that knows a release key refuses every other at publication", async () => {
  const { fleet } = shared;
  await fleet.createToken();
  const foreign = await fleet.compose("6.0", { sign: strangersKey });
  const { code, stderr } = await fleet.operator.cli([
    "release",
    "publish",
    "--repo",
    fleet.buildRepository,
    "--ref",
    foreign.ref,
    "--version",
    foreign.version,
  ]);
  expect(code).toBe(1);
  expect(stderr).toContain("the commit is signed by no key known here");
});
