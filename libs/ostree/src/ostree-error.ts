import type { CommandError } from "./run.ts";

export type OstreeErrorCode =
  | "no-space"
  | "disk-fault"
  | "network"
  | "stalled"
  | "tls"
  | "http-status"
  | "corrupt-object"
  | "missing-object"
  | "signature"
  | "not-found-path"
  | "not-found-ref"
  | "not-found-remote"
  | "not-found-deployment"
  | "not-found-sysroot"
  | "deployment-in-use"
  | "downgrade"
  | "locked"
  | "read-only"
  | "not-permitted"
  | "killed"
  | "aborted"
  | "tool-missing"
  | "unsupported"
  | "unexpected-output"
  | "bad-input"
  | "unknown";

export interface Classification {
  readonly code: OstreeErrorCode;
  /** True when the same command may work later without anybody changing anything on this host. */
  readonly retryable: boolean;
  /** What to do next, for a person. */
  readonly remedy: string;
  /** The thing the text names, where it names one: a checksum, a ref, a curl code. */
  readonly detail?: string;
  /** Only with code `http-status`. */
  readonly httpStatus?: number;
}

/** What went wrong in the OS backend. `phase` is the step ("pull", "deploy", ...), `subject` what it was about (a checksum, a ref, a path). */
export class OstreeError extends Error {
  override readonly name = "OstreeError";
  readonly code: OstreeErrorCode;
  readonly phase: string;
  readonly subject: string;
  readonly retryable: boolean;
  readonly remedy: string;
  readonly httpStatus: number | undefined;

  constructor(options: {
    readonly code: OstreeErrorCode;
    readonly phase: string;
    readonly subject: string;
    readonly reason: string;
    readonly remedy: string;
    readonly retryable?: boolean;
    readonly httpStatus?: number | undefined;
    readonly cause?: unknown;
  }) {
    const message = `${options.phase} of ${options.subject} failed (${options.code}): ${options.reason}. ${options.remedy}`;
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.phase = options.phase;
    this.subject = options.subject;
    this.retryable = options.retryable ?? false;
    this.remedy = options.remedy;
    this.httpStatus = options.httpStatus;
  }
}

interface Rule {
  readonly pattern: RegExp;
  readonly code: OstreeErrorCode;
  readonly retryable: boolean;
  readonly remedy: string;
  /** The text as ostree printed it, for the documentation and its test. */
  readonly example: string;
}

