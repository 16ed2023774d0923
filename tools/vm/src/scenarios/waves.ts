import { deepEqual, ok } from "node:assert/strict";
import { expectRuns } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const waves: Scenario = {
  name: "waves",
  promise: "a good release goes out in waves, each machine proved by its boot",
  play: async ({ fleet, names, machines, runs, version, say }) => {
    const release = await fleet.publish(version);
    const before = machines.map(({ boots }) => boots);
    for (const name of names) await expectRuns(fleet, name, runs.get(name)!);
    say(`rolling ${version} out, one machine first`);
    await fleet.rollOut("waves", release, names, { waves: [{ name: "canary", count: 1 }, { name: "rest", rest: true }], maxUnavailable: 1 });
    const { state, reason, nodes } = await fleet.ended("waves");
    deepEqual({ state, proved: nodes.map(({ phase, proved, wave }) => `${phase} ${proved} ${wave}`) }, { state: "ROLLOUT_STATE_COMPLETED", proved: names.map((_, index) => `UPDATE_PHASE_UPDATED true ${Math.min(index, 1)}`) }, reason);
    for (const name of names) await expectRuns(fleet, name, release);
    deepEqual(
      machines.map(({ boots }) => boots),
      before.map((boots) => boots + 1),
      "one boot each",
    );
    const { entries } = await fleet.operator.clients.rollouts.getRolloutHistory({ name: "waves", pageSize: 200 });
    const oldestFirst = [...entries].sort((one, other) => Number(one.sequence) - Number(other.sequence)).map(({ action }) => action);
    const proof = oldestFirst.indexOf("node-updated");
    ok(proof >= 0 && oldestFirst.lastIndexOf("grant-slot") > proof, `the second wave was to wait for the first one's proof: ${oldestFirst.join(", ")}`);
    for (const name of names) runs.set(name, release);
  },
};
