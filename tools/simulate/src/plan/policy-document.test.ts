import { parseSelector, selects } from "@treeline/fleet";
import { describe, expect, it } from "vitest";
import { Chance } from "../kernel/chance.ts";
import { labelsFor, readPolicyDocument } from "./policy-document.ts";

const document = `
apiVersion: treeline/v1
kind: Rollout
metadata: { name: x }
spec:
  release: "2.0"
  selector: site in (berlin, paris), gpu, !old
  nodes: [atlas]
  exclude: { selector: frozen=yes, nodes: [boreas] }
  waves:
    - { name: canary, count: 1, selector: "ring=canary" }
    - { rest: true }
`;

describe("a policy document", () => {
  it("is read without what it says of single hosts and of the release", () => {
    const policy = readPolicyDocument(document);
    expect(policy).toMatchObject({ selector: "site in (berlin, paris), gpu, !old", exclude: { selector: "frozen=yes" } });
    expect(policy).not.toHaveProperty("nodes");
    expect(policy).not.toHaveProperty("release");
  });

  it("says what is wrong with it", () => {
    expect(() => readPolicyDocument(document.replace("count: 1", "count: none"))).toThrow(/spec\.waves/);
  });

  it("gets hosts that its selector matches, some of them for the waves of their own", () => {
    const policy = readPolicyDocument(document);
    const chance = new Chance({ seed: 1, run: 0 });
    const parsed = parseSelector(policy.selector ?? "");
    const hosts = Array.from({ length: 40 }, (_, index) => labelsFor(policy, chance.stream(`host ${index}`)));
    for (const labels of hosts) expect(parsed.ok && selects(parsed.selector, labels)).toBe(true);
    expect(new Set(hosts.map(({ ring }) => ring))).toEqual(new Set(["canary", undefined]));
    expect(new Set(hosts.map(({ site }) => site))).toEqual(new Set(["berlin", "paris"]));
  });
});
