import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { isMainThread } from "node:worker_threads";
import { TestkitError } from "../errors.ts";
import { hostDirectories } from "../host-directories.ts";
import type { BootEntry } from "./boot-entry.ts";
import type { MachineNetwork } from "./network.ts";

/** The program search path inside: our systemctl and reboot come before the host's. */
export const pathInMachine = "/run/bin:/usr/sbin:/usr/bin";

/** A directory (or file) of the host inside the machine. */
export interface MachineMount {
  readonly source: string;
  /** Absolute path inside, where the machine can make a directory: below /run, /tmp or /var. */
  readonly target: string;
  /** Default: read-only. */
  readonly writable?: boolean;
}

export interface BootOptions {
  readonly name: string;
  readonly sysroot: string;
  readonly entry: BootEntry;
  readonly bootId: string;
  /** Everything the boot and the payload print is appended to it. */
  readonly consolePath: string;
  readonly mounts: readonly MachineMount[];
  readonly network: MachineNetwork;
  readonly cable: "in" | "out";
  /** The sysroot lies on a disk of the machine's own. */
  readonly ownDisk: boolean;
  readonly unit: string;
  readonly payload: { readonly argv: readonly string[]; readonly env?: Readonly<Record<string, string>> };
}

/** What boot.sh and init.sh tell. Pids: `pid` as the host counts, `agent` as the machine counts. */
export type BootEvent =
  | { readonly kind: "init"; readonly pid: number }
  | { readonly kind: "ready" }
  | { readonly kind: "agent-started"; readonly agent: number }
  | { readonly kind: "agent-exited"; readonly status: number }
  | { readonly kind: "stopping" };

/** How a boot ended: rebooted and powered off in order, or anything else (killed, crashed, never came up). */
export type BootEnd = "reboot" | "power-off" | "crash";

export interface Boot {
  /** unshare's pid on the host; ending it ends the machine. */
  readonly pid: number | undefined;
  /** Settles when nothing of the boot is left and all its events were delivered. */
  readonly ended: Promise<BootEnd>;
}

const [rebootStatus, powerOffStatus] = [129, 130];

function parse(line: string): BootEvent | undefined {
  const [word, value] = line.split(" ");
  switch (word) {
    case "pid":
      return { kind: "init", pid: Number(value) };
    case "ready":
      return { kind: "ready" };
    case "agent-started":
      return { kind: "agent-started", agent: Number(value) };
    case "agent-exited":
      return { kind: "agent-exited", status: Number(value) };
    case "stopping":
      return { kind: "stopping" };
    default:
      return undefined;
  }
}

/** What the whole machine, `exec` included, has in its environment. */
export function machineEnvironment(name: string): Readonly<Record<string, string>> {
  return { PATH: pathInMachine, HOME: "/root", HOSTNAME: name, LANG: "C.UTF-8" };
}

/**
 * Boots one deployment in namespaces of its own, which end with this process however it ends.
 * Main thread only: the kernel sends the parent's death signal when the spawning *thread* ends.
 */
export function startBoot(options: BootOptions, onEvent: (event: BootEvent) => void): Boot {
  if (!isMainThread) {
    const reason = "in a worker thread the machine would die with the thread, not with the process";
    throw new TestkitError({
      code: "not-main-thread",
      phase: "boot",
      subject: options.name,
      reason,
      remedy: "Use child processes (vitest: pool forks).",
    });
  }
  const { entry, network, payload } = options;
  const root = process.getuid?.() === 0;
  const scripts = import.meta.dirname;
  const namespaces = [...(root ? [] : ["--map-root-user"]), ...(network.kind === "own" ? ["--net"] : [])];
  const console = openSync(options.consolePath, "a");
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "/bin/bash", path.join(scripts, "power-on.sh"), options.unit, ...payload.argv], {
    stdio: ["ignore", console, console, "pipe"],
    cwd: "/",
    env: {
      ...payload.env,
      ...machineEnvironment(options.name),
      MACHINE_PARENT: String(process.pid),
      MACHINE_NAMESPACES: namespaces.join(" "),
      MACHINE_SCRIPTS: scripts,
      MACHINE_NAME: options.name,
      MACHINE_BOOT_ID: options.bootId,
      MACHINE_SYSROOT: options.sysroot,
      MACHINE_DEPLOYMENT: entry.deployment,
      MACHINE_STATEROOT_VAR: path.join(options.sysroot, "ostree/deploy", entry.osname, "var"),
      MACHINE_CMDLINE: entry.commandLine,
      MACHINE_HOST_DIRECTORIES: hostDirectories().join("\n"),
      MACHINE_MOUNTS: options.mounts
        .map((mount) => [mount.writable === true ? "rw" : "ro", mount.source, mount.target].join("\t"))
        .join("\n"),
      MACHINE_OWN_DISK: options.ownDisk ? "1" : "0",
      MACHINE_ROOT: root ? "1" : "0",
      MACHINE_NETWORK: network.kind,
      MACHINE_SERVER_ADDRESS: network.serverAddress,
      MACHINE_CABLE: options.cable,
    },
  });
  closeSync(console);
  createInterface({ input: child.stdio[3] as Readable }).on("line", (line) => {
    const event = parse(line);
    if (event !== undefined) {
      onEvent(event);
    }
  });
  const ended = new Promise<BootEnd>((resolve, reject) => {
    child.once("error", (cause) => {
      const reason = `setpriv could not be started (${cause.message})`;
      const remedy = "requirements() names the package to install.";
      reject(new TestkitError({ code: "boot-failed", phase: "boot", subject: options.name, reason, remedy, cause }));
    });
    // `close`, not `exit`: the last events are still in the pipe when the process ends.
    child.once("close", (status) => resolve(status === rebootStatus ? "reboot" : status === powerOffStatus ? "power-off" : "crash"));
  });
  return { pid: child.pid, ended };
}
