import { readFileSync } from "node:fs";

/** Linux counts CPU time for user space in hundredths of a second (USER_HZ) on every architecture that Node runs on. */
const ticksPerSecond = 100;

/**
 * CPU seconds that a process has used in all its threads, user and system (proc_pid_stat(5), fields 14 and 15).
 * @throws Error when there is no such process any more
 */
export function cpuSecondsOf(pid: number): number {
  const [user, system] = ticksOf(pid);
  return (user + system) / ticksPerSecond;
}

/** The same with the time of its children that have ended and were waited for (fields 16 and 17). @throws Error when there is no such process any more */
export function cpuSecondsWithChildrenOf(pid: number): number {
  return ticksOf(pid).reduce((sum, ticks) => sum + ticks, 0) / ticksPerSecond;
}

function ticksOf(pid: number): readonly [number, number, number, number] {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  // Field 2, the program's name, may hold anything, even spaces and parentheses; the last parenthesis ends it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return [Number(fields[11]), Number(fields[12]), Number(fields[13]), Number(fields[14])];
}

/** Resident memory of a process in KiB (VmRSS of proc_pid_status(5)). @throws Error when there is no such process any more */
export function rssKibOf(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  if (found === null) throw new Error(`process ${pid} has no resident memory: it has ended`);
  return Number(found[1]);
}
