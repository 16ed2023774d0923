import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { expect, it } from "vitest";
import { failedUnitsCheck } from "../checks/failed-units.ts";
import { script, withFirstInPath } from "../checks/test-programs.ts";
import { temporaryDirectory } from "../test-fleet.ts";
import { startSystemd, systemdCanRun } from "./test-systemd.ts";

const withSystemd = it.skipIf(!systemdCanRun());
const service = (lines: string): string => `[Unit]\nDefaultDependencies=no\n[Service]\n${lines}\n`;
const waits = { timeout: 30_000 };

const program = fileURLToPath(new URL("test-service.ts", import.meta.url));
const agent = service(`Type=notify
NotifyAccess=main
WatchdogSec=3
TimeoutStopSec=60
ExecStart=${process.execPath} ${program}`);

withSystemd("starts, lives and is ended by the real systemd as the notifications say", { timeout: 120_000 }, async () => {
  await using systemd = await startSystemd({ units: { "agent.service": agent }, start: [] });
  const show = (property: string) => systemd.show("agent.service", property);
  await systemd.systemctl("start", "--no-block", "agent.service");
  await expect.poll(() => show("StatusText"), waits).toBe("starting");
  expect(await show("ActiveState")).toBe("activating");

  await systemd.systemctl("kill", "--signal=USR2", "agent.service");
  await expect.poll(() => show("StatusText"), waits).toBe("working");
  expect(await show("ActiveState")).toBe("active");

  // The watchdog was answered: it would have ended the service after 3 seconds.
  const answered = async () => Number(await show("WatchdogTimestampMonotonic"));
  const readyAt = Number(await show("ActiveEnterTimestampMonotonic"));
  await expect.poll(async () => (await answered()) - readyAt, waits).toBeGreaterThan(6_000_000);
  expect(await show("ActiveState")).toBe("active");

  await systemd.systemctl("kill", "--signal=HUP", "agent.service");
  await expect.poll(() => show("Result"), waits).toBe("watchdog");
});

withSystemd("tells the real systemd that it is stopping", { timeout: 120_000 }, async () => {
  await using systemd = await startSystemd({ units: { "agent.service": agent }, start: [] });
  const show = (property: string) => systemd.show("agent.service", property);
  await systemd.systemctl("start", "--no-block", "agent.service");
  await expect.poll(() => show("StatusText"), waits).toBe("starting");
  await systemd.systemctl("kill", "--signal=USR2", "agent.service");
  await expect.poll(() => show("StatusText"), waits).toBe("working");
  // By hand, not by `systemctl stop`: only its own word makes systemd know that it stops.
  await systemd.systemctl("kill", "--signal=TERM", "agent.service");
  await expect.poll(() => show("StatusText"), waits).toBe("stopping");
  expect(await show("ActiveState")).toBe("deactivating");
});

withSystemd("finds the units that failed on a real systemd, and none that is starting", { timeout: 120_000 }, async () => {
  const units = {
    "bad.service": service("ExecStart=/bin/false"),
    "ignored.service": service("ExecStart=/bin/false"),
    "treeline-agent.service": service("ExecStart=/bin/false"),
    "again.service": service("ExecStart=/bin/false\nRestart=always\nRestartSec=600"),
    "slow.service": service("Type=oneshot\nExecStart=/bin/sleep 600"),
    "good.service": service("ExecStart=/bin/sleep 600"),
  };
  await using systemd = await startSystemd({ units, start: Object.keys(units) });
  for (const unit of ["bad", "ignored", "treeline-agent"]) await expect.poll(() => systemd.show(`${unit}.service`, "ActiveState"), waits).toBe("failed");
  await expect.poll(() => systemd.show("again.service", "SubState"), waits).toBe("auto-restart");
  expect(await systemd.show("slow.service", "ActiveState")).toBe("activating");

  await using root = await temporaryDirectory();
  await script(join(root.path, "systemctl"), `exec ${systemd.enter.join(" ")} /usr/bin/systemctl "$@"`);
  const check = await failedUnitsCheck({ severity: "required", ignore: ["ignored.service"] }, "/");
  const run = () => withFirstInPath(root.path, () => check!.run(new AbortController().signal));
  expect(await run()).toEqual({ passed: false, output: "1 unit failed: bad.service; see systemctl status UNIT" });
  await systemd.systemctl("reset-failed", "bad.service");
  expect(await run()).toEqual({ passed: true, output: "" });
});
