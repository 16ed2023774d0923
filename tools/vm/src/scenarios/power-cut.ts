import { deepEqual, ok } from "node:assert/strict";
import { expectClean, expectRuns } from "../expectations.ts";
import type { Fleet } from "../fleet.ts";
import type { Release } from "../release-line.ts";
import type { Scenario, Scene } from "../scenario.ts";

export interface PowerCut {
  /** Names the rollout. */
  readonly name: string;
  readonly moment: string;
  /** Resolves when the moment has come. */
  readonly reached: (scene: Scene, release: Release) => Promise<unknown>;
}

/** Takes the first machine's power away in the middle of a rollout over all of them: it boots old or new, and everything ends on the new release by itself. */
export async function playPowerCut(scene: Scene, { name, moment, reached }: PowerCut): Promise<Release> {
  const { fleet, names, machines, running, version, say } = scene;
  const [first] = machines;
  const release = await fleet.publish(version, { "usr/share/filler": filler });
  await fleet.rollOut(name, release, names, { waves: [{ rest: true }], maxUnavailable: names.length, retries: { limit: 3, backoff: "2s" } });
  await reached(scene, release);
  await first!.powerCut();
  say(`${first!.name}: power cut ${moment}; power back`);
  first!.powerOn();
  const { booted } = await fleet.facts(first!.name);
  ok(booted === running.checksum || booted === release.checksum, `${first!.name} was to boot the old release or the new one, not ${booted}`);
  say(`${first!.name}: boots the ${booted === release.checksum ? "new" : "old"} release`);
  const { state, reason, nodes } = await fleet.ended(name);
  deepEqual({ state, nodes: nodes.map(({ phase, proved }) => `${phase} ${proved}`) }, { state: "ROLLOUT_STATE_COMPLETED", nodes: names.map(() => "UPDATE_PHASE_UPDATED true") }, reason);
  await fleet.healthy(names);
  for (const machine of names) await expectRuns(fleet, machine, release);
  await expectClean(fleet, first!.name);
  return release;
}

/** Something to download, that does not compress. */
const filler = crypto.getRandomValues(new Uint8Array(60_000));

/** Waits in the machine itself for a process: asking over a serial port would be too slow. */
export function processRuns(fleet: Fleet, machine: string, pattern: string): Promise<string> {
  return fleet.run(machine, `until pgrep -f '${pattern}' >/dev/null; do sleep 0.05; done`);
}

export const cutInDeploy: Scenario = {
  name: "cut-in-deploy",
  promise: "a power cut while the new deployment is being written: old or new, and then new by itself",
  machines: 2,
  play: (scene) => playPowerCut(scene, { name: "cut-in-deploy", moment: "while ostree wrote the deployment", reached: ({ fleet, names }) => processRuns(fleet, names[0]!, "^ostree admin deploy") }),
};
