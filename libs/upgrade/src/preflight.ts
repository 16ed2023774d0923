import type { FailureClass, FileSystemSpace, OsState } from "@treeline/fleet";
import { foreignDeployments } from "./foreign.ts";
import type { Journal } from "./journal.ts";

/**
 * What an upgrade needs of its host, judged before the first byte is fetched (`preflightFindings`), once it is known how much there is to fetch
 * (`spaceFindings`), and once the release lies here (`targetFindings`, in target.ts). Facts in, findings out; who gathers the facts is not said here.
 */

/** `refuse`: the attempt ends. `wait`: it will pass by itself. `warn`: for the log. */
export type Severity = "refuse" | "wait" | "warn";

export const findingCodes = [
  "no-space",
  "no-inodes",
  "tool-missing",
  "tool-too-old",
  "no-way-back",
  "no-finalizer",
  "foreign-deployment",
  "finalization-locked",
  "transaction-running",
  "not-started-here",
  "not-started-after-boot",
  "not-enabled-after-boot",
  "tool-missing-after-boot",
  "no-way-back-after-boot",
] as const;
export type FindingCode = (typeof findingCodes)[number];

export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** The path, tool or deployment it is about. */
  readonly subject: string;
  readonly reason: string;
  /** What a person can do about it. */
  readonly remedy: string;
}

/** How an attempt fails that was refused for this reason. */
export function failureOf(code: FindingCode): FailureClass {
  switch (code) {
    case "foreign-deployment":
    case "finalization-locked":
      return "operator";
    case "not-started-after-boot":
    case "not-enabled-after-boot":
    case "tool-missing-after-boot":
    case "no-way-back-after-boot":
      return "release";
    case "transaction-running":
      return "transient";
    default:
      return "node";
  }
}

/** In one line, as it is reported. */
export const findingText = ({ code, subject, reason, remedy }: Finding): string => `${subject}: ${reason} (${code}). ${remedy}`;

export interface PreflightFacts {
  readonly os: OsState;
  readonly journal: Pick<Journal, "open" | "closed">;
  readonly tools: ToolFacts;
  /** Undefined where nothing will be written. */
  readonly space: SpaceFacts | undefined;
  /** Locks of libostree that somebody else holds now. */
  readonly heldLocks: readonly HeldLock[];
  /** Somebody ordered that what is staged be not finalized at shutdown. */
  readonly finalizationLocked: boolean;
  /** What must start after the boot, and is not on this host. */
  readonly absent: readonly StartPath[];
}

/** A file without which the host would come up with nobody to look after it: the agent's program, its unit, the guard's. */
export interface StartPath {
  /** What it is, for people: "the agent's unit". */
  readonly what: string;
  readonly path: string;
  /** Another program reads it, so that it need not be executable itself. */
  readonly isRead?: boolean;
}

export interface HeldLock {
  readonly lock: "sysroot" | "repository";
  /** Who holds it, as far as that can be seen: "rpm-ostree (pid 812)". */
  readonly holders: readonly string[];
}

/** Findings before anything is fetched; those that refuse first. */
export function preflightFindings(facts: PreflightFacts): readonly Finding[] {
  const findings = [
    ...lockFindings(facts.heldLocks),
    ...operatorFindings(facts),
    ...toolFindings(facts.tools),
    ...facts.absent.map(notHere),
    ...(facts.space === undefined ? [] : spaceFindings(facts.space, nothingKnown)),
  ];
  return bySeverity(findings);
}

const order: readonly Severity[] = ["refuse", "wait", "warn"];
export const bySeverity = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));

function lockFindings(held: readonly HeldLock[]): readonly Finding[] {
  return held.map(({ lock, holders }) => ({
    code: "transaction-running",
    severity: "wait",
    subject: `the ${lock}'s lock`,
    reason: `another program changes this host's ${lock === "sysroot" ? "deployments" : "repository"}${holders.length === 0 ? "" : `: ${holders.join(", ")}`}`,
    remedy: "Nothing is to be done: it is tried again when that program is done.",
  }));
}

/**
 * What a person (or a program that is not ours) has decided for the next boot is not overwritten: neither a deployment that waits for it, nor an order that
 * staged ones be not finalized. Pinned deployments are in nobody's way.
 */
