import { readdirSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { TestkitError } from "../errors.ts";

/** What the boot loader would start next. */
export interface BootEntry {
  /** The kernel's command line. */
  readonly commandLine: string;
  /** The deployment's directory on the host, links resolved. */
  readonly deployment: string;
  /** The deployment's commit and serial, from its directory's name. */
  readonly checksum: string;
  readonly serial: number;
  readonly osname: string;
}

function field(text: string, name: string): string | undefined {
  return new RegExp(`^${name}[ \\t]+(.*)$`, "m").exec(text)?.[1]?.trim();
}

function noEntry(subject: string, reason: string, cause?: unknown): TestkitError {
  return new TestkitError({
    code: "no-boot-entry",
    phase: "boot",
    subject,
    reason,
    remedy: "Look at `ostree admin status --sysroot=…`.",
    cause,
  });
}

/**
 * The entry with the highest `version`, which is the order libostree gives its boot loader entries
 * (Boot Loader Specification, type 1; the deployment is what its `ostree=` argument links to).
 */
export function defaultBootEntry(sysroot: string): BootEntry {
  const entries = path.join(sysroot, "boot/loader/entries");
  let texts: readonly string[];
  try {
    texts = readdirSync(entries)
      .filter((name) => name.endsWith(".conf"))
      .map((name) => readFileSync(path.join(entries, name), "utf8"));
  } catch (cause) {
    throw noEntry(entries, "the boot entries cannot be read", cause);
  }
  const [best] = texts.toSorted((a, b) => Number(field(b, "version") ?? 0) - Number(field(a, "version") ?? 0));
  const commandLine = best === undefined ? undefined : field(best, "options");
  const link = commandLine?.split(/\s+/).find((word) => word.startsWith("ostree="));
  if (commandLine === undefined || link === undefined) {
    throw noEntry(entries, "no entry has an ostree= argument");
  }
  let deployment: string;
  try {
    deployment = realpathSync(path.join(sysroot, link.slice("ostree=".length)));
  } catch (cause) {
    throw noEntry(link, "it leads to no deployment", cause);
  }
  const match = /\/ostree\/deploy\/([^/]+)\/deploy\/([0-9a-f]{64})\.(\d+)$/.exec(deployment);
  if (match === null) {
    throw noEntry(link, `${deployment} is no deployment directory`);
  }
  const [, osname = "", checksum = "", serial = ""] = match;
  return { commandLine, deployment, checksum, serial: Number(serial), osname };
}
