import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { JunitReportError, junitFileTotals, junitTotals } from "./junit.ts";
import { testDirectory } from "./test-directory.ts";

/** The report that a real vitest writes about these test files. */
async function reportText(files: Readonly<Record<string, string>>): Promise<string> {
  await using directory = await testDirectory(files);
  const report = path.join(directory.path, "report.xml");
  const args = ["run", `--root=${directory.path}`, "--globals", "--reporter=junit", `--outputFile=${report}`];
  // Its exit status is 1 when a test fails; the report is what matters here.
  await new Promise((resolve) => execFile("vitest", args, resolve));
  return await readFile(report, "utf8");
}

test("counts what a real vitest reports, and names what failed", { timeout: 30_000 }, async () => {
  const report = await reportText({
    "a.test.js": `
      test("holds", () => expect(1).toBe(1));
      test("holds too", () => expect(1).toBe(1));
      test("a < b > c & \\"d\\"", () => expect("</testsuites>").toBe("<testsuite tests='9'>"));
      test.skip("later", () => undefined);`,
    "b.test.js": `import "./not-there.js"; test("never reached", () => undefined);`,
  });
  expect(junitTotals(report)).toEqual({
    passed: 2,
    failed: 2,
    skipped: 1,
    failures: ['a.test.js: a < b > c & "d"', "b.test.js: b.test.js"],
  });
  expect(() => junitTotals(report.slice(0, -20))).toThrow(JunitReportError);
});

test("counts a report that is empty, missing or without tests as one failure", async () => {
  const nothing =
    '<?xml version="1.0" encoding="UTF-8" ?>\n<testsuites name="vitest tests" tests="0" failures="0" errors="0" time="0">\n</testsuites>\n';
  await using directory = await testDirectory({ "empty.xml": "", "nothing.xml": nothing });
  const totals = (name: string) => junitFileTotals(path.join(directory.path, name));
  const failed = { passed: 0, failed: 1, skipped: 0 };
  expect(await totals("empty.xml")).toEqual({ ...failed, failures: [expect.stringContaining("cut short")] });
  expect(await totals("missing.xml")).toEqual({ ...failed, failures: ["its tests left no report"] });
  expect(await totals("nothing.xml")).toEqual({ ...failed, failures: [expect.stringContaining("no tests")] });
});
