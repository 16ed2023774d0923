// One file, because it is one thing with one state: the power, what is booted, and what can be done to it from outside.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { type CommandOptions, type CommandResult, run } from "../command.ts";
import { TestkitError, type TestkitErrorCode } from "../errors.ts";
import { type BootEntry, defaultBootEntry } from "./boot-entry.ts";
import type { Disk } from "./disk.ts";
import type { MachineNetwork } from "./network.ts";
import { type Boot, type BootEvent, type BootOptions, machineEnvironment, startBoot } from "./power-supply.ts";
import { hostPid } from "./processes.ts";
import { pathInSysroot, removeSysroots } from "./sysroot.ts";
import { Waiters, type WaitOptions } from "./waiters.ts";

/** Off; powered, not yet in init; running; ending its boot in order. */
export type MachineState = "off" | "booting" | "running" | "stopping";

export type ExecOptions = CommandOptions;

/** What stays the same from boot to boot. */
export interface MachineDefinition extends Omit<BootOptions, "entry" | "bootId" | "cable" | "ownDisk"> {
  readonly directory: string;
  readonly osname: string;
  /** What the sysroot lies on, when that is not the host's file system. */
  readonly disk?: Disk;
}

/** The boot under way. */
interface Running {
  readonly boot: Boot;
  readonly entry: BootEntry;
  readonly bootId: string;
  /** Pid 1 on the host, once it is known. */
  init?: number;
  /** The payload's pid inside, while it runs. */
  agent?: number;
  ready: boolean;
  stopping: boolean;
}

/**
 * A machine: a sysroot, and the power supply that boots what its boot entries name. Make one with `createMachine`.
 *
 * Invariants:
 * - at most one boot is under way (`#running`), and it is gone from the host before the next begins;
 * - an orderly reboot or a crash after init came up boots again; power off, power cut and a boot that never reached init leave it off;
 * - nothing outlives this process, however it ends.
 */
export class Machine {
  readonly name: string;
  readonly directory: string;
  readonly sysroot: string;
  readonly osname: string;
  /** All the machine ever printed: boots, pid 1 and the payload. */
  readonly consolePath: string;
  /** Where the machine reaches services of the host. */
  readonly serverAddress: string;
  /** False: the host's network is shared, and `cutNetwork` is an error. */
  readonly hasOwnNetwork: boolean;
  readonly network: MachineNetwork;
  readonly disk: Disk | undefined;

  readonly #definition: MachineDefinition;
  readonly #waiters = new Waiters();
  #running: Running | undefined;
  #wanted: "on" | "off" = "off";
  #cable: "in" | "out" = "in";
  #boots: readonly BootEntry[] = [];
  #agentStarts = 0;
  #failure: TestkitError | undefined;
  #destroyed = false;

  constructor(definition: MachineDefinition) {
    this.#definition = definition;
    this.name = definition.name;
    this.directory = definition.directory;
    this.sysroot = definition.sysroot;
    this.osname = definition.osname;
    this.consolePath = definition.consolePath;
    this.network = definition.network;
    this.serverAddress = definition.network.serverAddress;
    this.hasOwnNetwork = definition.network.kind === "own";
    this.disk = definition.disk;
  }

  get state(): MachineState {
    const running = this.#running;
    return running === undefined ? "off" : running.stopping ? "stopping" : running.ready ? "running" : "booting";
  }

  /** Boots that reached init since this handle was made. */
  get bootCount(): number {
    return this.#boots.length;
  }

  /** What those boots booted, in their order. */
  get boots(): readonly BootEntry[] {
    return this.#boots;
  }

  /** How often the payload was started, over all boots. */
  get agentStarts(): number {
    return this.#agentStarts;
  }

  /** What is booted, as the boot entry named it; undefined when the machine is off. */
  get booted(): BootEntry | undefined {
    return this.#running?.entry;
  }

  /** The host's directory that is the machine's /var. */
  get varDirectory(): string {
    return this.pathOutside("/var");
  }

  /** The id of the boot under way, as /proc/sys/kernel/random/boot_id has it inside. */
  bootId(): string {
    return this.#mustRun("bootId").bootId;
  }

  /** The payload's pid as the host counts; undefined while it is not running. */
  agentPid(): number | undefined {
    const { init, agent } = this.#running ?? {};
    return init === undefined || agent === undefined ? undefined : hostPid(init, agent);
  }

  /** Boots the default deployment and waits until pid 1 is up; does nothing when the machine is on. */
  async powerOn(options: WaitOptions = {}): Promise<void> {
    this.#mustExist("powerOn");
    if (this.#wanted === "off") {
      // Someone may be powering it off at this moment.
      await this.waitForOff(options);
      this.#wanted = "on";
      this.#failure = undefined;
      this.#boot();
    }
    await this.#until("powerOn", () => this.state === "running" || this.state === "stopping", options);
  }

