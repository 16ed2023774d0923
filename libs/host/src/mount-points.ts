import { readFile } from "node:fs/promises";

/** Where something is mounted, as this process sees it. */
export async function mountPoints(): Promise<readonly string[]> {
  return parseMountPoints(await readFile("/proc/self/mountinfo", "utf8"));
}

/** The fifth field of each line, proc_pid_mountinfo(5); blanks and the like are written as octal numbers. Pure. */
export function parseMountPoints(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const path = line.split(" ")[4];
    return path === undefined
      ? []
      : [path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))];
  });
}
