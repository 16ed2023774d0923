import { describe, expect, it } from "vitest";
import { createLogger, type LogLevel } from "./logging.ts";
import { startChild } from "./test-child.ts";

function recorded(level: LogLevel = "info") {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  return { lines, logger: createLogger({ name: "test", level, destination }) };
}

describe("createLogger", () => {
  it("writes one JSON object per line, with time, level, name and fields", () => {
    const { lines, logger } = recorded();
    logger.info("started", { port: 7440 });
    logger.child({ node: "n1" }).warn("slow");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ level: "info", name: "test", msg: "started", port: 7440, pid: process.pid });
    expect(lines[0]?.["time"]).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(lines[1]).toMatchObject({ level: "warn", msg: "slow", node: "n1" });
  });

  it("keeps quiet below its level", () => {
    const { lines, logger } = recorded("warn");
    logger.debug("no");
    logger.info("no");
    logger.error("yes");
    expect(lines.map((line) => line["msg"])).toEqual(["yes"]);
  });

  it("replaces secrets down to four levels, in children too", () => {
    const { lines, logger } = recorded();
    const hidden = "do-not-print-this";
    logger.info("all", {
      secret: hidden,
      token: hidden,
      a: { key: hidden, headers: { authorization: hidden, Authorization: hidden, deep: { keyPem: hidden } } },
      list: [{ password: hidden }],
      shown: "fine",
    });
    logger.child({ auth: { token: hidden } }).info("child");
    expect(JSON.stringify(lines)).not.toContain(hidden);
    expect(lines[0]).toMatchObject({ secret: "[redacted]", a: { key: "[redacted]" }, shown: "fine" });
    expect(lines[1]).toMatchObject({ auth: { token: "[redacted]" } });
  });

  it("does not change the object that was logged", () => {
    const { logger } = recorded();
    const fields = { secret: "s", nested: { token: "t" } };
    logger.info("x", fields);
    expect(fields).toEqual({ secret: "s", nested: { token: "t" } });
  });

  it("keeps an error's stack, code and cause, without its secrets", () => {
    const { lines, logger } = recorded();
    logger.error("failed", {
      err: Object.assign(new Error("broken", { cause: new Error("below") }), { code: "EIO", token: "do-not-print-this" }),
    });
    expect(lines[0]?.["err"]).toMatchObject({
      type: "Error",
      code: "EIO",
      token: "[redacted]",
      message: expect.stringContaining("broken") as string,
    });
    expect(JSON.stringify(lines)).toContain("below");
    expect(JSON.stringify(lines)).not.toContain("do-not-print-this");
  });

  it("writes to standard output by default, and loses nothing at exit", async () => {
    using child = startChild(`
      import { createLogger } from("logging.ts");
      createLogger({ name: "child", level: "info" }).info("last words");
      process.exit(3);`);
    expect(JSON.parse(await child.nextLine())).toMatchObject({ name: "child", msg: "last words" });
    expect((await child.ended).code).toBe(3);
  });
});
