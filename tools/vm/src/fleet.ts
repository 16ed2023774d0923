import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Operator, type PlacedFiles, runOrThrow, ServerProcess } from "@treeline/testkit";
import type { Accelerator } from "./accelerator.ts";
import { imageDirectory } from "./base-tree.ts";
import { Machine } from "./machine.ts";
import type { Patience } from "./patience.ts";
import { placeFiles, type Release, type ReleaseLine, releaseRef } from "./release-line.ts";
import { VmError } from "./vm-error.ts";

/** Where QEMU's user network puts the computer that runs it. */
const hostInMachine = "10.0.2.2";

/** An emulated machine on a busy computer may be silent for a while and yet be well: silence must not be what a scenario fails by. */
const serverEnvironment = { TREELINE_SESSION_LEASE_MILLIS: "60000" };

/** What every machine's agent.yaml says. */
const agentYaml = "checks: { again: 3s }\nsession: { backoff: { base: 500ms, max: 3s } }\ndeploy: { panicSeconds: 3 }\n";

export interface FleetOptions {
  readonly directory: string;
  readonly releases: ReleaseLine;
  /** A disk that is installed with `first` and belongs to no machine yet. */
  readonly disk: string;
  readonly first: Release;
  readonly accelerator: Accelerator;
  readonly patience: Patience;
  /** Machines, for whoever watches their consoles. */
  readonly machines: Machine[];
}

/** A policy's fields beyond name and release, as a rollout's document has them. */
export type Policy = Readonly<Record<string, unknown>> & { readonly waves: readonly unknown[] };

/** A rollout with all its nodes. */
export type RolloutView = Awaited<ReturnType<Operator["rollout"]>>;

/** What a machine says about itself: image/overlay/usr/lib/vm/facts. */
export type Facts = Readonly<Record<string, string>>;

const endStates: ReadonlySet<string> = new Set(["ROLLOUT_STATE_COMPLETED", "ROLLOUT_STATE_HALTED", "ROLLOUT_STATE_ABORTED", "ROLLOUT_STATE_ROLLED_BACK"]);

/** A server on this computer, its operator, and machines that reach it through their own emulated networks. */
export class Fleet {
  readonly operator: Operator;
  readonly server: ServerProcess;
  readonly first: Release;
  readonly machines = new Map<string, Machine>();
  readonly #options: FleetOptions;
  readonly #sockets: string;
  #token: string | undefined;

  private constructor(options: FleetOptions, server: ServerProcess, operator: Operator, sockets: string) {
    this.#options = options;
    this.first = options.first;
    this.server = server;
    this.operator = operator;
    this.#sockets = sockets;
  }

  /** Starts the server. Machines and rollouts come after. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const { directory } = options;
    await mkdir(directory, { recursive: true });
    const server = await ServerProcess.start({ data: path.join(directory, "server"), advertise: [hostInMachine, "127.0.0.1"], environment: serverEnvironment });
    const operator = await Operator.at(server, path.join(directory, "credential.yaml"));
    return new Fleet(options, server, operator, await mkdtemp(path.join(tmpdir(), "treeline-vm-")));
  }

  /** Composes, signs and publishes a release, as those who build releases do. */
  async publish(version: string, files: PlacedFiles = {}): Promise<Release> {
    const { releases } = this.#options;
    const release = await releases.compose(version, files);
    const key = await this.#releaseKey();
    await this.operator.treeline("release", "sign", "--repo", releases.repo, "--commit", release.checksum, "--key", `${key}.key`);
    await this.operator.treeline("release", "publish", "--repo", releases.repo, "--ref", releaseRef, "--version", version);
    return release;
  }

  /** Installs machines that are not there yet, switches all on that are off, and waits until the server sees them healthy. They enroll at their first boot. */
  async bring(names: readonly string[]): Promise<readonly Machine[]> {
    for (const name of names) if (!this.machines.has(name)) await this.#install(name);
    const machines = names.map((name) => this.machine(name));
    for (const machine of machines) machine.powerOn();
    await this.healthy(names);
    return machines;
  }

  machine(name: string): Machine {
    const machine = this.machines.get(name);
    if (machine === undefined) throw new Error(`there is no machine ${name}`);
    return machine;
  }

  /** Waits until the server sees these nodes connected, green and without a rollout under way. */
  async healthy(names: readonly string[]): Promise<void> {
    const view = async (): Promise<readonly string[]> => (await this.operator.nodes()).map(({ name, connected, health, rollout }) => `${name}: ${connected ? "connected" : "away"}, ${health?.state}, ${rollout}`);
    await this.until(`${names.join(", ")} connected and green`, view, (lines) => names.every((name) => lines.includes(`${name}: connected, HEALTH_STATE_GREEN, `)));
  }

