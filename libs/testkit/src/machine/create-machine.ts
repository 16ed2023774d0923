import { mkdir } from "node:fs/promises";
import path from "node:path";
import { TestkitError } from "../errors.ts";
import type { PlacedFiles } from "../placed-file.ts";
import { Disk } from "./disk.ts";
import { Machine } from "./machine.ts";
import { type MachineNetwork, machineNetwork } from "./network.ts";
import type { MachineMount } from "./power-supply.ts";
import { createSysroot, removeSysroots } from "./sysroot.ts";

/** Where machines see the checkout (`appRoot`), read-only. */
export const appRootInMachine = "/run/treeline-app";

/** The Node that machines run, when `appRoot` is a checkout with its packages installed. */
export const nodeInMachine = `${appRootInMachine}/node_modules/node/bin/node`;

/** Where machines see the directory in which Node keeps what it compiled, when this process has one. */
const compileCacheInMachine = "/run/treeline-compiled";

/** The checkout this library lies in. */
export const checkoutRoot = path.resolve(import.meta.dirname, "../../../..");

export interface MachineOptions {
  /** The machine's directory will be `directory`/`name`; it must not exist. */
  readonly directory: string;
  /** Host name too: letters, digits and hyphens. */
  readonly name: string;
  /** Repository with what the machine is installed with. */
  readonly repo: string;
  /** Branch to install; needed unless `commit` is given. */
  readonly ref?: string;
  /** Commit to install, if not the newest of `ref`. */
  readonly commit?: string;
  /** The stateroot's name; default `fleetos`. */
  readonly osname?: string;
  /** Default `root=LABEL=root`. */
  readonly kernelArguments?: readonly string[];
  /** Added to the machine's repository without signature checks; the deployment's origin is then `NAME:REF`. */
  readonly remote?: { readonly name: string; readonly url: string };
  /** Files below /etc and /var, e.g. `/etc/treeline/agent.yaml`. */
  readonly files?: PlacedFiles;
  /** What pid 1 runs and starts again whenever it ends: the agent. PATH, HOME, HOSTNAME and LANG are the machine's. Default: nothing. */
  readonly payload?: { readonly argv: readonly string[]; readonly env?: Readonly<Record<string, string>> };
  /** The payload's name for `systemctl`; default `treeline-agent.service`. */
  readonly unit?: string;
  /** What machines see as `appRootInMachine`; default: the checkout this library lies in. */
  readonly appRoot?: string;
  /** More of the host to be seen inside. */
  readonly mounts?: readonly MachineMount[];
  /** Default: what `machineNetwork()` finds. */
  readonly network?: MachineNetwork;
  /** A disk of its own, so that a power cut loses what was not synced (see `Disk`; root only). Default: a directory of the host's file system. */
  readonly disk?: { readonly sizeMiB: number };
}

function check(options: MachineOptions): void {
  const invalid = (subject: string, reason: string, remedy: string): never => {
    throw new TestkitError({ code: "invalid-option", phase: "createMachine", subject, reason, remedy });
  };
  if (!/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(options.name)) {
    invalid("name", `"${options.name}" is no host name`, "Use letters, digits and hyphens, at most 63.");
  }
  for (const [index, mount] of (options.mounts ?? []).entries()) {
    if (!/^\/(run|tmp|var)\/./.test(mount.target) || /[\t\n]/.test(mount.source + mount.target)) {
      invalid(
        `mounts[${index}].target`,
        `"${mount.target}" cannot be made inside`,
        "Choose a path below /run, /tmp or /var, without tabs or newlines.",
      );
    }
  }
}

/** Installs a machine; it is off. On failure nothing is left behind. */
export async function createMachine(options: MachineOptions): Promise<Machine> {
  check(options);
  const {
    name,
    osname = "fleetos",
    payload = { argv: [] },
    unit = "treeline-agent.service",
    appRoot = checkoutRoot,
    mounts = [],
  } = options;
  const directory = path.resolve(options.directory, name);
  const mountPoint = path.join(directory, "disk");
  const sysroot = path.join(options.disk === undefined ? directory : mountPoint, "sysroot");
  await mkdir(options.directory, { recursive: true });
  // Fails when it exists: a machine that was there is not ours to overwrite.
  await mkdir(directory);
  let disk: Disk | undefined;
  try {
    if (options.disk !== undefined) {
      disk = await Disk.create({ image: path.join(directory, "disk.img"), mountPoint, sizeMiB: options.disk.sizeMiB });
    }
    await createSysroot({
      sysroot,
      osname,
      repo: path.resolve(options.repo),
      kernelArguments: options.kernelArguments ?? ["root=LABEL=root"],
      files: options.files ?? {},
      ...(options.ref === undefined ? {} : { ref: options.ref }),
      ...(options.commit === undefined ? {} : { commit: options.commit }),
      ...(options.remote === undefined ? {} : { remote: options.remote }),
    });
    // It was installed long before whatever happens to it now.
    await disk?.sync();
    const network = options.network ?? (await machineNetwork());
    // Node in a machine shares what this run's Node has compiled: see NODE_COMPILE_CACHE.
    const compiled = process.env["NODE_COMPILE_CACHE"];
    if (compiled !== undefined) await mkdir(compiled, { recursive: true });
    const allMounts = [
      { source: appRoot, target: appRootInMachine },
      ...(compiled === undefined ? [] : [{ source: compiled, target: compileCacheInMachine, writable: true }]),
      ...mounts.map((mount) => ({ ...mount, source: path.resolve(mount.source) })),
    ];
    return new Machine({
      directory,
      name,
      sysroot,
      osname,
      consolePath: path.join(directory, "console.log"),
      mounts: allMounts,
      network,
      unit,
      payload: compiled === undefined ? payload : { ...payload, env: { NODE_COMPILE_CACHE: compileCacheInMachine, ...payload.env } },
      ...(disk === undefined ? {} : { disk }),
    });
  } catch (error) {
    await disk?.detach();
    await removeSysroots(directory);
    throw error;
  }
}
