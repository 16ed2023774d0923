import { equal, match, ok } from "node:assert/strict";
import type { PlacedFiles } from "@treeline/testkit";
import { expectRuns } from "../expectations.ts";
import type { Scene } from "../scenario.ts";

export interface BadRelease {
  /** Names the rollout. */
  readonly name: string;
  readonly files: PlacedFiles;
  /** What the server says why the machine went back. */
  readonly because: RegExp;
  /** Boots of the bad release. */
  readonly boots: number;
}

/** Rolls a release out that is bad in some way: its first machine leaves it by itself with its own /etc, the rollout halts, and the others never see it. */
export async function playBadRelease({ fleet, names, machines, runs, version, say }: Scene, { name, files, because, boots }: BadRelease): Promise<void> {
  const release = await fleet.publish(version, files);
  const before = machines.map((machine) => machine.boots);
  say(`rolling ${version} out, which is bad`);
  await fleet.rollOut(name, release, names, { waves: [{ name: "canary", count: 1 }, { name: "rest", rest: true }], maxUnavailable: 1, onFailure: "halt" });
  const { state, nodes } = await fleet.ended(name);
  const [first, ...others] = nodes;
  equal(state, "ROLLOUT_STATE_HALTED");
  equal(first?.phase, "UPDATE_PHASE_ROLLED_BACK", first?.reason);
  equal(first.proved, false);
  match(first.reason, because);
  for (const other of others) equal(other.confirmed, false, `${other.name} was not to be confirmed for it`);
  await fleet.operator.treeline("rollout", "abort", name, "--reason", "the scenario is over");
  await fleet.healthy(names);
  for (const machine of names) await expectRuns(fleet, machine, runs.get(machine)!);
  machines.forEach((machine, index) => equal(machine.boots - before[index]!, index === 0 ? boots + 1 : 0, `boots of ${machine.name}`));
  const { update } = await fleet.operator.node(names[0]!);
  ok(update?.denied.some(({ checksum }) => checksum === release.checksum), "the machine was to deny the release from now on");
}