  /**
   * Pulls the plug: SIGKILL of pid 1, so /run and a staged deployment are lost; with a disk of its own, so is all that was not synced. Off when it
   * returns, until `powerOn`.
   */
  async powerCut(): Promise<void> {
    this.#wanted = "off";
    const running = this.#running;
    if (running !== undefined) {
      // Before pid 1 is known, ending unshare does the same.
      this.#signal(running.init ?? running.boot.pid, "SIGKILL");
      await this.waitForOff();
      await this.disk?.crash();
    }
  }

  /** Restarts the machine in order, as `systemctl reboot` inside does; the next boot is up when it returns. */
  async reboot(options: WaitOptions = {}): Promise<void> {
    const running = this.#mustRun("reboot");
    const next = this.bootCount + 1;
    this.#signal(running.init, "SIGHUP");
    await this.waitForBoot(next, options);
  }

  /** Shuts the machine down in order (a staged deployment is finalized). Off when it returns. */
  async powerOff(options: WaitOptions = {}): Promise<void> {
    const running = this.#mustRun("powerOff");
    this.#wanted = "off";
    this.#signal(running.init, "SIGUSR1");
    await this.waitForOff(options);
  }

  /** Waits until `bootCount` is at least `count`. */
  async waitForBoot(count: number, options: WaitOptions = {}): Promise<void> {
    await this.#until(`waitForBoot(${count})`, () => this.bootCount >= count, options);
  }

  /** Waits until the payload has been started `count` times, over all boots. */
  async waitForAgent(count: number, options: WaitOptions = {}): Promise<void> {
    await this.#until(`waitForAgent(${count})`, () => this.#agentStarts >= count, options);
  }

  async waitForOff(options: WaitOptions = {}): Promise<void> {
    await this.#until("waitForOff", () => this.#running === undefined, options);
  }

  /** Takes the machine's link down: connections hang, new ones are refused as unreachable. Lasts over boots, until `restoreNetwork`. */
  async cutNetwork(): Promise<void> {
    await this.#setCable("out");
  }

  /** Takes the link up again; not while a release is booted that cuts the network itself (/usr/lib/treeline/network-cut). */
  async restoreNetwork(): Promise<void> {
    await this.#setCable("in");
  }

  /** Runs a program inside as root. A status other than 0 is a result, not an error; when the machine goes down meanwhile it is 137. */
  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<CommandResult> {
    const { init } = this.#mustRun("exec");
    const root = process.getuid?.() === 0;
    const user = root ? [] : ["--user", "--preserve-credentials"];
    const namespaces = ["--mount", "--uts", "--ipc", "--pid", ...user, ...(this.hasOwnNetwork ? ["--net"] : []), "--root", "--wd", "--"];
    // A program whose time is up must end inside too, not only its nsenter.
    return run(["nsenter", `--target=${init}`, ...namespaces, "setpriv", "--pdeathsig", "KILL", "--", ...argv], {
      ...options,
      env: { ...options.env, ...machineEnvironment(this.name) },
    });
  }

  /** What the machine's own `ostree admin status` prints. */
  async adminStatus(): Promise<string> {
    return this.#systemCommand("adminStatus", ["ostree", "admin", "status"]);
  }

  /** SIGKILL of the payload, and nothing else; pid 1 ends what it left behind and starts it again after half a second. */
  async killAgent(options: WaitOptions = {}): Promise<void> {
    const pid = this.agentPid();
    if (pid === undefined) {
      throw this.#error("machine-off", "killAgent", "the agent is not running", "Wait for it with waitForAgent.");
    }
    this.#signal(pid, "SIGKILL");
    await this.#until("killAgent", () => this.agentPid() !== pid, options);
  }

  /** Stops the payload (TERM, KILL after 5 s) until `startAgent` or the next boot. */
  async stopAgent(): Promise<void> {
    await this.#systemCommand("stopAgent", ["systemctl", "stop", this.#definition.unit]);
  }

  /** Starts a payload that was stopped; it is running when this returns. */
  async startAgent(): Promise<void> {
    await this.#systemCommand("startAgent", ["systemctl", "start", this.#definition.unit]);
  }

  /**
   * Where a path of the machine lies on the host: /var/… in its stateroot, anything else in the booted deployment (when off: in the one
   * that would boot). Not for /run, /tmp and other file systems that live only inside.
   */
  pathOutside(inside: string): string {
    const { deployment } = this.#running?.entry ?? defaultBootEntry(this.sysroot);
    return pathInSysroot({ sysroot: this.sysroot, osname: this.osname, deployment, inside });
  }

