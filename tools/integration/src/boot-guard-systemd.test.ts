import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { checkoutRoot, type PlacedFiles, type Release, run } from "@treeline/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GuardedHost, GuardedHosts, guardProgram, patience } from "./guarded-host.ts";

/**
 * The guard's units under the systemd of this computer, which runs as pid 1 of a pid namespace inside a machine: the machine gives the deployment, the boot
 * id and the next boot. Kernel settings are read-only to it and devices its own, so that nothing it does at boot reaches this computer.
 */
const systemdDirectory = "/usr/lib/systemd";
const unitsDirectory = path.join(checkoutRoot, "apps/agent/systemd");
const missing = [
  ...(process.getuid?.() === 0 ? [] : ["root"]),
  ...(existsSync(path.join(systemdDirectory, "systemd")) ? [] : ["systemd"]),
  ...(existsSync("/sys/fs/cgroup/systemd") ? [] : ["a control group hierarchy of systemd's own"]),
];

/** What a host of its own would have, and this is not. */
const masked = [
  ...["systemd-udevd", "systemd-udev-trigger", "systemd-journal-flush", "systemd-timesyncd", "systemd-logind", "systemd-networkd", "systemd-sysusers"],
  ...["systemd-random-seed", "systemd-machine-id-commit", "systemd-sysctl", "systemd-modules-load", "kmod-static-nodes", "systemd-remount-fs"],
  ...["systemd-binfmt", "systemd-tmpfiles-setup", "systemd-tmpfiles-setup-dev", "systemd-pstore", "dbus"],
].map((name) => `${name}.service`);

/** The agent's part: it notes that it was started, and proves nothing. */
const agentUnit = `[Unit]
Description=agent
[Service]
Type=exec
ExecStart=/bin/sh -c 'echo started >>/var/agent-log; exec sleep infinity'
[Install]
WantedBy=multi-user.target
`;
/** The shell for the person who is not there. */
const emergencyUnit = "[Unit]\nDefaultDependencies=no\nConflicts=shutdown.target\n[Service]\nExecStart=/bin/sh -c 'echo reached >/var/emergency; exec sleep infinity'\n";
const brokenMount = "[Unit]\nDefaultDependencies=no\nBefore=local-fs.target\n[Mount]\nWhat=x\nWhere=/run/missing\nType=no-such-file-system\n";

const bootSystemd = `
set -e
mkdir -p /run/groups /run/devices
mount -t cgroup -o none,name=systemd x /run/groups
mkdir -p "/run/groups/$1"
echo $$ >"/run/groups/$1/cgroup.procs"
exec unshare --mount --pid --cgroup --fork --kill-child --propagation private /bin/bash -ec '
  mount -t proc proc /proc
  mount --bind /proc/sys /proc/sys
  mount -o remount,bind,ro /proc/sys
  mount --bind /run/treeline-machine/boot-id /proc/sys/kernel/random/boot_id
  [ ! -e /proc/sysrq-trigger ] || mount --bind /dev/null /proc/sysrq-trigger
  mount -t tmpfs -o mode=755 x /run/devices
  for device in null zero full random urandom tty; do : >/run/devices/$device; mount --bind /dev/$device /run/devices/$device; done
  mkdir /run/devices/pts /run/devices/shm
  mount --rbind /run/devices /dev
  mount --bind /run/host-systemd ${systemdDirectory}
  mount --bind /usr/lib/guard /usr/lib/treeline
  umount --lazy /run/groups
  mount -t tmpfs x /sys/fs/cgroup
  mkdir /sys/fs/cgroup/systemd
  mount -t cgroup -o none,name=systemd x /sys/fs/cgroup/systemd
  export PATH=/usr/sbin:/usr/bin container=test
  exec ${systemdDirectory}/systemd --system --unit=multi-user.target </dev/null >/dev/null 2>&1
'`;

