import { describe, expect, it } from "vitest";
import { bootedDeployment, findDeployment, nextDeployment, sameDeployment, type Deployment, type OsState } from "./deployment.ts";
import { sameAttempt } from "./attempt.ts";
import { compareGenerations } from "./generation.ts";
import { isChecksum, shortChecksum } from "./identity.ts";
import { isRetryable } from "./phase.ts";

const deployment = (checksum: string, serial: number, flags: Partial<Deployment> = {}): Deployment => ({
  osname: "sim",
  checksum,
  serial,
  version: "",
  refspec: "",
  booted: false,
  pending: false,
  staged: false,
  rollback: false,
  pinned: false,
  kargs: "",
  ...flags,
});

describe("a host's deployments", () => {
  const os: OsState = {
    bootId: "b",
    deployments: [deployment("a", 1, { staged: true }), deployment("a", 0, { booted: true }), deployment("b", 0)],
  };

  it("are told apart by checksum and serial together", () => {
    expect(findDeployment(os, { checksum: "a", serial: 0 })?.booted).toBe(true);
    expect(findDeployment(os, { checksum: "b", serial: 1 })).toBeUndefined();
    expect(sameDeployment({ checksum: "a", serial: 0 }, { checksum: "a", serial: 1 })).toBe(false);
  });

  it("have one that is booted and one that is next", () => {
    expect(bootedDeployment(os)?.serial).toBe(0);
    expect(nextDeployment(os)?.staged).toBe(true);
    expect(bootedDeployment({ bootId: "b", deployments: [] })).toBeUndefined();
  });
});

describe("generations", () => {
  it("are ordered by epoch, then by number", () => {
    expect(compareGenerations({ epoch: 2, number: 1 }, { epoch: 1, number: 9 })).toBeGreaterThan(0);
    expect(compareGenerations({ epoch: 1, number: 1 }, { epoch: 1, number: 2 })).toBeLessThan(0);
    expect(compareGenerations({ epoch: 1, number: 1 }, { epoch: 1, number: 1 })).toBe(0);
  });
});

describe("identities", () => {
  it("are the same attempt only with the same rollout and number", () => {
    expect(sameAttempt({ rollout: "r", number: 1 }, { rollout: "r", number: 1 })).toBe(true);
    expect(sameAttempt({ rollout: "r", number: 1 }, { rollout: "r", number: 2 })).toBe(false);
    expect(sameAttempt({ rollout: "r", number: 1 }, { rollout: "s", number: 1 })).toBe(false);
  });

  it("know a checksum from other text", () => {
    expect(isChecksum("0".repeat(64))).toBe(true);
    for (const text of ["", "0".repeat(63), "0".repeat(65), "F".repeat(64), `${"0".repeat(64)}\n`]) expect(isChecksum(text)).toBe(false);
    expect(shortChecksum("0123456789abcdef")).toBe("0123456789");
  });
});

describe("failures", () => {
  it("are retryable when the release and the host are not to blame", () => {
    expect(
      (["transient", "never-booted", "unreachable", "node", "release", "operator", "needs-operator"] as const).filter(isRetryable),
    ).toEqual(["transient", "never-booted", "unreachable"]);
  });
});
