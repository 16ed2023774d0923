import type { Machine, Release } from "@treeline/testkit";
import { expect, test } from "vitest";
import { deploymentsOf } from "./readings.ts";
import { publish, rollOut, sharedFleet, showLogs, startMachine } from "./test-fleet.ts";

let releases: readonly Release[];
let machine: Machine;

const shared = sharedFleet(async (fleet) => {
  releases = [await publish(fleet, "1.0"), await publish(fleet, "2.0"), await publish(fleet, "3.0")];
  machine = await startMachine(fleet, "alpha", releases[0]!);
});

const has = async ({ checksum }: Release): Promise<boolean> => (await machine.exec(["ostree", "show", "--repo=/ostree/repo", checksum])).code === 0;
const refs = async (): Promise<readonly string[]> =>
  (await machine.exec(["ostree", "refs", "--repo=/ostree/repo"])).stdout.split("\n").filter((name) => name.startsWith("treeline/"));

test("a host that was updated twice holds what runs and what it can go back to, and nothing of the release before", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const [first, second, third] = releases as readonly [Release, Release, Release];
  for (const [name, release] of [["to-2", second], ["to-3", third]] as const) {
    await rollOut(fleet, name, release, { nodes: ["alpha"], soak: "0s" });
    expect((await fleet.operator.ended(name)).state).toBe("ROLLOUT_STATE_COMPLETED");
  }
  await fleet.operator.until("the first release is gone", () => has(first), (found) => !found);
  await fleet.operator.until("the attempt holds nothing any more", refs, (names) => !names.includes("treeline/target") && !names.includes("treeline/base"));
  expect(await deploymentsOf(machine)).toEqual([
    { booted: true, checksum: third.checksum, mark: "" },
    { booted: false, checksum: second.checksum, mark: "rollback" },
  ]);
  expect(await machine.exec(["ostree", "fsck", "--quiet", "--repo=/ostree/repo"])).toMatchObject({ code: 0 });
});
