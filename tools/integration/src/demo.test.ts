import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { checkoutRoot, removeSysroots } from "@treeline/testkit";
import { afterEach, describe, expect, it, vi } from "vitest";

/** `npm run demo`, stopped in the middle by a signal to its own process alone, as a supervisor sends it. */
describe("a demo that is stopped while it watches a rollout", () => {
  let demo: ChildProcess | undefined;
  let directory: string | undefined;

  afterEach(async () => {
    demo?.kill("SIGKILL");
    if (directory !== undefined) await removeSysroots(directory);
  });

  async function stopped(signal: NodeJS.Signals): Promise<{ readonly status: number | null; readonly directory: string }> {
    const child = spawn(process.execPath, [path.join(checkoutRoot, "tools/demo/src/main.ts"), "--json"], { stdio: ["ignore", "ignore", "pipe"] });
    demo = child;
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await vi.waitUntil(() => said.includes("rollout to-2.0: running"), { timeout: 120_000 });
    // Of those that live, the one whose server has this demo for a parent is ours.
    directory = globSync("/tmp/treeline-demo-*").find((candidate) => processesIn(candidate).some((pid) => parentOf(pid) === child.pid));
    if (directory === undefined || child.pid === undefined) throw new Error(`no directory of this demo was found; it said: ${said}`);
    child.kill(signal);
    const [status] = (await once(child, "exit")) as [number | null];
    return { status, directory };
  }

  it("ends everything and removes its files when it is interrupted", async () => {
    const { status, directory: left } = await stopped("SIGINT");
    expect(status).toBe(130);
    await vi.waitUntil(() => processesIn(left).length === 0, { timeout: 30_000 });
    expect(existsSync(left)).toBe(false);
  });

  it("leaves no process and no mount when it is killed", async () => {
    const { directory: left } = await stopped("SIGKILL");
    await vi.waitUntil(() => processesIn(left).length === 0, { timeout: 30_000 });
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(left);
  });
});

/** Live processes that name the directory in their arguments or environment: the server, the machines, and `treeline` with its credential. */
function processesIn(directory: string): readonly number[] {
  return globSync("/proc/[0-9]*").flatMap((entry) => {
    try {
      const state = /\) (\S)/.exec(readFileSync(`${entry}/stat`, "utf8"))?.[1];
      const text = readFileSync(`${entry}/cmdline`, "utf8") + readFileSync(`${entry}/environ`, "utf8");
      return state !== "Z" && text.includes(directory) ? [Number(path.basename(entry))] : [];
    } catch {
      return []; // It has just ended.
    }
  });
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1]);
  } catch {
    return undefined;
  }
}
