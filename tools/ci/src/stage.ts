import { z } from "zod";
import { type GroupEnd, runGroup } from "./process-group.ts";
import { oneFailed, onePassed, sum, type Tally } from "./tally.ts";

/** The commands of a stages file: one a line, `#` starts a comment line. */
export function stagesOf(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

const count = z.int().nonnegative();
const countsReport = z.object({ passed: count, failed: count });

/** Of a checker that was held against engines broken on purpose: it works when each of them was caught. */
const selfTestReport = z.object({ simulate: z.literal("self-test"), mutants: z.int().positive(), caught: count });

/** The first value of a report says whether what was asked for holds, `{"demo":"ok",…}`; a self-test's numbers do. */
function saysOk(report: object): boolean {
  const selfTest = selfTestReport.safeParse(report);
  return selfTest.success ? selfTest.data.caught === selfTest.data.mutants : Object.values(report)[0] === "ok";
}

function parsed(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What one stage counts for; `reason` says why it counts as failed when its own report does not. */
export interface StageResult {
  readonly tally: Tally;
  readonly reason?: string;
}

/**
 * Judges an ended stage by its own report, the last line of its standard output. The exit status and the report must agree: a stage that
 * fails after a good report, or the other way round, counts one failure.
 */
export function judge(end: Pick<GroupEnd, "exitCode" | "timedOut" | "lastLine">): StageResult {
  if (end.timedOut) return { tally: oneFailed, reason: "it took too long and was stopped" };
  const report = parsed(end.lastLine);
  if (report === undefined) return { tally: oneFailed, reason: "its last line is not a JSON report" };
  const counts = countsReport.safeParse(report);
  const tally = counts.success ? counts.data : saysOk(report) ? onePassed : oneFailed;
  if (tally.failed > 0) return { tally };
  if (end.exitCode !== 0)
    return { tally: sum([tally, oneFailed]), reason: `its report is good and yet its exit status is ${end.exitCode ?? "a signal"}` };
  if (!saysOk(report)) return { tally: sum([tally, oneFailed]), reason: `its report counts no failure and yet does not begin with "ok"` };
  if (tally.passed === 0) return { tally: oneFailed, reason: "its report says that nothing was checked" };
  return { tally };
}

export interface StagesOptions {
  readonly commands: readonly string[];
  readonly cwd: string;
  /** Milliseconds for one stage. */
  readonly stageLimit: number;
  /** Milliseconds for all; a stage that has no time left fails unstarted. */
  readonly limit: number;
  /** Milliseconds between being told to stop and being killed; default 10 seconds. */
  readonly grace?: number;
  /** For people. */
  readonly say: (line: string) => void;
  readonly output: (chunk: Buffer) => void;
  readonly signal?: AbortSignal;
}

export interface RanStage extends StageResult {
  readonly command: string;
  /** Milliseconds. */
  readonly elapsed: number;
}

/** Runs the stages one after the other, each whatever became of those before it. */
export async function runStages(options: StagesOptions): Promise<readonly RanStage[]> {
  const { commands, cwd, stageLimit, limit, grace = 10_000, say, output, signal } = options;
  const start = performance.now();
  const ran: RanStage[] = [];
  for (const command of commands) {
    const left = limit - (performance.now() - start);
    if (signal?.aborted || left <= 0) {
      const reason = signal?.aborted ? "not run: the run was stopped" : "not run: no time left";
      ran.push({ command, elapsed: 0, tally: oneFailed, reason });
      continue;
    }
    say(`stage: ${command}`);
    const group = { argv: ["sh", "-c", command], cwd, limit: Math.min(stageLimit, left), grace, output } as const;
    const end = await runGroup(signal === undefined ? group : { ...group, signal });
    ran.push({ command, elapsed: end.elapsed, ...judge(end) });
  }
  return ran;
}
