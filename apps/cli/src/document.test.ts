import { describe, expect, it } from "vitest";
import { readDocuments } from "./document.ts";
import { failureOf } from "./failure.ts";
import { generatedName } from "./policy.ts";

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
    readDocuments(text, "r.yaml");
  } catch (error) {
    const failure = failureOf(error);
    expect(failure.exitCode).toBe(2);
    return failure.violations.map(({ field, description }) => `${field}: ${description}`);
  }
  throw new Error("the document was accepted");
};

it("reads every document of a file, and passes over empty ones", () => {
  const documents = readDocuments(`---\n${good("a")}---\n---\n${good("b")}`, "r.yaml");
  expect(documents.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(documents[0]).toMatchObject({
    kind: "Rollout",
    rollout: { policy: { release: "42.1", maxUnavailable: "10%", nodeSoakMillis: 30_000 } },
  });
});

it("reads JSON, too", () => {
  const [document] = readDocuments(
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
      "r.yaml:9:7 spec.waves[0].count: is 0; write a whole number from 1 to 1000000",
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
  expect(() => readDocuments(text, "r.yaml")).toThrow("r.yaml holds no document");
});

it("does not follow aliases without end", () => {
  const levels = Array.from(
    { length: 12 },
    (_, n) => `l${n + 1}: &l${n + 1} [${Array.from({ length: 10 }, () => `*l${n}`).join(", ")}]`,
  ).join("\n");
  expect(() => readDocuments(`l0: &l0 [x]\n${levels}\n`, "r.yaml")).toThrow("is not valid YAML");
});

describe("a file of several kinds", () => {
  const budget = "apiVersion: treeline/v1\nkind: Budget\nmetadata: {name: a}\nspec: {selector: '*', per: rack, maxUnavailable: 1}\n";

  it("is read in order; a budget and a rollout may have one name", () => {
    const documents = readDocuments(`${good("a")}---\n${budget}`, "r.yaml");
    expect(documents).toMatchObject([
      { kind: "Rollout", name: "a" },
      { kind: "Budget", name: "a", budget: { per: "rack", maxUnavailable: "1" } },
    ]);
  });

  it("names what is wrong with a budget, with its place", () => {
    expect(violationsOf(`${good("a")}---\n${budget.replace("rack", "shelf")}`)).toEqual([
      expect.stringMatching(/^r\.yaml:17:\d+ spec\.per: is "shelf"; write one of region, zone, rack/),
    ]);
    expect(violationsOf(`${budget}---\n${budget}`)).toEqual([
      expect.stringMatching(/^r\.yaml:8:\d+ metadata\.name: is the name of the budget at r\.yaml:3:\d+, too/),
    ]);
  });

  it("names the kinds there are", () => {
    expect(violationsOf(good("a").replace("kind: Rollout", "kind: Rolout")).join()).toMatch(/^r\.yaml:2:1 kind: .*Rollout/);
  });
});

it("makes names that the server accepts, whatever the version looks like", () => {
  for (const release of ["42.1", "F42 (Stable)+build~7", "---", "é", "x".repeat(300), `${"a".repeat(49)}-x`, "ab".repeat(32)]) {
    expect(generatedName(release)).toMatch(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/);
  }
  expect(generatedName("42.1")).toMatch(/^42\.1-[0-9a-f]{4}$/);
  expect(generatedName("ab".repeat(32))).toMatch(/^ababababab-[0-9a-f]{4}$/);
});
