import { readdir, readFile, readlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { OstreeError } from "./ostree-error.ts";
import { ostree, sysrootArgs, sysrootPath } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";

/** One deployment. Identify it by osname, checksum and serial; `index` is only its place in the list at the time of reading. */
export interface Deployment {
  readonly osname: string;
  readonly checksum: string;
  readonly serial: number;
  /** Place in ostree's order: 0 is the default of the next boot (a staged deployment counts as first). */
  readonly index: number;
  readonly version: string | null;
  /** Where it comes from, for example `origin:os/x86_64/stable`; null when the origin is unknown. */
  readonly refspec: string | null;
  /** The flags as ostree prints them. On a sysroot that is not booted all but `pinned` are false, and only the order tells. */
  readonly booted: boolean;
  readonly pending: boolean;
  readonly staged: boolean;
  readonly rollback: boolean;
  readonly pinned: boolean;
  /** Kernel arguments of the boot entry without `ostree=`; null while there is no boot entry (staged). */
  readonly kargs: readonly string[] | null;
}

export type DeploymentId = Pick<Deployment, "osname" | "checksum" | "serial">;

export const sameDeployment = (a: DeploymentId, b: DeploymentId): boolean =>
  a.osname === b.osname && a.checksum === b.checksum && a.serial === b.serial;

/** `OSNAME/CHECKSUM.SERIAL`, the key used for boot entries and in messages. */
export const deploymentName = ({ osname, checksum, serial }: DeploymentId): string => `${osname}/${checksum}.${serial}`;

const headLine = /^([* ]) (\S+) ([0-9a-f]{64})\.(\d+)((?: \([^()]+\))*)$/;

/**
 * Reads the text of `ostree admin status` (2022.7, and later ones, which add lines and flags). Pure. `kargsOf` maps deploymentName to kernel arguments.
 * @throws OstreeError unexpected-output, when a line is neither a deployment nor a detail of one
 */
export function parseStatus(text: string, kargsOf: ReadonlyMap<string, readonly string[]> = new Map()): readonly Deployment[] {
  const deployments: Deployment[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "" || line === "No deployments.") continue;
    const head = headLine.exec(line);
    const last = deployments.at(-1);
    if (head) {
      const [, mark, osname = "", checksum = "", serial, flags = ""] = head;
      const id = { osname, checksum, serial: Number(serial) };
      deployments.push({
        ...id,
        index: deployments.length,
        version: null,
        refspec: null,
        booted: mark === "*",
        pending: flags.includes("(pending)"),
        // Newer ostree says the latter instead of the former, while finalization is held back.
        staged: flags.includes("(staged)") || flags.includes("(finalization locked)"),
        rollback: flags.includes("(rollback)"),
        pinned: false,
        kargs: kargsOf.get(deploymentName(id)) ?? null,
      });
    } else if (last && line.startsWith("    ")) {
      const detail = detailOf(line.trim());
      if (detail) deployments[deployments.length - 1] = { ...last, ...detail };
    } else {
      throw new OstreeError({
        code: "unexpected-output",
        phase: "status",
        subject: JSON.stringify(line.slice(0, 200)),
        reason: "`ostree admin status` printed a line that is no deployment",
        remedy: "Report this line together with `ostree --version`.",
      });
    }
  }
  return deployments;
}

function detailOf(line: string): Partial<Deployment> | null {
  const [, name, value = ""] = /^([^:]+): (.*)$/.exec(line) ?? [];
  if (name === "Version") return { version: value };
  if (name === "Pinned") return { pinned: value === "yes" };
  if (name === "origin refspec") return { refspec: value };
  return null;
}

/** Splits a kernel command line; double quotes keep blanks together, as the kernel does. */
export function parseKargs(options: string): readonly string[] {
  return options.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
}

/** The `options` line of a boot loader entry, or null. */
export function parseBootEntry(text: string): readonly string[] | null {
  const line = text.split("\n").find((candidate) => /^options\s/.test(candidate));
  return line === undefined ? null : parseKargs(line.slice("options".length));
}

/** The boot loader entries of a sysroot with the deployment that each boots. Entries that are not ostree's are passed over. */
export async function bootEntries(
  sysroot: string | undefined,
): Promise<readonly { readonly deployment: DeploymentId; readonly text: string }[]> {
  const directory = join(sysrootPath(sysroot), "boot/loader/entries");
  const found: { readonly deployment: DeploymentId; readonly text: string }[] = [];
  for (const name of await readdir(directory).catch(noneIfMissing)) {
    if (!name.endsWith(".conf")) continue;
    const text = await readFile(join(directory, name), "utf8");
    const link = parseBootEntry(text)
      ?.find((karg) => karg.startsWith("ostree="))
      ?.slice("ostree=".length);
    if (!link) continue;
    // The link lies in the physical root: /ostree/boot.N/OS/BOOTCSUM/SERIAL -> ../../../deploy/OS/deploy/CHECKSUM.SERIAL
    const target = await readlink(join(sysroot ?? "/sysroot", link)).catch(() => null);
    const [, checksum = "", serial] = /^([0-9a-f]{64})\.(\d+)$/.exec(basename(target ?? "")) ?? [];
    if (target === null || checksum === "") continue;
    found.push({ deployment: { osname: basename(dirname(dirname(target))), checksum, serial: Number(serial) }, text });
  }
  return found;
}

/** Kernel arguments of every deployment that has a boot entry, by deploymentName. */
async function readKargs(sysroot: string | undefined): Promise<ReadonlyMap<string, readonly string[]>> {
  const entries = await bootEntries(sysroot);
  const kargsOf = (text: string): readonly string[] => (parseBootEntry(text) ?? []).filter((karg) => !karg.startsWith("ostree="));
  return new Map(entries.map(({ deployment, text }) => [deploymentName(deployment), kargsOf(text)]));
}

const noneIfMissing = (error: NodeJS.ErrnoException): readonly string[] => {
  if (error.code === "ENOENT") return [];
  throw error;
};

/**
 * The deployments of the booted host, or of the sysroot at a path, in boot order.
 * @throws OstreeError
 */
export async function readDeployments(
  options: { readonly sysroot?: string | undefined } & Cancellable = {},
): Promise<readonly Deployment[]> {
  const { stdout } = await ostree({
    args: ["admin", "status", ...sysrootArgs(options.sysroot)],
    phase: "status",
    subject: sysrootPath(options.sysroot),
    signal: options.signal,
  });
  return parseStatus(stdout, await readKargs(options.sysroot));
}

/**
 * Finds one deployment again, right before something is done to it. @throws OstreeError not-found-deployment
 */
export async function findDeployment(
  options: { readonly sysroot?: string | undefined; readonly deployment: DeploymentId; readonly phase: string } & Cancellable,
): Promise<Deployment> {
  const found = (await readDeployments(options)).find((candidate) => sameDeployment(candidate, options.deployment));
  if (found) return found;
  throw new OstreeError({
    code: "not-found-deployment",
    phase: options.phase,
    subject: deploymentName(options.deployment),
    reason: "there is no such deployment on this host",
    remedy: "Read the deployments again: they changed meanwhile.",
    retryable: true,
  });
}