function operatorFindings({ os, journal, finalizationLocked }: PreflightFacts): readonly Finding[] {
  const findings: Finding[] = foreignDeployments(os, journal).map(({ checksum, serial, version, refspec, staged }) => ({
    code: "foreign-deployment",
    severity: "refuse",
    subject: `${checksum.slice(0, 12)}.${serial}`,
    reason: `${version === "" ? "a deployment" : `version ${version}`} of ${refspec || "unknown origin"} is ${staged ? "staged" : "pending"}, and no attempt of ours made it the next one to boot`,
    remedy: `Boot it, or take it back with \`ostree admin undeploy ${os.deployments.findIndex((one) => one.checksum === checksum && one.serial === serial)}\`.`,
  }));
  if (finalizationLocked)
    findings.push({
      code: "finalization-locked",
      severity: "refuse",
      subject: "/run/ostree/staged-deployment-locked",
      reason: "somebody ordered that staged deployments be not finalized at shutdown, so none would ever boot",
      remedy: "Remove the file when that order is over.",
    });
  return findings;
}

// ---- tools ----

/** A program that the agent or the boot guard runs by its name. */
export interface NeededProgram {
  readonly name: string;
  /** The package that has it, of Debian; elsewhere much alike. */
  readonly package: string;
  /** What it is needed for, where that is not all of it: "the GPG keyrings in …". */
  readonly because?: string | undefined;
}

export interface ToolFacts {
  /** Programs that are needed, and whether they were found. */
  readonly programs: readonly (NeededProgram & { readonly found: boolean })[];
  /** As `ostree --version` says, "2022.7"; undefined: it says nothing. */
  readonly ostreeVersion: string | undefined;
  /** How an older deployment can be made the default again. */
  readonly wayBack: "command" | "bindings" | "none";
  /** Units of systemd that write a staged deployment at shutdown; undefined: no systemd runs here. */
  readonly finalizer: readonly { readonly unit: string; readonly state: "present" | "missing" | "masked" }[] | undefined;
}

/** The oldest ostree that this was tried with. */
export const oldestOstree = "2022.7";

function toolFindings({ programs, ostreeVersion, wayBack, finalizer }: ToolFacts): readonly Finding[] {
  const findings: Finding[] = programs
    .filter(({ found }) => !found)
    .map(({ name, package: from, because }) => ({
      code: "tool-missing",
      severity: "refuse",
      subject: name,
      reason: `the program is not on this host${because === undefined ? "" : `, and ${because}`}`,
      remedy: `Put the package ${from} into the image.`,
    }));
  if (ostreeVersion !== undefined && isOlder(ostreeVersion, oldestOstree))
    findings.push({
      code: "tool-too-old",
      severity: "refuse",
      subject: "ostree",
      reason: `it is version ${ostreeVersion}, and ${oldestOstree} is the oldest that this was tried with`,
      remedy: "Update ostree in the image, by hand this once.",
    });
  if (wayBack === "none")
    findings.push({
      code: "no-way-back",
      severity: "refuse",
      subject: "ostree admin set-default",
      reason:
        "this ostree has no such command, and libostree's bindings are not here: there would be no way back to the previous deployment",
      remedy: "Put python3-gi and gir1.2-ostree-1.0 (Debian) or python3-gobject-base (Fedora) into the image, or a newer ostree.",
    });
  for (const { unit, state } of finalizer ?? []) {
    if (state === "present") continue;
    findings.push({
      code: "no-finalizer",
      severity: "refuse",
      subject: unit,
      reason: `the unit is ${state}, so that a staged deployment would not be written at shutdown`,
      remedy:
        state === "masked"
          ? `Unmask it: \`systemctl unmask ${unit}\`.`
          : "Put the package ostree-boot (Debian) or ostree (Fedora) into the image.",
    });
  }
  return findings;
}

/** ostree's versions are YEAR.NUMBER. One that is written in another way is taken as new enough. */
function isOlder(version: string, than: string): boolean {
  const [year = 0, number = 0] = version.split(".").map(Number);
  const [thanYear = 0, thanNumber = 0] = than.split(".").map(Number);
  return year < thanYear || (year === thanYear && number < thanNumber);
}

const notHere = ({ what, path }: StartPath): Finding => ({
  code: "not-started-here",
  severity: "refuse",
  subject: path,
  reason: `${what} is not on this host`,
  remedy: "Install it, or correct its path in the agent's configuration.",
});

// ---- space ----

export interface SpaceFacts {
  readonly repository: FileSystemSpace;
  /** What the repository's own configuration has it leave free; ostree refuses to go below. */
  readonly reserve: { readonly bytes: number } | { readonly percent: number };
  readonly boot: FileSystemSpace;
  /** Where the agent keeps its journal. */
  readonly state: FileSystemSpace;
  /** What the kernel and initramfs of the deployment that runs take on /boot, in bytes; 0: not known. */
  readonly bootedKernelBytes: number;
  /** Pinned deployments whose kernels nobody else uses. */
  readonly pinned: readonly { readonly index: number; readonly kernelBytes: number }[];
}

