import type { CommandError } from "./run.ts";

export type OstreeErrorCode =
  | "no-space"
  | "network"
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
  | "killed"
  | "aborted"
  | "tool-missing"
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
}

/** Order matters: the first match wins, so causes (disk full) stand before the symptoms they produce. */
const rules: readonly Rule[] = [
  {
    pattern: /No space left on device|min-free-space-(?:size|percent) .* would be exceeded/,
    code: "no-space",
    retryable: true,
    remedy: "Free space on the file system that holds the repository, then try again; what was fetched is kept.",
  },
  {
    // The kernel's answer while somebody (a snapshot, a backup) has the file system frozen.
    pattern: /Remounting \S+ read-write: Device or resource busy/,
    code: "locked",
    retryable: true,
    remedy: "The file system is frozen, by a snapshot perhaps; try again when it is thawed.",
  },
  {
    pattern: /Read-only file system|Remounting \S+ read-write: Operation not permitted/,
    code: "read-only",
    retryable: false,
    remedy: "Run as root with CAP_SYS_ADMIN, so that ostree can remount /sysroot in its own mount namespace.",
  },
  {
    pattern: /libostree bindings missing/,
    code: "tool-missing",
    retryable: false,
    remedy:
      "Install python3-gi and gir1.2-ostree-1.0 (Debian) or python3-gobject-base (Fedora), or an ostree that has `admin set-default`.",
  },
  {
    pattern: /(?:GPG|ed25519|[Ss]ignature|Can't verify commit|Can't check|No signatures found)/,
    code: "signature",
    retryable: false,
    remedy: "Sign the release with a key this machine trusts, or add the key to the trusted keys; nothing unsigned is deployed.",
  },
  {
    pattern: /chronologically older than current revision/,
    code: "downgrade",
    retryable: false,
    remedy: "Name the older commit by checksum if going back is meant.",
  },
  {
    pattern: /While fetching .*: \[(?:35|51|53|54|58|59|60|66|77|80|83|90|91)\]/,
    code: "tls",
    retryable: false,
    remedy: "Check the certificate of the content server, the authority that signed it and this machine's clock.",
  },
  {
    pattern: /While fetching .*: \[(\d+)\]/,
    code: "network",
    retryable: true,
    remedy: "Check that the content server can be reached from this machine; the pull goes on where it stopped.",
  },
  {
    pattern: /Server returned HTTP (\d+)/,
    code: "http-status",
    retryable: false,
    remedy: "Look at the content server: the release may be incomplete there (404) or this machine not allowed (403).",
  },
  {
    pattern:
      /Corrupted \w+ (?:object|file)|Need more input|(?:Data|Stream) is corrupt|checksum expected=|Repository corruption encountered|fsck-detected corruption/,
    code: "corrupt-object",
    retryable: true,
    remedy: "Fetch again; if it stays, run `ostree fsck` on the server's repository.",
  },
  {
    pattern: /No such branch '([^']*)' in repository summary|Refspec '([^']*)' not found|Rev(?:ision)? '([^']*)' not found/,
    code: "not-found-ref",
    retryable: false,
    remedy: "Check the name of the ref, and that the server's summary was updated after the release was published.",
  },
  {
    pattern: /Remote "([^"]*)" not found/,
    code: "not-found-remote",
    retryable: true,
    remedy: "Add the remote again; going back to an older deployment also brings back its /etc/ostree/remotes.d.",
  },
  {
    pattern:
      /No such metadata object (\S+)|Couldn't find file object '([^']*)'|Commit (\S+), which is the delta source, is not in repository/,
    code: "missing-object",
    retryable: true,
    remedy: "Pull the commit again: this repository does not hold all of it.",
  },
  {
    pattern: /Inspecting path '([^']*)': (?:No such file or directory|Not a directory)/,
    code: "not-found-path",
    retryable: false,
    remedy: "Look with `ostree ls COMMIT` at what the commit holds.",
  },
  {
    pattern: /Cannot undeploy currently booted deployment/,
    code: "deployment-in-use",
    retryable: false,
    remedy: "Boot another deployment first.",
  },
  {
    pattern: /Out of range deployment index/,
    code: "not-found-deployment",
    retryable: true,
    remedy: "Read the deployments again: they changed meanwhile.",
  },
  {
    pattern: /Locking repo \S+ failed|Could not acquire lock within|Locking sysroot/,
    code: "locked",
    retryable: true,
    remedy: "Another ostree command works on this machine; try again when it is done.",
  },
  {
    pattern: /opendir\(([^)]*)\): No such file or directory|Not currently booted into an OSTree system/,
    code: "not-found-sysroot",
    retryable: false,
    remedy: "Check the path of the repository or sysroot and the name of the operating system (`ostree admin os-init`).",
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
  for (const { pattern, code, retryable, remedy } of rules) {
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
