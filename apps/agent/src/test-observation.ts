import type { Observation } from "@treeline/fleet";
import { updateState, emptyJournal } from "@treeline/upgrade";

/** Support for tests: an observation of a host that has nothing to do. */

export const testBootId = "00000000-0000-4000-8000-000000000001";

export function testObservation(more: Partial<Observation> = {}): Observation {
  const health = { state: "green", bootId: testBootId, checks: [] } as const;
  const deployment = { osname: "fleetos", checksum: "b".repeat(64), serial: 0, version: "1", refspec: "treeline:os/stable", booted: true, pending: false, staged: false, rollback: false, pinned: false, kargs: "quiet" };
  return {
    os: { bootId: testBootId, deployments: [deployment] },
    update: updateState(emptyJournal, { health }),
    health,
    inventory: {
      ...{ hostname: "node", machineId: "", architecture: "x86_64", osName: "FleetOS", osVersion: "1", kernel: "6.1", cpuModel: "", virtualization: "" },
      ...{ cpuCores: 2, memoryBytes: 1024, disks: [], interfaces: [] },
    },
    ...more,
  };
}