/** What the upgrade will write. */
export interface SpaceNeed {
  /** Into the repository, uncompressed; undefined: not known. */
  readonly content: { readonly bytes: number; readonly objects: number } | undefined;
  /** To /boot; 0 when a deployment here has the same kernel; undefined: not known, then the kernel that runs is the measure, and only warned of. */
  readonly kernelBytes: number | undefined;
}

export const nothingKnown: SpaceNeed = { content: undefined, kernelBytes: undefined };

const mebi = 1024 * 1024;
/**
 * Room besides what is counted. Repository: metadata, the copy of /etc, the directories of a deployment. Boot: a boot loader entry and directories. State: the
 * journal, written beside the old one.
 */
const slack = {
  repository: { bytes: 16 * mebi, inodes: 512 },
  boot: { bytes: mebi, inodes: 16 },
  state: { bytes: mebi, inodes: 16 },
} as const;

/** Whether each file system has room for what is written to it; needs that meet on one file system are added up. */
export function spaceFindings(facts: SpaceFacts, need: SpaceNeed): readonly Finding[] {
  const { repository, boot, state } = facts;
  const certain = need.kernelBytes ?? 0;
  const uses: readonly Use[] = [
    {
      space: repository,
      bytes: reservedBytes(facts) + slack.repository.bytes + (need.content?.bytes ?? 0),
      inodes: slack.repository.inodes + (need.content?.objects ?? 0),
    },
    { space: boot, bytes: slack.boot.bytes + certain, inodes: slack.boot.inodes },
    { space: state, ...slack.state },
  ];
  const findings = [...Map.groupBy(uses, ({ space }) => space.device).values()].flatMap((group) => shortages(group, facts));
  const estimate = need.kernelBytes === undefined ? facts.bootedKernelBytes : 0;
  const shortOfEstimate = estimate > 0 && boot.freeBytes < slack.boot.bytes + estimate;
  if (shortOfEstimate && !findings.some(({ subject }) => subject.includes(boot.path)))
    findings.push({ ...noSpace(boot.path, boot.freeBytes, slack.boot.bytes + estimate, facts), severity: "warn" });
  return findings;
}

interface Use {
  readonly space: FileSystemSpace;
  readonly bytes: number;
  readonly inodes: number;
}

function shortages(group: readonly Use[], facts: SpaceFacts): readonly Finding[] {
  const [first] = group;
  if (first === undefined) return [];
  const { freeBytes, totalInodes, freeInodes } = first.space;
  const path = [...new Set(group.map(({ space }) => space.path))].join(" and ");
  const bytes = group.reduce((sum, use) => sum + use.bytes, 0);
  const inodes = group.reduce((sum, use) => sum + use.inodes, 0);
  const findings: Finding[] = [];
  if (freeBytes < bytes) findings.push(noSpace(path, freeBytes, bytes, facts));
  if (totalInodes > 0 && freeInodes < inodes)
    findings.push({
      code: "no-inodes",
      severity: "refuse",
      subject: path,
      reason: `${freeInodes} inodes are free, and the upgrade needs ${inodes}`,
      remedy: "Delete files there: many small ones, most likely.",
    });
  return findings;
}

function noSpace(path: string, free: number, needed: number, facts: SpaceFacts): Finding {
  const { boot, repository, pinned } = facts;
  const parts = [`${megabytes(free)} are free, and the upgrade needs ${megabytes(needed)}`];
  if (path.includes(repository.path))
    parts.push(`of which ${megabytes(reservedBytes(facts))} are the repository's own reserve (core.min-free-space)`);
  const kernels = pinned.reduce((sum, { kernelBytes }) => sum + kernelBytes, 0);
  const ofPins = path.includes(boot.path) && kernels > 0;
  if (ofPins) parts.push(`kernels of pinned deployments take ${megabytes(kernels)} of it`);
  return {
    code: "no-space",
    severity: "refuse",
    subject: path,
    reason: parts.join("; "),
    remedy: ofPins
      ? `Unpin what is not needed (${pinned.map(({ index }) => `\`ostree admin pin --unpin ${index}\``).join(", ")}) and undeploy it, or free space there.`
      : "Free space there; what was fetched already is kept.",
  };
}

/** Rounds up: what is short of something shall look it. */
const megabytes = (bytes: number): string => `${(Math.ceil(bytes / 100_000) / 10).toFixed(1)} MB`;

/** Bytes that ostree will leave free, whatever is asked of it. */
export function reservedBytes({ reserve, repository }: Pick<SpaceFacts, "reserve" | "repository">): number {
  return "bytes" in reserve ? reserve.bytes : Math.ceil((repository.totalBytes * reserve.percent) / 100);
}
