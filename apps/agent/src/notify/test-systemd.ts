import { execFile, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { temporaryDirectory } from "../test-fleet.ts";

/** Support for tests: the real systemd as process 1 of namespaces of its own, with these units and nothing else, gone with the test. */

const systemd = "/lib/systemd/systemd";

/** Its own part of the tree of control groups, which is then all that it sees. */
const enterGroup = (at: string, group: string): string => `set -e
mount -t cgroup2 none ${at}
mkdir ${at}/${group}
echo $$ > ${at}/${group}/cgroup.procs
umount ${at}
exec unshare --cgroup --uts --ipc --pid --fork --kill-child --mount-proc sh ${at}/../boot`;

/** Nothing of the computer can be written but what is mounted here. */
const boot = (units: string): string => `set -e
mount -o remount,bind,ro /
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /etc/systemd/system
cp ${units}/* /etc/systemd/system/
mount -t cgroup2 none /sys/fs/cgroup
container=test exec ${systemd} --system --unit=test.target --log-target=null --show-status=no`;

const leaveGroup = (at: string, group: string): string => `set -e
mount -t cgroup2 none ${at}
test ! -d ${at}/${group} || find ${at}/${group} -depth -type d -exec rmdir {} +`;

/** Whether this computer has what it takes: root, systemd, and control groups (version 2) that may be made. */
export function systemdCanRun(): boolean {
  const trial = `test -x ${systemd} && d=$(mktemp -d) && mount -t cgroup2 none $d && mkdir $d/treeline-trial-$$ && rmdir $d/treeline-trial-$$ && umount $d && rmdir $d`;
  return process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "sh", "-c", trial]).status === 0;
}

export interface TestSystemd extends AsyncDisposable {
  /** What goes before a command to run it in there. */
  readonly enter: readonly string[];
  systemctl(...args: readonly string[]): Promise<string>;
  /** One property of a unit. */
  show(unit: string, property: string): Promise<string>;
}

/** Boots with these units, by name; test.target wants the ones in `start`. */
export async function startSystemd(options: { readonly units: Readonly<Record<string, string>>; readonly start: readonly string[] }): Promise<TestSystemd> {
  const directory = await temporaryDirectory();
  const group = `treeline-test-${randomUUID()}`;
  const [at, units] = [join(directory.path, "cgroup"), join(directory.path, "units")];
  await Promise.all([mkdir(at), mkdir(units)]);
  const target = `[Unit]\nDefaultDependencies=no\nWants=${options.start.join(" ")}\n`;
  for (const [name, text] of Object.entries({ ...options.units, "test.target": target })) await writeFile(join(units, name), text);
  await writeFile(join(directory.path, "boot"), boot(units));
  const child = spawn("unshare", ["--mount", "sh", "-c", enterGroup(at, group)], { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(child, "close");
  const end = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
    // What it started ends a moment later.
    await expect.poll(() => spawnSync("unshare", ["--mount", "sh", "-c", leaveGroup(at, group)]).status, { timeout: 10_000 }).toBe(0);
    await directory[Symbol.asyncDispose]();
  };
  try {
    const inside = await booted(child);
    return {
      ...inside,
      show: async (unit, property) => (await inside.systemctl("show", "--value", "--property", property, unit)).trim(),
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function booted(child: ChildProcess): Promise<Pick<TestSystemd, "enter" | "systemctl">> {
  // The child of `unshare --fork`, once it has become systemd.
  const init = async (): Promise<string> => (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").catch(() => "")).trim();
  await expect.poll(async () => (await readFile(`/proc/${await init()}/comm`, "utf8").catch(() => "")).trim(), { timeout: 30_000 }).toBe("systemd");
  const enter = [`--target=${await init()}`, "--mount", "--pid", "--uts", "--ipc", "--cgroup"];
  const systemctl = async (...args: readonly string[]): Promise<string> => (await promisify(execFile)("nsenter", [...enter, "systemctl", ...args])).stdout;
  await expect.poll(() => systemctl("is-active", "test.target").catch(() => ""), { timeout: 30_000 }).toBe("active\n");
  return { enter: ["nsenter", ...enter], systemctl };
}
