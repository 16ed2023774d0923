import { equal, match } from "node:assert/strict";
import { expectClean, expectRuns } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { incompressible } from "./filler.ts";

/** All but 20 MB; by blocks that are free, because root may use those that are reserved for it. */
const fill = "fallocate -l $(( $(stat -f -c '%f * %S' /var) - 20000000 )) /var/fill && sync";

export const diskFull: Scenario = {
  name: "disk-full",
  promise: "a full disk: the release is refused, the machine stays well, and with room again a retry upgrades it",
  long: true,
  play: async ({ fleet, machines, runs, version, say }) => {
    const [machine] = machines as [(typeof machines)[number]];
    const { name, boots } = machine;
    const release = await fleet.publish(version, incompressible(version, 40));
    await fleet.run(name, fill);
    say(`${name}'s disk is full; rolling 40 MB out`);
    await fleet.rollOut("disk-full", release, [name], { waves: [{ rest: true }], retries: 0 });
    const { state, nodes } = await fleet.ended("disk-full");
    equal(state, "ROLLOUT_STATE_HALTED");
    equal(nodes[0]?.phase, "UPDATE_PHASE_FAILED", nodes[0]?.reason);
    match(nodes[0].reason, /space/);
    await expectRuns(fleet, name, runs.get(name)!);
    equal(machine.boots, boots, `${name} was not to be rebooted`);
    await fleet.run(name, "rm /var/fill");
    say(`${name} has room again; retrying`);
    await fleet.operator.treeline("rollout", "retry", "disk-full", "--reason", "there is room again");
    await fleet.rollout("disk-full", "the retry ends", (rollout) => rollout.state === "ROLLOUT_STATE_COMPLETED");
    await fleet.healthy([name]);
    await expectRuns(fleet, name, release);
    await expectClean(fleet, name);
    runs.set(name, release);
  },
};
