import { equal } from "node:assert/strict";
import { expectRuns } from "../expectations.ts";
import type { Scenario, Scene } from "../scenario.ts";

/** Within what certificates allow, and wrong enough for anything that compares clocks. */
const ahead = (): string => new Date(Date.now() + 2 * 24 * 3_600_000).toISOString().slice(0, 19);
/** Before any certificate of this fleet was valid: as after a dead battery. */
const longAgo = "2001-01-01T00:00:00";

export const wrongClock: Scenario = {
  name: "wrong-clock",
  promise: "a clock two days ahead hinders nothing; one that was reset to 2001 makes a machine stay where it is until it is right again",
  long: true,
  play: async (scene) => {
    const { fleet, machines, runs, version, say } = scene;
    const [machine] = machines as [(typeof machines)[number]];
    const { name } = machine;
    await machine.powerCut();
    machine.powerOn({ clock: ahead() });
    await fleet.healthy([name]);
    say(`${name}'s clock is two days ahead; rolling out`);
    await upgrade(scene, "clock-ahead", version);

    await machine.powerCut();
    const { boots } = machine;
    machine.powerOn({ clock: longAgo });
    await fleet.until(`${name} is away`, async () => (await fleet.operator.node(name)).connected, (connected) => !connected);
    const release = await fleet.publish(`${version}.1`);
    await fleet.rollOut("clock-behind", release, [name], { waves: [{ rest: true }] });
    say(`${name}'s clock is in 2001: waiting until its agent has tried to reach the server`);
    await fleet.until(`${name}'s agent gets no session`, () => fleet.run(name, "journalctl -b -u treeline-agent -o cat"), (log) => /not yet valid|CERT_NOT_YET_VALID/.test(log));
    await expectRuns(fleet, name, runs.get(name)!);
    equal(machine.boots, boots + 1, `${name} was to stay where it is`);
    equal((await fleet.operator.place("clock-behind", name)).confirmed, false);
    await machine.powerCut();
    machine.powerOn();
    say(`${name}'s clock is right again`);
    const { state, reason } = await fleet.ended("clock-behind");
    equal(state, "ROLLOUT_STATE_COMPLETED", reason);
    await fleet.healthy([name]);
    await expectRuns(fleet, name, release);
    runs.set(name, release);
  },
};

async function upgrade({ fleet, names, runs }: Scene, rollout: string, version: string): Promise<void> {
  const [name] = names as [string];
  const release = await fleet.publish(version);
  await fleet.rollOut(rollout, release, [name], { waves: [{ rest: true }] });
  const { state, reason } = await fleet.ended(rollout);
  equal(state, "ROLLOUT_STATE_COMPLETED", reason);
  await fleet.healthy([name]);
  await expectRuns(fleet, name, release);
  runs.set(name, release);
}
