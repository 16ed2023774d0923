import { describe, expect, it } from "vitest";
import { startChild } from "./test-child.ts";

/** A daemon that prints what happens to it. */
const daemon = (body: string, deadlineMs = 30_000): string => `
  import { createShutdown } from("shutdown.ts");
  const say = (text) => process.stdout.write(text + "\\n");
  const logger = { debug() {}, info(m) { say("info " + m); }, warn(m) { say("warn " + m); }, error(m, f) { say("error " + m + " " + f.part); }, child: () => logger };
  const shutdown = createShutdown({ deadlineMs: ${deadlineMs}, logger });
  const alive = setInterval(() => {}, 1000);
  shutdown.finished.then((code) => { say("finished " + code); process.exitCode = code; clearInterval(alive); });
  ${body}
  say("ready");`;

async function until(child: ReturnType<typeof startChild>, last: string): Promise<readonly string[]> {
  const lines: string[] = [];
  while (lines.at(-1) !== last) lines.push(await child.nextLine());
  return lines;
}

describe("createShutdown", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("closes in reverse order on %s, one after the other, and exits 0", async (signal) => {
    using child = startChild(
      daemon(`
        shutdown.signal.addEventListener("abort", () => say("abort"));
        for (const name of ["store", "server", "session"]) {
          shutdown.onClose(name, async () => { say("close " + name); await new Promise((resolve) => setTimeout(resolve, 5)); say("closed " + name); });
        }`),
    );
    await until(child, "ready");
    child.process.kill(signal);
    expect(await until(child, "finished 0")).toEqual([
      "info shutting down",
      "abort",
      "close session",
      "closed session",
      "close server",
      "closed server",
      "close store",
      "closed store",
      "finished 0",
    ]);
    expect(await child.ended).toEqual({ code: 0, signal: null });
  });

  it("goes on after a closer that fails, and exits 1", async () => {
    using child = startChild(
      daemon(`
        shutdown.onClose("store", () => say("close store"));
        shutdown.onClose("rejecting", async () => { throw new Error("no"); });
        shutdown.onClose("throwing", () => { throw new Error("no"); });`),
    );
    await until(child, "ready");
    child.process.kill("SIGTERM");
    expect(await until(child, "finished 1")).toEqual([
      "info shutting down",
      "error closing failed throwing",
      "error closing failed rejecting",
      "close store",
      "finished 1",
    ]);
    expect((await child.ended).code).toBe(1);
  });

  it("gives up at the deadline, names what hangs, and does not touch what comes after it", async () => {
    using child = startChild(
      daemon(
        `
        shutdown.onClose("store", () => say("close store"));
        shutdown.onClose("hanging", () => new Promise(() => {}));`,
        20,
      ),
    );
    await until(child, "ready");
    child.process.kill("SIGTERM");
    expect(await until(child, "finished 1")).toEqual([
      "info shutting down",
      "error shutdown took too long; giving up hanging",
      "finished 1",
    ]);
    expect((await child.ended).code).toBe(1);
  });

  it("exits at once with 130 on a second signal", async () => {
    using child = startChild(daemon(`shutdown.onClose("hanging", () => { say("hanging"); return new Promise(() => {}); });`));
    await until(child, "ready");
    child.process.kill("SIGTERM");
    await until(child, "hanging");
    child.process.kill("SIGINT");
    expect(await child.ended).toEqual({ code: 130, signal: null });
  });

  it("can begin without a signal, once", async () => {
    using child = startChild(
      daemon(`
        shutdown.onClose("store", () => say("close store"));
        shutdown.begin("the store failed", "failed");
        shutdown.begin("again");`),
    );
    expect(await until(child, "finished 1")).toEqual(["info shutting down", "close store", "ready", "finished 1"]);
    expect((await child.ended).code).toBe(1);
  });
});
