import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import type { PlacedFiles } from "../placed-file.ts";
import { composeRelease, type Release } from "../release/release.ts";
import { appRootInMachine, createMachine, nodeInMachine } from "../machine/create-machine.ts";
import type { Machine } from "../machine/machine.ts";
import { machineNetwork, type MachineNetwork } from "../machine/network.ts";
import type { MachineMount } from "../machine/power-supply.ts";
import { removeSysroots } from "../machine/sysroot.ts";
import { Operator } from "./operator.ts";
import { ServerProcess } from "./server-process.ts";

export const demoRef = "fleetos/x86_64/stable";

/** The remote that agents make; a machine installed with it keeps a full origin refspec. */
const remoteName = "treeline";

export interface FleetOptions {
  /** Where everything goes; default: a new temporary directory. Removed by `destroy`. A copy of a stopped fleet's directory goes on as that fleet did. */
  readonly directory?: string;
  /** More arguments of the server. */
  readonly serverArguments?: readonly string[];
  readonly serverEnvironment?: Readonly<Record<string, string>>;
  /** Settings over the agents' own defaults, as in agent.yaml. */
  readonly agentSettings?: Readonly<Record<string, unknown>>;
  readonly agentEnvironment?: Readonly<Record<string, string>>;
  /** What the machines run as their agent; default: the checkout's sources, with its Node. */
  readonly agentProgram?: readonly string[];
}

export interface MachineSetup {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** The token file's content; default: the fleet's own token. */
  readonly token?: string;
  readonly files?: PlacedFiles;
  /** See `MachineOptions`. */
  readonly disk?: { readonly sizeMiB: number };
  readonly mounts?: readonly MachineMount[];
  /** What runs the agent, put before its own command line. Default: nothing. */
  readonly launcher?: readonly string[];
}

export interface TokenSetup {
  readonly name?: string;
  /** Such as "1h". */
  readonly ttl?: string;
  readonly uses?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly releaseKeys?: readonly string[];
}

/**
 * A server, an operator, a person who signs releases, and machines: the whole of Treeline on one computer, every part a real process.
 * INVARIANT: nothing of it outlives this process, and `destroy` leaves no file.
 */
export class DemoFleet {
  readonly directory: string;
  readonly server: ServerProcess;
  readonly operator: Operator;
  readonly network: MachineNetwork;
  readonly machines: Machine[] = [];
  readonly #options: FleetOptions;
  #token: string | undefined;
  #destroyed: Promise<void> | undefined;

  private constructor(options: FleetOptions, directory: string, server: ServerProcess, operator: Operator, network: MachineNetwork) {
    this.#options = options;
    this.directory = directory;
    this.server = server;
    this.operator = operator;
    this.network = network;
  }

  /** Starts the server and makes the signing key. Machines and releases come after. */
  static async start(options: FleetOptions = {}): Promise<DemoFleet> {
    const directory = options.directory ?? (await mkdtemp(path.join(tmpdir(), "treeline-")));
    await mkdir(directory, { recursive: true });
    const network = await machineNetwork();
    const server = await ServerProcess.start({
      data: path.join(directory, "server"),
      advertise: [...new Set([network.serverAddress, "127.0.0.1"])],
      ...(options.serverArguments ? { arguments: options.serverArguments } : {}),
      ...(options.serverEnvironment ? { environment: options.serverEnvironment } : {}),
    });
    const operator = await Operator.at(server, path.join(directory, "credential.yaml"));
    const fleet = new DemoFleet(options, directory, server, operator, network);
    if (!existsSync(fleet.releaseKey)) await operator.treeline("release", "keygen", "--out", path.join(directory, "release"));
    return fleet;
  }

  /** The local archive repository of those who build the system. */
  get buildRepository(): string {
    return path.join(this.directory, "build");
  }

  /** The private release key: it stays with the people who sign, never on the server. */
  get releaseKey(): string {
    return path.join(this.directory, "release.key");
  }

  /** Composes a release and signs it with the fleet's key, or with another. */
  async compose(version: string, options: { readonly files?: PlacedFiles; readonly sizeMiB?: number; readonly sign?: boolean | string } = {}): Promise<Release> {
    const { files = {}, sizeMiB = 1, sign = true } = options;
    const release = await composeRelease({ repo: this.buildRepository, ref: demoRef, version, sizeMiB, files });
    const key = typeof sign === "string" ? sign : this.releaseKey;
    if (sign !== false) await this.operator.treeline("release", "sign", "--repo", this.buildRepository, "--commit", release.checksum, "--key", key);
    return release;
  }

