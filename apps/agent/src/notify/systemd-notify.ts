import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Logger } from "@treeline/process";

/** systemd answers at once. */
const toolMillis = 5000;
const maxStatus = 200;

export interface SystemdNotifyOptions {
  /** Asked at each watchdog turn: does the work of this process still go on? Must not block. */
  readonly alive: () => boolean;
  readonly logger: Logger;
  /** NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID as systemd sets them. Default: this process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Tells systemd about this service (sd_notify(3)), through the host's `systemd-notify`, because Node has no datagram sockets of the unix family. Without
 * NOTIFY_SOCKET it does nothing. Nothing here rejects or throws: a service manager that is not told ends this process, which is its business.
 *
 * INVARIANTS
 * - The watchdog is answered only while `alive()` says so, or when this process is stopping, which has a deadline of its own. An event loop that is blocked
 *   answers nothing.
 * - One `systemd-notify` at a time; of each variable the newest value is sent, so states never overtake each other.
 */
export class SystemdNotify {
  readonly #options: SystemdNotifyOptions;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #pending = new Map<string, string>();
  #sending: Promise<void> | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #isReady = false;
  #isStopping = false;
  #status = "";
  #hasWarned = false;
  #wasAlive = true;

  constructor(options: SystemdNotifyOptions) {
    this.#options = options;
    this.#environment = options.environment ?? process.env;
  }

  /** The service works. Once, however often it is called; begins the watchdog, if systemd asks for one. */
  async ready(): Promise<void> {
    if (this.#isReady) return;
    this.#isReady = true;
    const everyMillis = watchdogMillis(this.#environment);
    if (everyMillis !== undefined) this.#watchdog = setInterval(() => this.#answerWatchdog(), everyMillis / 2).unref();
    await this.#tell("READY", "1");
  }

  /** One line for `systemctl status`. The same line again is not sent. */
  async status(text: string): Promise<void> {
    const line = text.replaceAll(/\p{Cc}+/gu, " ").trim().slice(0, maxStatus).toWellFormed();
    if (line === this.#status) return;
    this.#status = line;
    await this.#tell("STATUS", line);
  }

  /** The service ends, and needs its time. Resolves when systemd was told. */
  async stopping(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    await this.#tell("STOPPING", "1");
  }

  /** No more answers to the watchdog. */
  close(): void {
    clearInterval(this.#watchdog);
  }

  #answerWatchdog(): void {
    const alive = this.#isStopping || this.#options.alive();
    if (alive) void this.#tell("WATCHDOG", "1");
    else if (this.#wasAlive) this.#options.logger.error("nothing goes on any more in this process, so systemd's watchdog gets no answer and will end it");
    this.#wasAlive = alive;
  }

  #tell(variable: string, value: string): Promise<void> {
    if (!this.#environment["NOTIFY_SOCKET"]) return Promise.resolve();
    this.#pending.set(variable, value);
    return (this.#sending ??= this.#send().finally(() => (this.#sending = undefined)));
  }

  async #send(): Promise<void> {
    while (this.#pending.size > 0) {
      const assignments = [...this.#pending].map(([variable, value]) => `${variable}=${value}`);
      this.#pending.clear();
      try {
        await promisify(execFile)("systemd-notify", assignments, {
          timeout: toolMillis,
          killSignal: "SIGKILL",
          env: { PATH: process.env["PATH"], NOTIFY_SOCKET: this.#environment["NOTIFY_SOCKET"] },
        });
      } catch (err) {
        if (!this.#hasWarned) this.#options.logger.warn("systemd could not be told how this service is: is systemd-notify installed, and in PATH?", { err });
        this.#hasWarned = true;
      }
    }
  }
}

/** How long systemd waits for a sign of life, in milliseconds; undefined when it does not, or waits for one from another process. */
function watchdogMillis(environment: Readonly<Record<string, string | undefined>>): number | undefined {
  const { WATCHDOG_USEC: micros = "", WATCHDOG_PID: pid } = environment;
  if (!/^[1-9]\d{0,12}$/.test(micros) || (pid !== undefined && pid !== String(process.pid))) return undefined;
  return Math.min(Number(micros) / 1000, 24 * 3_600_000);
}