/** Order matters: the first match wins, so causes (disk full) stand before the symptoms they produce. */
export const errorRules: readonly Rule[] = [
  {
    pattern: /No space left on device|Disk quota exceeded|min-free-space-(?:size|percent) .* would be exceeded/,
    code: "no-space",
    retryable: true,
    remedy: "Free space on the file system that holds the repository, then try again; what was fetched is kept.",
    example: "Writing content object: fallocate: No space left on device",
  },
  {
    pattern: /Input\/output error|Structure needs cleaning/,
    code: "disk-fault",
    retryable: false,
    remedy: "Look at the kernel's log: the disk or its file system is damaged.",
    example: "Writing content object: Input/output error",
  },
  {
    // The kernel's answer while somebody (a snapshot, a backup) has the file system frozen.
    pattern: /Remounting \S+ read-write: Device or resource busy/,
    code: "locked",
    retryable: true,
    remedy: "The file system is frozen, by a snapshot perhaps; try again when it is thawed.",
    example: "Remounting /sysroot read-write: Device or resource busy",
  },
  {
    pattern: /Read-only file system|Remounting \S+ read-write: Operation not permitted/,
    code: "read-only",
    retryable: false,
    remedy: "Run as root with CAP_SYS_ADMIN, so that ostree can remount /sysroot in its own mount namespace.",
    example: "Remounting /sysroot read-write: Operation not permitted",
  },
  {
    pattern: /Permission denied|Operation not permitted/,
    code: "not-permitted",
    retryable: false,
    remedy: "Run as root, in the host's own process and mount namespaces; look for an access rule (SELinux, AppArmor) in the kernel's log.",
    example: "Initializing with mountns: Reading /proc/1/ns/mnt: readlinkat: Permission denied",
  },
  {
    pattern: /libostree bindings missing/,
    code: "tool-missing",
    retryable: false,
    remedy:
      "Install python3-gi and gir1.2-ostree-1.0 (Debian) or python3-gobject-base (Fedora), or an ostree that has `admin set-default`.",
    example: "libostree bindings missing (No module named 'gi'): install python3-gi",
  },
  {
    pattern: /Requested signature type is not implemented|Unknown option|Unknown "\w+" subcommand/,
    code: "unsupported",
    retryable: false,
    remedy:
      "This ostree was built without it, or is older than it: use one of 2022.7 or later, for native ed25519 one with `sign-ed25519`.",
    example: "Requested signature type is not implemented",
  },
  {
    pattern: /(?:GPG|ed25519|[Ss]ignature|Can't verify commit|Can't check|No signatures found)/,
    code: "signature",
    retryable: false,
    remedy: "Sign the release with a key this machine trusts, or add the key to the trusted keys; nothing unsigned is deployed.",
    example: "Can't verify commit: ed25519: Signature couldn't be verified with: key 'AAAA'",
  },
  {
    pattern: /chronologically older than current revision/,
    code: "downgrade",
    retryable: false,
    remedy: "Name the older commit by checksum if going back is meant.",
    example:
      "Upgrade target revision 'X' with timestamp 'A' is chronologically older than current revision 'Y' with timestamp 'B'; use --allow-downgrade to permit",
  },
  {
    pattern: /must specify both "tls-client-cert-path" and "tls-client-key-path"/,
    code: "bad-input",
    retryable: false,
    remedy: "Give the remote both settings, or neither: the agent's own remote has none, its content proxy holds the certificate.",
    example: 'Remote "origin" must specify both "tls-client-cert-path" and "tls-client-key-path"',
  },
  {
    pattern: /While fetching .*: \[(35|51|53|54|58|59|60|66|77|80|83|90|91)\]/,
    code: "tls",
    retryable: false,
    remedy: "Check the certificate of the content server, the authority that signed it and this machine's clock.",
    example: "While fetching https://host/config: [60] SSL peer certificate or SSH remote key was not OK",
  },
  {
    pattern: /While fetching .*: \[(\d+)\]/,
    code: "network",
    retryable: true,
    remedy: "Check that the content server can be reached from this machine; the pull goes on where it stopped.",
    example: "While fetching http://127.0.0.1:1/config: [7] Couldn't connect to server",
  },
  {
    pattern: /Server returned HTTP (\d+)/,
    code: "http-status",
    retryable: false,
    remedy:
      "Look at the content server: the release may be incomplete there (404), this machine not allowed (400, 403), or the server out of order (5xx: tried again).",
    example: "Server returned HTTP 404",
  },
  {
    pattern:
      /Corrupted \w+ (?:object|file)|Need more input|(?:Data|Stream) is corrupt|checksum expected=|Repository corruption encountered|fsck-detected corruption/,
    code: "corrupt-object",
    retryable: true,
    remedy: "Fetch again; if it stays, run `ostree fsck` on the server's repository.",
    example: "Writing content object: Corrupted file object; checksum expected='X' actual='Y'",
  },
  {
    pattern: /No such branch '([^']*)' in repository summary|Refspec '([^']*)' not found|Rev(?:ision)? '([^']*)' not found/,
    code: "not-found-ref",
    retryable: false,
    remedy: "Check the name of the ref, and that the server's summary was updated after the release was published.",
    example: "No such branch 'os/stable' in repository summary",
  },
  {
    pattern: /Remote "([^"]*)" not found/,
    code: "not-found-remote",
    retryable: true,
    remedy: "Add the remote again; going back to an older deployment also brings back its /etc/ostree/remotes.d.",
    example: 'Remote "treeline" not found',
  },
  {
    pattern:
      /No such metadata object (\S+)|Couldn't find file object '([^']*)'|Commit (\S+), which is the delta source, is not in repository/,
    code: "missing-object",
    retryable: true,
    remedy: "Pull the commit again: this repository does not hold all of it.",
    example: "No such metadata object X.commit",
  },
  {
    pattern: /Inspecting path '([^']*)': (?:No such file or directory|Not a directory)/,
    code: "not-found-path",
    retryable: false,
    remedy: "Look with `ostree ls COMMIT` at what the commit holds.",
    example: "Inspecting path '/usr/bin/x': No such file or directory: /usr/bin/x",
  },
  {
    pattern: /Cannot undeploy currently booted deployment/,
    code: "deployment-in-use",
    retryable: false,
    remedy: "Boot another deployment first.",
    example: "Cannot undeploy currently booted deployment 0",
  },
  {
    pattern: /Out of range deployment index|Invalid index: (\S+)/,
    code: "not-found-deployment",
    retryable: true,
    remedy: "Read the deployments again: they changed meanwhile.",
    example: "Out of range deployment index 9, expected < 1",
  },
  {
    pattern: /Locking repo \S+ failed|Could not acquire lock within|Locking sysroot/,
    code: "locked",
    retryable: true,
    remedy: "Another ostree command works on this machine; try again when it is done.",
    example: "Push lock: Could not acquire lock within 30 seconds",
  },
  {
    pattern: /opendir\(([^)]*)\): No such file or directory|Not currently booted into an OSTree system/,
    code: "not-found-sysroot",
    retryable: false,
    remedy: "Check the path of the repository or sysroot and the name of the operating system (`ostree admin os-init`).",
    example: "opening repo: opendir(/sysroot/ostree/repo): No such file or directory",
  },
];