  /** Sends what the ref points to now to the server. */
  async publish(release: Release): Promise<void> {
    await this.operator.treeline("release", "publish", "--repo", this.buildRepository, "--ref", release.ref, "--version", release.version);
  }

  /** The enrollment token of all machines that are given none of their own. */
  async token(): Promise<string> {
    this.#token ??= await this.createToken({ name: "demo", labels: { site: "demo" } });
    return this.#token;
  }

  /** Makes another enrollment token. Its nodes trust the fleet's release key, unless other keys (public key files; none at all) are named. */
  async createToken(options: TokenSetup = {}): Promise<string> {
    const { name = "more", ttl = "1h", uses = 1000, labels = {}, releaseKeys = [path.join(this.directory, "release.pub")] } = options;
    const repeated = [...Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]), ...releaseKeys.flatMap((file) => ["--release-key", file])];
    return (await this.operator.treeline("token", "create", "--name", name, "--ttl", ttl, "--uses", String(uses), ...repeated)).trim();
  }

  /** Installs a machine with a release and an agent; it is off. */
  async addMachine(name: string, release: Release, setup: MachineSetup = {}): Promise<Machine> {
    const settings = { tokenFile: "/etc/treeline/token", ...this.#options.agentSettings, ...setup.settings };
    const machine = await createMachine({
      directory: path.join(this.directory, "machines"),
      name,
      repo: this.buildRepository,
      ref: release.ref,
      commit: release.checksum,
      remote: { name: remoteName, url: "http://content.invalid" },
      network: this.network,
      files: {
        "/etc/treeline/agent.yaml": stringify(settings),
        "/etc/treeline/token": { content: setup.token ?? (await this.token()), mode: 0o600 },
        ...setup.files,
      },
      ...(setup.disk === undefined ? {} : { disk: setup.disk }),
      ...(setup.mounts === undefined ? {} : { mounts: setup.mounts }),
      payload: {
        argv: [...(setup.launcher ?? []), ...(this.#options.agentProgram ?? [nodeInMachine, `${appRootInMachine}/apps/agent/src/main.ts`])],
        env: { ...this.#options.agentEnvironment, ...setup.environment },
      },
    });
    this.machines.push(machine);
    return machine;
  }

  /** Installs machines, switches them on and waits until the server sees them all healthy. */
  async addMachines(names: readonly string[], release: Release, setup: MachineSetup = {}): Promise<readonly Machine[]> {
    // Made once, before machines ask for it side by side.
    if (setup.token === undefined) await this.token();
    const machines = await Promise.all(names.map((name) => this.addMachine(name, release, setup)));
    await Promise.all(machines.map((machine) => machine.powerOn()));
    await this.connected(names);
    return machines;
  }

  /** Waits until these nodes are connected and their required checks are known to be green. */
  async connected(names: readonly string[]): Promise<void> {
    await this.operator.until(
      `${names.join(", ")} connect`,
      () => this.operator.nodes(),
      (nodes) => names.every((name) => nodes.some((node) => node.name === name && node.connected && node.health?.state === "HEALTH_STATE_GREEN")),
    );
  }

  /** The ends of the logs of everything, for when something went wrong. */
  async logs(charactersEach = 6000): Promise<string> {
    const files = [this.server.logPath, ...this.machines.map((machine) => machine.consolePath)];
    const texts = await Promise.all(files.map(async (file) => `==> ${file}\n${(await readFile(file, "utf8").catch(() => "")).slice(-charactersEach)}`));
    return texts.join("\n");
  }

  /** Ends every process and removes every file. */
  destroy(): Promise<void> {
    this.#destroyed ??= this.#destroy();
    return this.#destroyed;
  }

  async #destroy(): Promise<void> {
    this.operator.close();
    await Promise.all(this.machines.map((machine) => machine.destroy()));
    await this.server.kill();
    await removeSysroots(this.directory).catch(() => {});
    await rm(this.directory, { recursive: true, force: true });
  }
}
