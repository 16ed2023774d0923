import { spawn } from "node:child_process";

const rebootMillis = 60_000;
/** It goes to every terminal and into the journal. */
const maxMessage = 200;

export interface RebootOptions {
  /**
   * Inhibitor locks do not count: the time that an upgrade waits for them at most has passed, or the host must leave what it runs. Without it systemd may refuse
   * while a lock blocks the shutdown: since version 257 it does, before that it asks no lock of a service that runs as root.
   */
  readonly ignoreInhibitors?: boolean;
}

/** How the host is rebooted. Resolves when the request was accepted. @throws RebootError */
export type Reboot = (because: string, options?: RebootOptions) => Promise<void>;

/** The host's init does not take the request to reboot. */
export class RebootError extends Error {
  override readonly name = "RebootError";
  readonly code = "reboot-refused";
  readonly phase = "reboot";
  readonly subject = "systemctl reboot";
}

/** Asks systemd. An ordinary reboot: services are stopped, and `ostree admin finalize-staged` runs on the way down. */
export const systemdReboot: Reboot = (because, { ignoreInhibitors = false } = {}) => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const message = `treeline-agent: ${because.replaceAll(/\p{Cc}+/gu, " ").trim().slice(0, maxMessage).toWellFormed()}`;
  // -i is --check-inhibitors=no of systemd 248, and was --ignore-inhibitors before.
  const args = ["reboot", `--message=${message}`, ...(ignoreInhibitors ? ["-i"] : [])];
  const child = spawn("systemctl", args, { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  const timer = setTimeout(() => child.kill("SIGKILL"), rebootMillis);
  child.stderr.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString("utf8")).slice(-1000);
  });
  child.once("error", (cause) => {
    clearTimeout(timer);
    reject(new RebootError("systemctl could not be started: is systemd on this host, and in PATH?", { cause }));
  });
  child.once("close", (code, signal) => {
    clearTimeout(timer);
    // Ended by SIGTERM: the shutdown it asked for has reached it before its own answer did.
    if (code === 0 || signal === "SIGTERM") resolve();
    else reject(new RebootError(`systemctl reboot ended with ${signal ?? `status ${code}`}: ${stderr.trim() || "no message"}; look for inhibitors (systemd-inhibit --list)`));
  });
  return promise;
};
