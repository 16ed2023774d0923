import { describe, expect, it } from "vitest";
import { readRolloutDocuments } from "./document.ts";
import { failureOf } from "./failure.ts";
import { generatedName, policyMessage } from "./policy.ts";

const good = (name: string): string => `apiVersion: treeline/v1
kind: Rollout
metadata:
  name: ${name}
spec:
  release: "42.1"
  selector: site=berlin
  waves:
    - count: 1
    - rest: true
  maxUnavailable: 10%
  nodeSoak: 30s
`;

const violationsOf = (text: string): readonly string[] => {
  try {
    readRolloutDocuments(text, "r.yaml");
  } catch (error) {
    const failure = failureOf(error);
    expect(failure.exitCode).toBe(2);
    return failure.violations.map(({ field, description }) => `${field}: ${description}`);
  }
  throw new Error("the document was accepted");
};

it("reads every document of a file, and passes over empty ones", () => {
  const documents = readRolloutDocuments(`---\n${good("a")}---\n---\n${good("b")}`, "r.yaml");
  expect(documents.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(documents[0]?.policy).toMatchObject({ release: "42.1", maxUnavailable: "10%", nodeSoakMillis: 30_000 });
});

it("reads JSON, too", () => {
  const [document] = readRolloutDocuments(
    JSON.stringify({
      apiVersion: "treeline/v1",
      kind: "Rollout",
      metadata: { name: "j" },
      spec: { release: "1", selector: "*", waves: [{ rest: true }] },
    }),
    "r.json",
  );
  expect(document?.name).toBe("j");
});

describe("what is wrong is named with its place", () => {
  it("for a field nobody knows: the line and column of its key", () => {
    expect(violationsOf(good("a").replace("maxUnavailable", "maxUnavailible"))[0]).toMatch(
      /^r\.yaml:11:3 spec\.maxUnavailible: is not a field here/,
    );
  });

  it("for a wave: the wave", () => {
    expect(violationsOf(good("a").replace("count: 1", "count: 0"))).toEqual([
      "r.yaml:9:7 spec.waves[0].count: is 0; a wave takes at least one node",
    ]);
  });

  it("in a later document: the place in the file, and nothing of the first is returned", () => {
    expect(violationsOf(`${good("a")}---\n${good("b").replace("site=berlin", '""')}`)[0]).toMatch(/^r\.yaml:20:3 spec\.selector: is empty/);
  });

  it("for a field that is missing: the place of what should hold it", () => {
    expect(violationsOf(good("a").replace('  release: "42.1"\n', ""))[0]).toMatch(/^r\.yaml:5:1 spec\.release: is missing/);
  });

  it("for a name given twice", () => {
    expect(violationsOf(`${good("a")}---\n${good("a")}`)).toEqual([
      "r.yaml:17:3 metadata.name: is the name of the rollout at r.yaml:4:3, too",
    ]);
  });

  it("for YAML that is none: line and column", () => {
    expect(violationsOf("apiVersion: treeline/v1\nspec: {a: [1, 2\n")[0]).toMatch(/^r\.yaml:\d+:\d+: /);
    expect(violationsOf(`${good("a")}kind: Rollout\n`)[0]).toMatch(/^r\.yaml:13:1: Map keys must be unique/);
    expect(violationsOf(good("a").replace("site=berlin", "!secret site"))[0]).toMatch(/^r\.yaml:7:13: Unresolved tag/);
  });
});

it.each(["", "---\n---\n", "# nothing\n"])("refuses a file without a document: %j", (text) => {
  expect(() => readRolloutDocuments(text, "r.yaml")).toThrow("r.yaml holds no document");
});

it("does not follow aliases without end", () => {
  const levels = Array.from(
    { length: 12 },
    (_, n) => `l${n + 1}: &l${n + 1} [${Array.from({ length: 10 }, () => `*l${n}`).join(", ")}]`,
  ).join("\n");
  expect(() => readRolloutDocuments(`l0: &l0 [x]\n${levels}\n`, "r.yaml")).toThrow("is not valid YAML");
});

describe("what is sent", () => {
  it("carries the policy as written, and retries only when they are", () => {
    const [document] = readRolloutDocuments(good("a"), "r.yaml");
    if (document === undefined) throw new Error("no document");
    expect(policyMessage(document.policy)).toEqual({
      release: "42.1",
      selector: "site=berlin",
      waves: [{ count: 1 }, { rest: true }],
      maxUnavailable: "10%",
      nodeSoakMillis: 30_000,
    });
  });

  it("is never another number than the one that was meant", () => {
    expect(() =>
      policyMessage({ release: "1", selector: "*", waves: [{ count: 2 ** 31 }], maxUnavailable: "1", nodeSoakMillis: 0 }),
    ).toThrow("wave 1 takes 2147483648 nodes");
  });
});

it("makes names that the server accepts, whatever the version looks like", () => {
  for (const release of ["42.1", "F42 (Stable)+build~7", "---", "é", "x".repeat(300), `${"a".repeat(49)}-x`, "ab".repeat(32)]) {
    expect(generatedName(release)).toMatch(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/);
  }
  expect(generatedName("42.1")).toMatch(/^42\.1-[0-9a-f]{4}$/);
  expect(generatedName("ab".repeat(32))).toMatch(/^ababababab-[0-9a-f]{4}$/);
});
