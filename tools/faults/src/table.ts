import type { FaultCase } from "./matrix/fault-case.ts";
import type { CaseResult } from "./play/play-case.ts";

/** One line for a case that has just ended. */
export function resultLine(result: CaseResult, done: number, of: number): string {
  const { name, endings, seconds, problems, kept } = result;
  const verdict = problems.length === 0 ? "ok    " : "FAILED";
  const details = problems.map((problem) => `\n         ${shortened(problem).split("\n").join("\n         ")}`).join("");
  return `[${done}/${of}] ${verdict} ${name}: ${endings.join(", ") || "nothing ended"} (${seconds} s)${details}${kept === undefined ? "" : `\n         kept in ${kept}`}`;
}

const longestProblem = 600;
const shortened = (problem: string): string => (problem.length <= longestProblem ? problem : `${problem.slice(0, longestProblem)} ...`);

/** Step, fault, how the attempts ended, seconds, verdict; in the order of the matrix. */
export function renderedTable(cases: readonly FaultCase[], results: readonly CaseResult[]): string {
  const byName = new Map(results.map((result) => [result.name, result]));
  const rows = cases.flatMap(({ name, step, fault }) => {
    const result = byName.get(name);
    return result === undefined ? [] : [[step, fault, result.endings.join(", ") || "-", String(result.seconds), result.problems.length === 0 ? "ok" : "FAILED"]];
  });
  const header = ["step", "fault", "ended as", "seconds", ""];
  const widths = header.map((word, column) => Math.max(word.length, ...rows.map((row) => row[column]!.length)));
  return [header, ...rows].map((row) => `${row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()}\n`).join("");
}
