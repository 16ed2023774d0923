import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The pid, as the host counts, of process `inner` of the pid namespace whose pid 1 is the host's `init`; undefined when it has ended. */
export function hostPid(init: number, inner: number): number | undefined {
  const namespace = pidNamespace(init);
  return namespace === undefined ? undefined : pidsInNamespace(namespace).find((pid) => innerPid(pid) === inner);
}

/** The pid namespace of a process, e.g. `pid:[4026532201]`; undefined when the process has ended. */
export function pidNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

/** The processes of a pid namespace, by the host's numbers. Zombies do not count: they hold nothing. */
export function pidsInNamespace(namespace: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pidNamespace(pid) === namespace && statusField(pid, "State")?.startsWith("Z") === false);
}

function innerPid(pid: number): number {
  return Number(statusField(pid, "NSpid")?.split(/\s+/).at(-1));
}

function statusField(pid: number, name: string): string | undefined {
  try {
    return new RegExp(`^${name}:\\s+(.*)$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  } catch {
    return undefined;
  }
}
