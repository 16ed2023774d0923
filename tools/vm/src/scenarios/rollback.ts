import { deepEqual, equal } from "node:assert/strict";
import { expectRuns } from "../expectations.ts";
import type { Release } from "../release-line.ts";
import type { Scenario } from "../scenario.ts";

export const rollback: Scenario = {
  name: "rollback",
  promise: "two upgrades in a row, then the second rollout is rolled back: every machine is back on the first, with its /etc, without a download",
  long: true,
  play: async ({ fleet, machines, names, runs, version, say }) => {
    const policy = { waves: [{ count: 1 }, { rest: true }], maxUnavailable: 2 };
    const upgrade = async (name: string, release: Release): Promise<void> => {
      say(`rolling ${release.version} out to all`);
      await fleet.rollOut(name, release, names, policy);
      const { state, reason } = await fleet.ended(name);
      equal(state, "ROLLOUT_STATE_COMPLETED", reason);
      await fleet.healthy(names);
      for (const each of names) {
        await expectRuns(fleet, each, release);
        runs.set(each, release);
      }
    };
    const first = await fleet.publish(version);
    await upgrade("rollback-first", first);
    await upgrade("rollback-second", await fleet.publish(`${version}.1`));
    const before = machines.map(({ boots }) => boots);
    say("rolling the second one back");
    await fleet.operator.treeline("rollout", "rollback", "rollback-second", "--reason", "second thoughts");
    const { state, nodes } = await fleet.rollout("rollback-second", "it is rolled back", (rollout) => rollout.state === "ROLLOUT_STATE_ROLLED_BACK");
    deepEqual({ state, nodes: nodes.map(({ phase, bytesPulled }) => `${phase} ${bytesPulled}`) }, { state: "ROLLOUT_STATE_ROLLED_BACK", nodes: names.map(() => "UPDATE_PHASE_REVERTED 0") });
    await fleet.healthy(names);
    for (const name of names) {
      await expectRuns(fleet, name, first);
      runs.set(name, first);
    }
    deepEqual(
      machines.map(({ boots }) => boots),
      before.map((boots) => boots + 1),
      "one boot each",
    );
  },
};