  /** The last lines of the console. */
  consoleTail(lines = 40): string {
    try {
      return readFileSync(this.consolePath, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
    } catch {
      return "";
    }
  }

  /** Cuts the power and removes the machine's directory. Fine to repeat. */
  async destroy(): Promise<void> {
    await this.powerCut();
    this.#destroyed = true;
    this.#recheck();
    await this.disk?.detach();
    await removeSysroots(this.directory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.destroy();
  }

  #boot(): void {
    try {
      const entry = defaultBootEntry(this.sysroot);
      const bootId = randomUUID();
      const boot = startBoot({ ...this.#definition, entry, bootId, cable: this.#cable, ownDisk: this.disk !== undefined }, (event) =>
        this.#onEvent(event),
      );
      this.#running = { boot, entry, bootId, ready: false, stopping: false };
      boot.ended.then(
        (end) => this.#onEnd(end !== "power-off"),
        (error: unknown) => this.#fail(error),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  #onEvent(event: BootEvent): void {
    const running = this.#running;
    if (running === undefined) {
      return;
    }
    switch (event.kind) {
      case "init":
        running.init = event.pid;
        break;
      case "ready":
        running.ready = true;
        this.#boots = [...this.#boots, running.entry];
        break;
      case "agent-started":
        running.agent = event.agent;
        this.#agentStarts += 1;
        break;
      case "agent-exited":
        delete running.agent;
        break;
      case "stopping":
        running.stopping = true;
        break;
    }
    this.#recheck();
  }

  #onEnd(again: boolean): void {
    const ready = this.#running?.ready === true;
    this.#running = undefined;
    if (this.#wanted === "on" && !ready) {
      this.#fail(
        this.#error(
          "boot-failed",
          "boot",
          `it never reached init. Console:\n${this.consoleTail(10)}`,
          `The whole console is ${this.consolePath}`,
        ),
      );
      return;
    }
    if (this.#wanted === "on" && again) {
      this.#boot();
    } else {
      this.#wanted = "off";
    }
    this.#recheck();
  }

  #fail(error: unknown): void {
    this.#running = undefined;
    this.#wanted = "off";
    this.#failure = error instanceof TestkitError ? error : this.#error("boot-failed", "boot", String(error), "See the cause.", error);
    this.#recheck();
  }

  async #setCable(cable: "in" | "out"): Promise<void> {
    if (!this.hasOwnNetwork) {
      const reason = `it shares the host's network (${this.network.reason ?? "as asked"})`;
      throw this.#error(
        "no-own-network",
        cable === "out" ? "cutNetwork" : "restoreNetwork",
        reason,
        "Skip what needs it: see hasOwnNetwork.",
      );
    }
    this.#cable = cable;
    if (this.#running === undefined) {
      return;
    }
    // A boot under way may have read the old position of the cable: wait until it has.
    await this.#until("cable", () => this.state !== "booting", {});
    if (this.#running === undefined) {
      return;
    }
    const change = 'if [ "$1" = in ] && [ ! -e /usr/lib/treeline/network-cut ]; then ip link set eth0 up; else ip link set eth0 down; fi';
    await this.#systemCommand("cable", ["/bin/bash", "-c", change, "cable", cable]);
  }

  async #systemCommand(phase: string, argv: readonly string[]): Promise<string> {
    const { stdout, stderr, code } = await this.exec(argv);
    if (code !== 0) {
      throw this.#error("command-failed", phase, `${argv.join(" ")} ended with status ${code}: ${stderr.trim()}`, "Look at the console.");
    }
    return stdout;
  }

  #signal(pid: number | undefined, signal: NodeJS.Signals): void {
    try {
      if (pid !== undefined) {
        process.kill(pid, signal);
      }
    } catch (error) {
      // It ended by itself in the meantime: what the caller waits for comes all the same.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
        throw error;
      }
    }
  }

  async #until(phase: string, holds: () => boolean, options: WaitOptions): Promise<void> {
    const timedOut = (timeoutMs: number) =>
      this.#error(
        "timed-out",
        phase,
        `not within ${timeoutMs} ms. Console:\n${this.consoleTail(10)}`,
        `The whole console is ${this.consolePath}`,
      );
    const settled = this.#waiters.until(holds, timedOut, options);
    this.#recheck();
    await settled;
  }

  #recheck(): void {
    const gone = this.#destroyed
      ? this.#error("destroyed", "wait", "the machine was destroyed", "Wait for less, or destroy later.")
      : undefined;
    this.#waiters.recheck(this.#failure ?? gone);
  }

  #mustExist(phase: string): void {
    if (this.#destroyed) {
      throw this.#error("destroyed", phase, "the machine was destroyed", "Make a new one.");
    }
  }

  /** The boot under way, once its init is up. */
  #mustRun(phase: string): Running & { readonly init: number } {
    const running = this.#running;
    if (running?.init === undefined || !running.ready) {
      throw this.#error("machine-off", phase, `the machine is ${this.state}`, "Call powerOn, or wait with waitForBoot.");
    }
    return { ...running, init: running.init };
  }

  #error(code: TestkitErrorCode, phase: string, reason: string, remedy: string, cause?: unknown): TestkitError {
    return new TestkitError({ code, phase, subject: this.name, reason, remedy, ...(cause === undefined ? {} : { cause }) });
  }
}