const unknownRemedy = "Read ostree's own message; run the command by hand if it does not say enough.";

/** Which HTTP answers may be different the next time. */
const transientStatus = (status: number): boolean => status >= 500 || status === 408 || status === 425 || status === 429;

/**
 * Sorts ostree's standard error (2022.7; LC_ALL=C.UTF-8) into a code. ostree itself exits with 1 for every error, so the text is all there is.
 * Pure. The texts were captured from real faults; see the test table.
 */
export function classifyStderr(stderr: string): Classification {
  for (const { pattern, code, retryable, remedy } of errorRules) {
    const match = pattern.exec(stderr);
    if (!match) continue;
    const detail = match.slice(1).find((group) => group !== undefined);
    const httpStatus = code === "http-status" ? Number(detail) : undefined;
    return {
      code,
      retryable: httpStatus === undefined ? retryable : transientStatus(httpStatus),
      remedy,
      ...(detail === undefined ? {} : { detail }),
      ...(httpStatus === undefined ? {} : { httpStatus }),
    };
  }
  return { code: "unknown", retryable: false, remedy: unknownRemedy };
}

/** Turns a failed command into an OstreeError. `phase` and `subject` as in the class. */
export function ostreeError(options: { readonly phase: string; readonly subject: string; readonly cause: CommandError }): OstreeError {
  const { phase, subject, cause } = options;
  const reason = (cause.stderrTail.trimEnd().split("\n").at(-1) || cause.message).replace(/^error: /, "").replace(/\.$/, "");
  const make = (found: Classification): OstreeError => new OstreeError({ ...found, phase, subject, reason, cause });
  switch (cause.failure) {
    case "aborted":
      return make({
        code: "aborted",
        retryable: true,
        remedy: "Read the deployments again before the next step: the command may have finished its work.",
      });
    case "signal":
      return make({
        code: "killed",
        retryable: true,
        remedy: "Read the deployments again before the next step: the command may have finished its work.",
      });
    case "not-found":
      return make({ code: "tool-missing", retryable: false, remedy: `Install the package that has \`${cause.command[0]}\`.` });
    case "output-limit":
      return make({ code: "unexpected-output", retryable: false, remedy: unknownRemedy });
    case "exit":
      return make(classifyStderr(cause.stderrTail));
  }
}
