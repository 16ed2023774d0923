import path from "node:path";
import type { DemoFleet, Machine, Release } from "@treeline/testkit";
import type { Stage } from "./stage.ts";

export const machineNames = ["atlas", "borealis", "cirrus", "dune", "ember"] as const;

/** A required check as greenboot knows them: any executable, exit status 0 is good. */
const check = (body: string) => ({ content: `#!/bin/bash\n${body}\n`, mode: 0o755 });
const checkPath = "usr/lib/greenboot/check/required.d/10-app.sh";

export interface Releases {
  readonly first: Release;
  readonly good: Release;
  readonly bad: Release;
}

/** Three small signed releases: what the machines are installed with, a good one, and one whose required check fails. */
export async function composeReleases(fleet: DemoFleet): Promise<Releases> {
  const first = await fleet.compose("1.0", { files: { [checkPath]: check('echo "app 1.0 answers"') } });
  await fleet.publish(first);
  const good = await fleet.compose("2.0", { files: { [checkPath]: check('echo "app 2.0 answers"') } });
  await fleet.publish(good);
  const bad = await fleet.compose("3.0", { files: { [checkPath]: check('echo "app 3.0 does not answer on its port" >&2; exit 1') } });
  await fleet.publish(bad);
  return { first, good, bad };
}

/** What the system says afterwards. Read back, never assumed. */
export interface Outcome {
  readonly nodes: number;
  /** Proofs of boot recorded for the good release. */
  readonly upgraded: number;
  /** Machines that were ever confirmed for the bad release. */
  readonly badReleaseExposed: number;
  readonly rolledBack: number;
  readonly halted: boolean;
}

/** The main job: a good release in waves, then a bad one. */
export async function play(fleet: DemoFleet, stage: Stage): Promise<Outcome> {
  const releases = await stage.act("Composing three signed releases and publishing them", () => composeReleases(fleet));
  const machines = await stage.act(`Installing and starting ${machineNames.length} machines; they enroll by themselves`, () => fleet.addMachines(machineNames, releases.first));

  stage.title("Release 2.0 goes out in waves of 1, 2 and the rest, as tools/demo/policies/to-2.0.yaml says");
  await rollOut(fleet, stage, "to-2.0");
  for (const machine of machines) await showStatus(stage, machine);

  stage.title("Release 3.0 has a required check that fails");
  await rollOut(fleet, stage, "to-3.0");
  for (const machine of machines) await showStatus(stage, machine);
  return readBack(fleet, releases);
}

/** As an operator would: look at the plan, apply the policy, follow it. */
async function rollOut(fleet: DemoFleet, stage: Stage, name: string): Promise<void> {
  const policy = path.join(import.meta.dirname, "../policies", `${name}.yaml`);
  await stage.watch(fleet, ["rollout", "plan", "-f", policy]);
  await stage.watch(fleet, ["apply", "-f", policy]);
  await stage.watch(fleet, ["rollout", "watch", name]);
}

async function readBack(fleet: DemoFleet, releases: Releases): Promise<Outcome> {
  const [good, bad] = [await fleet.operator.rollout("to-2.0"), await fleet.operator.rollout("to-3.0")];
  const proved = good.nodes.filter((node) => node.phase === "UPDATE_PHASE_UPDATED" && node.proved);
  return {
    nodes: (await fleet.operator.nodes()).length,
    upgraded: good.target?.checksum === releases.good.checksum ? proved.length : 0,
    badReleaseExposed: bad.nodes.filter((node) => node.confirmed).length,
    rolledBack: bad.nodes.filter((node) => node.phase === "UPDATE_PHASE_ROLLED_BACK").length,
    halted: bad.state === "ROLLOUT_STATE_HALTED",
  };
}

async function showStatus(stage: Stage, machine: Machine): Promise<void> {
  stage.show(`${machine.name}: ostree admin status`, await machine.adminStatus());
}
