import { deepEqual, equal, ok } from "node:assert/strict";
import { expectClean, expectRuns } from "../expectations.ts";
import type { Release } from "../release-line.ts";
import type { Scenario, Scene } from "../scenario.ts";
import { incompressible } from "./filler.ts";

interface PowerCut {
  /** Names the rollout. */
  readonly name: string;
  readonly moment: string;
  /** Fields of the rollout's policy. */
  readonly policy?: Readonly<Record<string, unknown>>;
  /** Resolves when the moment has come. */
  readonly reached: (scene: Scene, release: Release) => Promise<unknown>;
  /** What the server knew in that moment. */
  readonly expectCut?: (scene: Scene) => Promise<void>;
}

/** Takes the first machine's power away in the middle of its upgrade: it boots old or new, and ends on the new release by itself. */
async function playPowerCut(scene: Scene, { name, moment, policy = {}, reached, expectCut }: PowerCut): Promise<void> {
  const { fleet, names, machines, runs, version, say } = scene;
  const [machine] = machines as [(typeof machines)[number]];
  const before = runs.get(machine.name)!;
  const release = await fleet.publish(version, incompressible(version, 8));
  await fleet.rollOut(name, release, names.slice(0, 1), { waves: [{ rest: true }], retries: { limit: 3, backoff: "2s" }, ...policy });
  await reached(scene, release);
  await machine.powerCut();
  await expectCut?.(scene);
  say(`${machine.name}: power cut ${moment}; power back`);
  machine.powerOn();
  const { booted } = await fleet.facts(machine.name);
  ok(booted === before.checksum || booted === release.checksum, `${machine.name} was to boot the old release or the new one, not ${booted}`);
  say(`${machine.name}: boots the ${booted === release.checksum ? "new" : "old"} release`);
  const { state, reason, nodes } = await fleet.ended(name);
  deepEqual({ state, nodes: nodes.map(({ phase, proved }) => `${phase} ${proved}`) }, { state: "ROLLOUT_STATE_COMPLETED", nodes: ["UPDATE_PHASE_UPDATED true"] }, reason);
  await fleet.healthy(names);
  runs.set(machine.name, release);
  for (const each of names) await expectRuns(fleet, each, runs.get(each)!);
  await expectClean(fleet, machine.name);
}

export const cutInDeploy: Scenario = {
  name: "cut-in-deploy",
  promise: "a power cut while the new deployment is being written: old or new, and then new by itself",
  play: (scene) =>
    playPowerCut(scene, {
      name: "cut-in-deploy",
      moment: "while ostree wrote the deployment",
      // Waited for in the machine itself: asking over a serial port is too slow. The whole line must match, or this very command would.
      reached: ({ fleet, names }) => fleet.run(names[0]!, "until pgrep -fx '(/usr/bin/)?ostree admin deploy .*' >/dev/null; do sleep 0.05; done"),
      expectCut: async ({ fleet, names }) => equal((await fleet.operator.place("cut-in-deploy", names[0]!)).confirmed, true, "too early: nothing was confirmed yet"),
    }),
};

export const cutInPull: Scenario = {
  name: "cut-in-pull",
  promise: "a power cut in the middle of a download: the old release, and then the new one by itself",
  long: true,
  play: (scene) =>
    playPowerCut(scene, {
      name: "cut-in-pull",
      moment: "in the middle of the download",
      policy: { staging: { nodes: 1, bytesPerSecond: 400_000 } },
      reached: ({ fleet, names }) => fleet.rollout("cut-in-pull", "content arrives", ({ nodes }) => nodes.some((node) => node.name === names[0] && Number(node.bytesPulled) > 500_000)),
    }),
};

export const cutInFirstBoot: Scenario = {
  name: "cut-in-first-boot",
  promise: "a power cut during the first boot of the new release: it comes up at the next one and is proved there",
  long: true,
  play: (scene) =>
    playPowerCut(scene, {
      name: "cut-in-first-boot",
      moment: "in the first boot of the new release",
      reached: async ({ fleet, names }, release) => {
        await fleet.facts(names[0]!, "boots the new release", ({ booted }) => booted === release.checksum);
      },
      expectCut: async ({ fleet, names }) => equal((await fleet.operator.place("cut-in-first-boot", names[0]!)).proved, false, "too late: it was proved already"),
    }),
};
