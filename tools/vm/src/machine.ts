import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { type Accelerator, acceleratorArguments } from "./accelerator.ts";
import { Hands, type HandsResult } from "./hands.ts";
import { VmError } from "./vm-error.ts";

/** Enough for systemd, the agent and ostree at once. */
const memoryMiB = 512;
/** What the kernel prints first. */
const kernelBanner = "] Linux version ";

export interface MachineOptions {
  readonly name: string;
  /** A raw disk of its own. */
  readonly disk: string;
  /** Where its console log goes. */
  readonly directory: string;
  /** Where its sockets go: the path of a socket must be short. */
  readonly socketDirectory: string;
  readonly accelerator: Accelerator;
}

/**
 * A computer: switched on, it boots from its disk until it is switched off. All its boots write to one console log.
 * INVARIANT: it ends when this process ends, however that happens.
 */
export class Machine {
  readonly name: string;
  readonly consolePath: string;
  readonly #options: MachineOptions;
  #child: ChildProcess | undefined;
  #hands: Hands | undefined;

  constructor(options: MachineOptions) {
    this.name = options.name;
    this.consolePath = path.join(options.directory, `${options.name}.console`);
    this.#options = options;
  }

  get on(): boolean {
    return this.#child !== undefined;
  }

  /** Switches it on. `clock`: what its hardware clock says, such as "2020-01-01T00:00:00"; default: the time. */
  powerOn(options: { readonly clock?: string } = {}): void {
    if (this.#child !== undefined) return;
    const { disk, socketDirectory, accelerator } = this.#options;
    const socket = path.join(socketDirectory, `${this.name}.hands`);
    const child = spawn(
      "setpriv",
      [
        ...["--pdeathsig", "KILL", "--", "qemu-system-x86_64", ...acceleratorArguments[accelerator], "-smp", "1", "-m", String(memoryMiB)],
        ...["-nodefaults", "-display", "none", "-monitor", "none", "-smbios", `type=1,serial=${this.name}`],
        ...["-rtc", `base=${options.clock ?? "utc"}`],
        ...["-chardev", `file,id=console,append=on,path=${this.consolePath}`, "-serial", "chardev:console"],
        ...["-chardev", `socket,id=hands,path=${socket},server=on,wait=off`, "-serial", "chardev:hands"],
        // Whatever the guest has written is kept when QEMU is killed; what only its memory held is lost, as in a power cut.
        ...["-drive", `file=${disk},format=raw,if=virtio,cache=unsafe`],
        ...["-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci"],
      ],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    const hands = new Hands({ path: socket, name: this.name });
    this.#child = child;
    this.#hands = hands;
    const gone = (): void => {
      hands.close();
      if (this.#child === child) this.#child = undefined;
    };
    child.once("exit", gone);
    child.once("error", gone);
  }

  /** Takes its power away, at whatever it is doing. Returns when it is off. */
  async powerCut(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  /** Runs a shell command in it as root; waits until a booting machine has come so far. @throws VmError "interrupted", "off" */
  async try(command: string): Promise<HandsResult> {
    if (this.#hands === undefined || this.#child === undefined) throw new VmError({ code: "off", phase: "run", subject: this.name, reason: "the machine is off" });
    return this.#hands.run(command);
  }

  /** As `try`, but the command must succeed; returns what it printed. @throws VmError "command-failed", "interrupted", "off" */
  async run(command: string): Promise<string> {
    const { status, output } = await this.try(command);
    if (status === 0) return output;
    throw new VmError({ code: "command-failed", phase: "run", subject: this.name, reason: `status ${status} of ${command.slice(0, 200)}: ${output.slice(-2000).trim()}` });
  }

  /** Everything its console has shown since it was made. */
  console(): string {
    try {
      return readFileSync(this.consolePath, "latin1");
    } catch {
      return "";
    }
  }

  /** The length of its console log in bytes: it grows while anything happens in it. */
  consoleLength(): number {
    return statSync(this.consolePath, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** How many kernels have started in it. */
  get boots(): number {
    return this.console().split(kernelBanner).length - 1;
  }
}
