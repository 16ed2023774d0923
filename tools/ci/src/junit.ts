import { readFile } from "node:fs/promises";
import type { Tally } from "./tally.ts";

/** What one JUnit report of vitest says. */
export interface JunitTotals extends Tally {
  readonly skipped: number;
  /** The failed tests, `file: name` each, or why the report itself counts as one failure. */
  readonly failures: readonly string[];
}

/** The report does not say how many tests ran: cut short, or not written by vitest. */
export class JunitReportError extends Error {
  override readonly name = "JunitReportError";
  readonly code = "junit-report-unreadable";
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function unescaped(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (whole, name: string) => entities[name] ?? whole);
}

function count(tag: string, name: string): number {
  const value = new RegExp(`\\s${name}="(\\d+)"`).exec(tag)?.[1];
  if (value === undefined) throw new JunitReportError(`no number of ${name} in ${tag}`);
  return Number(value);
}

/**
 * The totals of one report, read from its `<testsuite>` elements (the enclosing `<testsuites>` counts skipped tests as tests and does not
 * say how many were skipped). Searching the text is enough: vitest escapes `<` and `>` in all that it quotes.
 *
 * @throws JunitReportError when the text is not a whole report.
 */
export function junitTotals(xml: string): JunitTotals {
  // A vitest that was killed leaves an empty or a half-written file.
  if (!xml.trimEnd().endsWith("</testsuites>")) throw new JunitReportError("the report is cut short: the test run did not end by itself");
  let [tests, failed, skipped] = [0, 0, 0];
  for (const [tag] of xml.matchAll(/<testsuite\s[^>]*>/g)) {
    tests += count(tag, "tests");
    failed += count(tag, "failures") + count(tag, "errors");
    skipped += count(tag, "skipped");
  }
  const failedCases = xml.matchAll(/<testcase classname="([^"]*)" name="([^"]*)"[^>]*>\s*<(?:failure|error)\b/g);
  const failures = [...failedCases].map(([, file = "", name = ""]) => unescaped(`${file}: ${name}`));
  return { passed: tests - failed - skipped, failed, skipped, failures };
}

/** The totals of the report in a file. No report, no whole report, and a report without tests count as one failure: a project that loses its tests must not pass. */
export async function junitFileTotals(file: string): Promise<JunitTotals> {
  const failure = (reason: string): JunitTotals => ({ passed: 0, failed: 1, skipped: 0, failures: [reason] });
  try {
    const totals = junitTotals(await readFile(file, "utf8"));
    return totals.passed + totals.failed + totals.skipped > 0 ? totals : failure("has a vitest.config.ts and yet no tests");
  } catch (error) {
    if (error instanceof JunitReportError) return failure(error.message);
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return failure("its tests left no report");
    throw error;
  }
}
