export type GuardErrorCode = "not-installed" | "bad-order" | "locked" | "gone-back" | "failed";

const remedies: Readonly<Record<GuardErrorCode, string>> = {
  "not-installed": "Install the boot guard with the operating system's image, or set guard.program in /etc/treeline/agent.yaml to where it is.",
  "bad-order": "Agent and boot guard do not understand each other: install both from the same version.",
  locked: "It is tried again; if it stays, see who works on the deployments with `fuser /run/treeline/host.lock`.",
  "gone-back": "Nothing to do: the boot guard was faster, and this host reboots into the deployment it came from.",
  failed: "Read the boot guard's own message; run it by hand (`boot-guard status`) if it does not say enough.",
};

/** The boot guard did not do what it was asked. `subject` is the verb. */
export class GuardError extends Error {
  override readonly name = "GuardError";
  readonly code: GuardErrorCode;
  readonly phase = "boot guard";
  readonly subject: string;
  /** True when the same may work later without anybody changing anything on this host. */
  readonly retryable: boolean;

  constructor(options: { readonly code: GuardErrorCode; readonly subject: string; readonly reason: string; readonly cause?: unknown }) {
    const { code, subject, reason, cause } = options;
    super(`boot guard: ${subject} failed (${code}): ${reason}. ${remedies[code]}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.subject = subject;
    this.retryable = code === "locked" || code === "failed";
  }
}
