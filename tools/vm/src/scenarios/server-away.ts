import { equal } from "node:assert/strict";
import { expectRuns } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const serverAway: Scenario = {
  name: "server-away",
  promise: "the server is killed while a machine reboots: the machine waits on the new release, and is proved when the server is back",
  long: true,
  play: async ({ fleet, names, runs, version, say }) => {
    const [name] = names as [string];
    const release = await fleet.publish(version);
    await fleet.rollOut("server-away", release, [name], { waves: [{ rest: true }] });
    await fleet.rollout("server-away", `${name} is confirmed`, ({ nodes }) => nodes.some(({ confirmed }) => confirmed));
    await fleet.server.kill();
    say("the server is gone");
    await fleet.facts(name, "boots the new release", ({ booted }) => booted === release.checksum);
    // Its agent has come up and has looked for the server.
    await fleet.until(`${name}'s agent is up`, () => fleet.run(name, "journalctl -b -u treeline-agent -o cat"), (log) => log.includes("agent started"));
    await fleet.server.start();
    say("the server is back");
    const { state, reason } = await fleet.ended("server-away");
    equal(state, "ROLLOUT_STATE_COMPLETED", reason);
    await fleet.healthy(names);
    await expectRuns(fleet, name, release);
    runs.set(name, release);
  },
};
