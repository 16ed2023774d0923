import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { checkoutRoot, composeRelease, createMachine, type Machine, type MachineOptions, type PlacedFiles, type Release, removeSysroots, type TreeOptions } from "@treeline/testkit";
import { expect } from "vitest";

/** Machines with a boot guard and no agent: what the agent would do, tests do by hand. */

const ref = "fleetos/stable";
export const guardProgram = "/usr/lib/treeline/boot-guard";
/** Machines come and go many at a time, on a computer that may be busy. */
export const patience = { timeoutMs: 120_000 };
const frozenMillis = 300;
const guardDirectory = "/var/lib/treeline/guard";

/** What stands for the agent; it proves nothing by itself. A release that lacks it is one whose agent never starts. */
const agent = "usr/lib/demo/agent";
export const startsAgent: PlacedFiles = { [agent]: { content: "#!/bin/sh\necho the agent runs\nexec sleep infinity\n", mode: 0o755 } };

/** Each release but the first writes into its /etc at once: whoever goes back must not find that there. */
const payload = `. /etc/os-release; [ $VERSION_ID = 1 ] || echo theirs >/etc/local.conf; [ -x /${agent} ] || exec sleep infinity; exec /${agent}`;

/** The real guard with a shell prologue of a test's own before it: functions of the names of commands it runs. */
export async function guardWith(prologue: string): Promise<PlacedFiles> {
  const script = await readFile(path.join(checkoutRoot, "apps/agent/boot-guard/boot-guard"), "utf8");
  return { "usr/lib/treeline/boot-guard": { content: script.replace("\n", `\n${prologue}\n`), mode: 0o755 } };
}

/** A file as the guard writes it. */
export function stateFile(lines: readonly string[]): string {
  const text = ["format=1", ...lines, ""].join("\n");
  return `${text}sum=${createHash("sha256").update(text).digest("hex")}\n`;
}

export interface Order {
  readonly target: string;
  readonly base: string;
  readonly earlier?: string;
}

export function orderLines({ target, base, earlier = "" }: Order): readonly string[] {
  return ["rollout=spring", "number=1", `target=${target}`, `earlier=${earlier}`, `base=${base}`];
}

/** A directory with a repository of releases, for the machines of one test file. */
export class GuardedHosts {
  readonly directory: string;
  #made = 0;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(): Promise<GuardedHosts> {
    return new GuardedHosts(await mkdtemp(path.join(tmpdir(), "treeline-guard-")));
  }

  get #repo(): string {
    return path.join(this.directory, "repo");
  }

  release(version: string, files: PlacedFiles = startsAgent, options: Pick<TreeOptions, "bootGuard"> = {}): Promise<Release> {
    return composeRelease({ repo: this.#repo, ref, version, sizeMiB: 0, files, ...options });
  }

  /** A machine that runs `release`. */
  async host(release: Release, options: Pick<MachineOptions, "files" | "mounts"> = {}): Promise<GuardedHost> {
    const { mounts = [], ...others } = options;
    this.#made += 1;
    const machine = await createMachine({
      directory: this.directory,
      name: `guarded-${this.#made}`,
      repo: this.#repo,
      ref,
      commit: release.checksum,
      mounts: [{ source: this.#repo, target: "/run/repo" }, ...mounts],
      payload: { argv: ["/bin/sh", "-c", payload] },
      ...others,
    });
    await machine.powerOn(patience);
    return new GuardedHost(machine);
  }

  async close(): Promise<void> {
    await removeSysroots(this.directory);
  }
}

export class GuardedHost implements AsyncDisposable {
  readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /**
   * What a shell inside prints; a test fails when the script does. Only this is tried again: a deploy elsewhere on this computer freezes the file
   * system for a moment, and with it the machine's, which a real host has for itself.
   */
  async shell(script: string, tries = 10): Promise<string> {
    const { stdout, stderr, code } = await this.machine.exec(["/bin/bash", "-c", script]);
    if (code !== 0 && tries > 1 && stderr.includes("Device or resource busy")) {
      await new Promise((resolve) => setTimeout(resolve, frozenMillis));
      return this.shell(script, tries - 1);
    }
    expect({ script, code, stderr: code === 0 ? "" : stderr }).toEqual({ script, code: 0, stderr: "" });
    return stdout;
  }

  guard(...argv: readonly string[]) {
    return this.machine.exec([guardProgram, ...argv]);
  }

  async arm(order: Order, program = guardProgram): Promise<void> {
    await this.shell(`printf '%s\\n' ${orderLines(order).join(" ")} | ${program} arm`);
  }

  /** Deploys a release by hand, to be finished at shutdown. */
  async stage(release: Release): Promise<void> {
    const commands = [`ostree pull-local --repo=/ostree/repo /run/repo ${release.checksum}`, `ostree refs --force --create=${ref} ${release.checksum}`, `ostree admin deploy --stage ${ref}`];
    await this.shell(commands.join(" && "));
  }

  /** What the agent does to upgrade: arms, deploys, reboots. Then the release runs for the first time. */
  async upgrade(from: Release, to: Release, order: Partial<Order> = {}, program = guardProgram): Promise<void> {
    await this.shell("echo mine >/etc/local.conf");
    await this.arm({ target: to.checksum, base: `${from.checksum}.0`, ...order }, program);
    await this.stage(to);
    await this.machine.reboot(patience);
  }

  /** Boots on, `times` times, each until the guard has done its work and the agent's turn has come. */
  async rebootOn(times: number): Promise<void> {
    for (let boot = 0; boot < times; boot++) {
      const starts = this.machine.agentStarts;
      await this.machine.reboot(patience);
      await this.machine.waitForAgent(starts + 1, patience);
    }
  }

  booted(): string {
    const { checksum = "", serial } = this.machine.booted ?? {};
    return `${checksum}.${serial}`;
  }

  /** A file of the guard as key and value, without format and sum; undefined when there is none. */
  async state(name: string): Promise<Readonly<Record<string, string>> | undefined> {
    const text = await readFile(this.stateFile(name), "utf8").catch(() => undefined);
    const lines = text?.split("\n").filter((line) => line !== "" && !/^(format|sum)=/.test(line));
    return lines && Object.fromEntries(lines.map((line) => line.split("=") as [string, string]));
  }

  async writeState(name: string, lines: readonly string[]): Promise<void> {
    await mkdir(path.dirname(this.stateFile(name)), { recursive: true, mode: 0o700 });
    await writeFile(this.stateFile(name), stateFile(lines));
  }

  /** Where a file of the guard lies on the host. */
  stateFile(name: string): string {
    return this.machine.pathOutside(path.join(guardDirectory, name));
  }

  /** All that the console said. */
  console(): string {
    return this.machine.consoleTail(1000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine.destroy();
  }
}
