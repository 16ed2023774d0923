import path from "node:path";
import { describe, expect, it } from "vitest";
import { steps, testedProjects } from "./step.ts";

const root = path.resolve(import.meta.dirname, "../../..");

describe("the steps of npm test", () => {
  const testSteps = steps(root).filter((step) => step.projects !== undefined);

  it("run the tests of every project that has any, once", () => {
    expect(testSteps.flatMap((step) => step.projects).sort()).toEqual(testedProjects(root));
    for (const { argv, projects = [] } of testSteps) for (const project of projects) expect(argv.join(" ")).toContain(`directory:${project}`);
  });

  it("boot machines last, while nothing else deploys on the same file system", () => {
    expect(testSteps.at(-1)).toMatchObject({ projects: ["libs/testkit", "tools/integration"] });
    expect(testSteps.slice(0, -1).flatMap((step) => step.projects)).not.toContain("libs/testkit");
  });
});
