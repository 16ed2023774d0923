import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import path from "node:path";
import { compileCache } from "./compile-cache.ts";
import { junitFileTotals } from "./junit.ts";
import { oneFailed, onePassed, sum, type Tally } from "./tally.ts";

/** One step of `npm test`. */
export interface Step {
  readonly name: string;
  /** A program of node_modules/.bin and its arguments. */
  readonly argv: readonly [string, ...string[]];
  /** What mends the usual failure; for people. */
  readonly remedy?: string;
  /** Folders of the projects whose tests the step runs, relative to the root; a step without them counts as one check. */
  readonly projects?: readonly string[];
}

export interface RanStep {
  readonly step: Step;
  readonly tally: Tally;
  readonly skipped: number;
  /** The failed tests by project, file and name. */
  readonly failures: readonly string[];
  /** Milliseconds. */
  readonly elapsed: number;
}

/**
 * Tests that boot machines: last, and with nothing beside them. They need the processors for themselves, and other tests deploy on the same file
 * system, which freezes it for moments in which `ostree` inside a machine is refused. The two do not disturb each other, and both wait more than they work.
 */
const machineProjects: readonly string[] = ["libs/testkit", "tools/integration"];

/** Where the vitest configuration of a project puts its report. */
export function reportOf(project: string): string {
  return `reports/${project}.junit.xml`;
}

/** The folders of all projects with tests. */
export function testedProjects(root: string): readonly string[] {
  return globSync("{apps,libs,tools}/*/vitest.config.ts", { cwd: root }).map(path.dirname).sort();
}

/** The steps of `npm test`, in order. The first also computes the project graph that the boundary rule of the lint step reads. */
export function steps(root: string): readonly Step[] {
  const projects = testedProjects(root);
  const onMachines = projects.filter((project) => machineProjects.includes(project));
  const others = projects.filter((project) => !machineProjects.includes(project));
  return [
    { name: "project references", argv: ["nx", "sync:check"], remedy: "npm run sync" },
    { name: "supply chain", argv: ["node", "tools/ci/src/check-supply-chain.ts"], remedy: "its output says what to do" },
    { name: "proto lint", argv: ["buf", "lint", "proto"] },
    { name: "typecheck", argv: ["tsc", "--build"] },
    { name: "lint", argv: ["eslint", "."], remedy: "npm run lint -- --fix mends some of it" },
    { name: "tests", argv: testsOf(others, 2), projects: others },
    ...(onMachines.length > 0 ? [{ name: "tests on machines", argv: testsOf(onMachines, 2), projects: onMachines }] : []),
  ];
}

function testsOf(projects: readonly string[], atOnce: number): Step["argv"] {
  const selection = projects.map((project) => `directory:${project}`).join(",");
  return ["nx", "run-many", "--target=test", `--parallel=${atOnce}`, "--outputStyle=static", `--projects=${selection}`];
}

function environmentOf(step: Step, root: string): NodeJS.ProcessEnv {
  // CI: no watching, no questions, and a forgotten `test.only` is an error.
  const environment = { ...process.env, ...compileCache(root), CI: "true", NX_DAEMON: "false", NX_TUI: "false", NX_NO_CLOUD: "true" };
  // Nx has its tasks write colours into a file too, unless told otherwise; tsc takes any value of this variable for a yes.
  return step.projects === undefined || process.stdout.isTTY ? environment : { ...environment, FORCE_COLOR: "0" };
}

/** What a step counts for: its tests, or itself. A program that fails although every test passed counts one failure. */
async function count(step: Step, exitCode: number | null, root: string): Promise<Omit<RanStep, "step" | "elapsed">> {
  if (step.projects === undefined) return { tally: exitCode === 0 ? onePassed : oneFailed, skipped: 0, failures: [] };
  const reports = await Promise.all(
    step.projects.map(async (project) => ({ project, totals: await junitFileTotals(path.join(root, reportOf(project))) })),
  );
  const tally = sum(reports.map(({ totals }) => totals));
  const skipped = reports.reduce((total, { totals }) => total + totals.skipped, 0);
  const failures = reports.flatMap(({ project, totals }) => totals.failures.map((failure) => `${project}: ${failure}`));
  if (exitCode === 0 || tally.failed > 0) return { tally, skipped, failures };
  // Such as an error thrown outside of every test: vitest's report has no place for it.
  return { tally: sum([tally, oneFailed]), skipped, failures: [`${step.argv[0]} failed, and no test did: see its output above`] };
}

/** Runs a step, its output passed through, and counts it. The reports of its projects must not be there yet. */
export async function runStep(step: Step, root: string): Promise<RanStep> {
  const start = performance.now();
  const [program, ...args] = step.argv;
  const child = spawn(program, args, { cwd: root, env: environmentOf(step, root), stdio: ["ignore", "inherit", "inherit"] });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  return { step, ...(await count(step, exitCode, root)), elapsed: performance.now() - start };
}