describe.skipIf(missing.length > 0)(`under a real systemd (missing: ${missing.join(", ") || "nothing"})`, () => {
  let hosts: GuardedHosts;
  let base: Release;
  let counted: Release;
  let timed: Release;
  let emergency: Release;

  /** Without a guard where the machine would run it: here systemd does, from where it is mounted. */
  async function release(version: string, options: { readonly deadline?: string; readonly more?: PlacedFiles }): Promise<Release> {
    const files: Record<string, PlacedFiles[string]> = {
      "usr/lib/systemd/.here": "",
      "usr/lib/treeline/.here": "",
      "usr/lib/guard/boot-guard": { content: await readFile(path.join(checkoutRoot, "apps/agent/boot-guard/boot-guard")), mode: 0o755 },
      "usr/lib/guard/set-default.py": await readFile(path.join(checkoutRoot, "libs/ostree/src/set-default.py")),
      "usr/etc/systemd/system/treeline-agent.service": agentUnit,
      ...options.more,
    };
    for (const name of (await readdir(unitsDirectory)).filter((unit) => unit.includes("boot-guard"))) {
      const text = await readFile(path.join(unitsDirectory, name), "utf8");
      // Counted from the start of this systemd: the kernel's boot is this computer's.
      files[`usr/etc/systemd/system/${name}`] = text.replace("OnBootSec=15min", `OnActiveSec=${options.deadline ?? "15min"}`).replace("AccuracySec=10s", "AccuracySec=1ms");
    }
    return hosts.release(version, files, { bootGuard: false });
  }

  beforeAll(async () => {
    hosts = await GuardedHosts.open();
    base = await release("1", {});
    counted = await release("2", {});
    timed = await release("3", { deadline: "1s" });
    emergency = await release("4", { deadline: "4s", more: { "usr/etc/systemd/system/run-missing.mount": brokenMount, "usr/etc/systemd/system/emergency.service": emergencyUnit } });
  });
  afterAll(async () => {
    await hosts.close();
    // The kernel keeps empty control groups.
    await run(["find", `/sys/fs/cgroup/systemd/${path.basename(hosts.directory)}`, "-depth", "-type", "d", "-delete"]);
  });

  /** A host that boots `to` next, with the units enabled. */
  async function upgraded(to: Release): Promise<GuardedHost> {
    const host = await hosts.host(base, { mounts: [{ source: systemdDirectory, target: "/run/host-systemd" }] });
    const wants: Readonly<Record<string, string>> = {
      "treeline-boot-guard.service": "sysinit.target.wants",
      "treeline-boot-guard-deadline.timer": "sysinit.target.wants",
      "treeline-agent.service": "multi-user.target.wants",
      ...(to === emergency ? { "run-missing.mount": "local-fs.target.requires" } : {}),
    };
    const enable = Object.entries(wants).map(([unit, wanting]) => `mkdir -p ${wanting} && ln -s ../${unit} ${wanting}/`);
    await host.shell(`cd /etc/systemd/system && ${enable.join(" && ")} && for unit in ${masked.join(" ")}; do ln -s /dev/null $unit; done; : >/var/agent-log`);
    await host.upgrade(base, to, {}, "/usr/lib/guard/boot-guard");
    return host;
  }

  /** Boots systemd on the deployment that runs; ends when it reboots, or with the power when `until` holds. */
  async function boot(host: GuardedHost, until?: () => Promise<boolean>): Promise<"rebooted" | "cut"> {
    const ended = host.machine.exec(["/bin/bash", "-c", bootSystemd, "boot", path.basename(hosts.directory)]).then(() => "rebooted" as const);
    const cut = async (): Promise<"cut"> => {
      while (until === undefined || !(await until())) await new Promise((resolve) => setTimeout(resolve, 100));
      return "cut";
    };
    const how = await (until === undefined ? ended : Promise.race([ended, cut()]));
    await host.machine.powerCut();
    await ended;
    await host.machine.powerOn(patience);
    return how;
  }

  const agentStarts = async (host: GuardedHost) => (await readFile(host.machine.pathOutside("/var/agent-log"), "utf8")).split("\n").length - 1;

  test("the third boot goes back, and systemd does not start the agent in it any more", async () => {
    await using host = await upgraded(counted);
    for (const starts of [1, 2]) {
      expect(await boot(host, async () => (await agentStarts(host)) === starts)).toBe("cut");
      expect(await host.state("boots")).toMatchObject({ deployment: `${counted.checksum}.0`, count: String(starts) });
    }
    expect(await boot(host)).toBe("rebooted");
    expect(await host.state("returned")).toMatchObject({ boots: "3", because: "boots" });
    expect([host.booted(), await agentStarts(host)]).toEqual([`${base.checksum}.0`, 2]);
  });

  test("the timer goes back", async () => {
    await using host = await upgraded(timed);
    expect(await boot(host)).toBe("rebooted");
    expect(await host.state("returned")).toMatchObject({ boots: "1", because: "deadline" });
    expect([host.booted(), await agentStarts(host)]).toEqual([`${base.checksum}.0`, 1]);
  });

  test("the timer goes back from emergency mode, where no agent is started", async () => {
    await using host = await upgraded(emergency);
    expect(await boot(host)).toBe("rebooted");
    expect(await host.state("returned")).toMatchObject({ boots: "1", because: "deadline" });
    expect([host.booted(), await agentStarts(host)]).toEqual([`${base.checksum}.0`, 0]);
    expect(await readFile(host.machine.pathOutside("/var/emergency"), "utf8")).toBe("reached\n");
  });
});

test("the program is where the units look for it", async () => {
  const units = (await readdir(unitsDirectory)).filter((unit) => /boot-guard.*\.service$/.test(unit));
  expect(units).toHaveLength(2);
  for (const unit of units) expect(await readFile(path.join(unitsDirectory, unit), "utf8")).toContain(`\nExecStart=${guardProgram} `);
});
