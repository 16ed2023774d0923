import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { silentLogger } from "@treeline/process";
import { expect, it } from "vitest";
import { recordingLogger, script, withFirstInPath } from "../checks/test-programs.ts";
import { temporaryDirectory } from "../test-fleet.ts";
import { SystemdNotify } from "./systemd-notify.ts";
import { startReceiver } from "./test-receiver.ts";

const withTool = it.skipIf(spawnSync("systemd-notify", ["--version"]).status !== 0);

withTool("tells systemd once that it is ready, what it does, and that it ends", async () => {
  await using systemd = await startReceiver();
  const notify = new SystemdNotify({ alive: () => true, logger: silentLogger, environment: { NOTIFY_SOCKET: systemd.socket } });
  await notify.ready();
  await notify.ready();
  await notify.status("staging 2.0\nREADY=0\u001b[2J");
  await notify.status("staging 2.0 READY=0 [2J");
  await notify.stopping();
  await notify.stopping();
  await notify.status("the last");
  const all = [await systemd.next(), await systemd.next(), await systemd.next(), await systemd.next()];
  expect(all.map(({ text }) => text)).toEqual(["READY=1", "STATUS=staging 2.0 READY=0 [2J", "STOPPING=1", "STATUS=the last"]);
  expect(systemd.waiting).toEqual([]);
  // As root the messages bear this process's id, so that the unit needs no more than NotifyAccess=main.
  if (process.getuid?.() === 0) expect(new Set(all.map(({ pid }) => pid))).toEqual(new Set([process.pid]));
});

withTool("sends the newest of what it could not send at once", async () => {
  await using systemd = await startReceiver();
  const notify = new SystemdNotify({ alive: () => true, logger: silentLogger, environment: { NOTIFY_SOCKET: systemd.socket } });
  await Promise.all([notify.status("1"), notify.status("2"), notify.ready(), notify.status("3")]);
  expect([(await systemd.next()).text, (await systemd.next()).text]).toEqual(["STATUS=1", "STATUS=3\nREADY=1"]);
  expect(systemd.waiting).toEqual([]);
});

const watchdog = { WATCHDOG_USEC: "100000", WATCHDOG_PID: String(process.pid) };

withTool("answers the watchdog only while its work goes on, and to the end while it stops", async () => {
  await using systemd = await startReceiver();
  const { logger, lines } = recordingLogger();
  let alive = true;
  let asked = 0;
  const isAlive = (): boolean => (asked++, alive);
  const notify = new SystemdNotify({ alive: isAlive, logger, environment: { NOTIFY_SOCKET: systemd.socket, ...watchdog } });
  try {
    await notify.ready();
    const first = [await systemd.next(), await systemd.next(), await systemd.next()];
    expect(first.map(({ text }) => text)).toEqual(["READY=1", "WATCHDOG=1", "WATCHDOG=1"]);
    alive = false;
    // What was under way when it died is over after two more turns; then several turns bring nothing.
    const askedAt = asked;
    await expect.poll(() => asked).toBeGreaterThan(askedAt + 2);
    await notify.status("dead");
    while (!(await systemd.next()).text.includes("STATUS=dead"));
    await expect.poll(() => asked).toBeGreaterThan(askedAt + 6);
    expect(systemd.waiting).toEqual([]);
    expect(lines.filter(({ level }) => level === "error")).toHaveLength(1);
    await notify.stopping();
    expect((await systemd.next()).text).toBe("STOPPING=1");
    expect((await systemd.next()).text).toBe("WATCHDOG=1");
  } finally {
    notify.close();
  }
});

it.each([
  ["the watchdog is another process's", { ...watchdog, WATCHDOG_PID: "1" }],
  ["there is none", {}],
  ["its time is not a number", { WATCHDOG_USEC: "soon" }],
])("does not ask whether it is alive when %s", async (_, environment) => {
  let asked = 0;
  const notify = new SystemdNotify({ alive: () => (asked++, true), logger: silentLogger, environment });
  await notify.ready();
  await new Promise((resolve) => setTimeout(resolve, 300));
  notify.close();
  expect(asked).toBe(0);
});

it("starts nothing without a notification socket", async () => {
  await using root = await temporaryDirectory();
  await script(join(root.path, "systemd-notify"), `echo called > ${root.path}/called`);
  await withFirstInPath(root.path, async () => {
    const notify = new SystemdNotify({ alive: () => true, logger: silentLogger, environment: {} });
    await notify.ready();
    await notify.status("text");
    await notify.stopping();
  });
  await expect(readFile(join(root.path, "called"))).rejects.toThrow("ENOENT");
});

it("warns once when systemd cannot be told, and goes on", async () => {
  await using root = await temporaryDirectory();
  await script(join(root.path, "systemd-notify"), "exit 1");
  const { logger, warnings } = recordingLogger();
  await withFirstInPath(root.path, async () => {
    const notify = new SystemdNotify({ alive: () => true, logger, environment: { NOTIFY_SOCKET: "/no/such/socket" } });
    await notify.ready();
    await notify.stopping();
  });
  expect(warnings()).toHaveLength(1);
});
