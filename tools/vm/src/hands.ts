import { connect, type Socket } from "node:net";
import { VmError } from "./vm-error.ts";

export interface HandsResult {
  readonly status: number;
  /** Standard output and error together, cut at 48 KiB. */
  readonly output: string;
}

interface Pending {
  readonly command: string;
  sent: boolean;
  readonly resolve: (result: HandsResult) => void;
  readonly reject: (error: VmError) => void;
}

const connectRetryMillis = 50;

/**
 * The host's hands in a machine: shell commands over the second serial port, independent of its network, its agent and its health. The other end is
 * image/overlay/usr/lib/vm/hands.
 * INVARIANT: a command is run at most once; one whose answer did not come before the next boot is `interrupted`, and may have been run or not.
 */
export class Hands {
  readonly #path: string;
  readonly #name: string;
  readonly #pending = new Map<string, Pending>();
  #socket: Socket | undefined;
  #ready = false;
  #closed = false;
  #last = 0;

  constructor(options: { readonly path: string; readonly name: string }) {
    this.#path = options.path;
    this.#name = options.name;
    this.#connect();
  }

  /** Runs a shell command as root; waits until the machine has come so far. @throws VmError "interrupted", "off" */
  run(command: string): Promise<HandsResult> {
    if (this.#closed) return Promise.reject(this.#error("off", "the machine is off"));
    return new Promise((resolve, reject) => {
      const id = String((this.#last += 1));
      const pending: Pending = { command, sent: false, resolve, reject };
      this.#pending.set(id, pending);
      if (this.#ready) this.#send(id, pending);
    });
  }

  /** The machine is gone. */
  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
    this.#drop(() => true, "the machine was switched off");
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = connect(this.#path);
    this.#socket = socket;
    // QEMU makes the socket a moment after it has started.
    socket.once("error", () => setTimeout(() => this.#connect(), connectRetryMillis));
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      const lines = (text + chunk.toString("latin1")).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) this.#hear(line.trim());
    });
  }

  #hear(line: string): void {
    const [verb, id = "", status = "", output = ""] = line.split(" ");
    if (verb === "READY") {
      this.#drop(({ sent }) => sent, "the machine rebooted before it answered");
      this.#ready = true;
      for (const [waiting, pending] of this.#pending) this.#send(waiting, pending);
    }
    const pending = verb === "DONE" ? this.#pending.get(id) : undefined;
    if (pending === undefined) return;
    this.#pending.delete(id);
    pending.resolve({ status: Number(status), output: Buffer.from(output, "base64").toString("utf8") });
  }

  #send(id: string, pending: Pending): void {
    pending.sent = true;
    this.#socket?.write(`RUN ${id} ${Buffer.from(pending.command).toString("base64")}\n`);
  }

  #drop(which: (pending: Pending) => boolean, reason: string): void {
    for (const [id, pending] of this.#pending) {
      if (!which(pending)) continue;
      this.#pending.delete(id);
      pending.reject(this.#error("interrupted", `${reason}: ${pending.command.slice(0, 100)}`));
    }
  }

  #error(code: "interrupted" | "off", reason: string): VmError {
    return new VmError({ code, phase: "hands", subject: this.#name, reason });
  }
}