  /** Applies a rollout's document, as from a file. */
  async rollOut(name: string, release: Release, nodes: readonly string[], policy: Policy): Promise<void> {
    const selector = `kubernetes.io/hostname in (${nodes.join(",")})`;
    const document = { apiVersion: "treeline/v1", kind: "Rollout", metadata: { name }, spec: { release: release.checksum, selector, nodeSoak: "3s", ...policy } };
    const { code, stderr } = await this.operator.cli(["apply", "-f", "-"], { input: JSON.stringify(document) });
    if (code !== 0) throw new VmError({ code: "command-failed", phase: "rollout", subject: name, reason: `treeline apply ended with status ${code}: ${stderr}` });
  }

  /** Waits until a rollout has ended. */
  ended(name: string): Promise<RolloutView> {
    return this.rollout(name, `rollout ${name} ends`, ({ state }) => endStates.has(state));
  }

  /** Waits until a rollout is as wished. */
  async rollout(name: string, what: string, holds: (rollout: RolloutView) => boolean): Promise<RolloutView> {
    let read: RolloutView | undefined;
    const view = async (): Promise<readonly string[]> => {
      read = await this.operator.rollout(name);
      const { state, reason, nodes } = read;
      return [`${state} ${reason}`, ...nodes.map((node) => `${node.name}: attempt ${node.attempt} ${node.phase} ${node.class} ${node.bytesPulled} bytes ${node.reason}`)];
    };
    await this.until(what, view, () => read !== undefined && holds(read));
    return read!;
  }

  until<Answer>(what: string, ask: () => Promise<Answer> | Answer, holds: (answer: Answer) => boolean): Promise<Answer> {
    return this.#options.patience.until(what, ask, holds);
  }

  /** Asks a machine, which may be rebooting meanwhile, for its facts until they are as wished. */
  facts(name: string, what = "facts", holds: (facts: Facts) => boolean = () => true): Promise<Facts> {
    const ask = async (): Promise<Facts> => {
      const lines = (await this.machine(name).run("/usr/lib/vm/facts")).trim().split("\n");
      return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
    };
    return this.until(`${name}: ${what}`, ask, holds);
  }

  /** Runs a command in a machine that may be rebooting meanwhile: asked again when a boot interrupted it. */
  async run(name: string, command: string): Promise<string> {
    let failure: unknown;
    const ask = async (): Promise<string | undefined> => {
      try {
        return await this.machine(name).run(command);
      } catch (error) {
        if (error instanceof VmError && error.code === "command-failed") failure = error;
        else throw error;
        return undefined;
      }
    };
    const output = await this.until(`${name} runs ${command.slice(0, 80)}`, ask, (answer) => answer !== undefined || failure !== undefined);
    if (output === undefined) throw failure;
    return output;
  }

  /** Everything ends. What the machines' consoles showed stays where it is. */
  async destroy(): Promise<void> {
    this.operator.close();
    await Promise.all([...this.machines.values()].map((machine) => machine.powerCut()));
    await this.server.kill();
    await rm(this.#sockets, { recursive: true, force: true });
    for (const name of this.machines.keys()) await rm(this.#disk(name), { force: true });
  }

  #disk(name: string): string {
    return path.join(this.#options.directory, `${name}.disk`);
  }

  async #install(name: string): Promise<void> {
    const { directory, disk, accelerator, machines } = this.#options;
    const files = path.join(directory, `${name}.files`);
    await placeFiles(files, {
      "etc/treeline/token": { content: await this.#enrollmentToken(), mode: 0o600 },
      "etc/treeline/agent.yaml": agentYaml,
      // What a merge of /etc and a way back must keep: a default that was edited, a file of the machine's own, a file in /var.
      "etc/edited.conf": `edited on ${name}\n`,
      "etc/local.conf": `local to ${name}\n`,
      "var/kept": `kept on ${name}\n`,
    });
    await runOrThrow("install", ["cp", "--sparse=always", "--reflink=auto", disk, this.#disk(name)]);
    await runOrThrow("install", ["sh", path.join(imageDirectory, "edit-disk"), this.#disk(name), files]);
    await rm(files, { recursive: true, force: true });
    const machine = new Machine({ name, disk: this.#disk(name), directory, socketDirectory: this.#sockets, accelerator });
    this.machines.set(name, machine);
    machines.push(machine);
  }

  /** Where the key pair of those who sign is: one for the whole run. */
  async #releaseKey(): Promise<string> {
    const key = path.join(path.dirname(this.#options.releases.repo), "release");
    if (!existsSync(`${key}.key`)) await this.operator.treeline("release", "keygen", "--out", key);
    return key;
  }

  async #enrollmentToken(): Promise<string> {
    const key = await this.#releaseKey();
    this.#token ??= (await this.operator.treeline("token", "create", "--name", "vm", "--ttl", "4h", "--uses", "1000", "--release-key", `${key}.pub`)).trim();
    return `${this.#token}\n`;
  }

  /** The end of the server's log. */
  async serverLog(characters = 20_000): Promise<string> {
    return (await readFile(this.server.logPath, "utf8").catch(() => "")).slice(-characters);
  }
}
