import { deploy, heldLocks, OstreeError, readDeployments, setRef, underSysrootLock } from "@treeline/ostree";
import { bootedDeployment, nextDeployment, type FailureClass, type OsState, type Target } from "@treeline/fleet";
import type { Logger } from "@treeline/process";
import { remoteName } from "./holds.ts";

export interface DeployStepOptions {
  readonly repo: string;
  readonly os: OsState;
  readonly target: Target;
  /** Where to deploy into; the booted one when absent. */
  readonly osname?: string | undefined;
  /** For sysroots that are not the booted host: there nothing can be staged. */
  readonly sysroot?: string | undefined;
  /**
   * After how many seconds a kernel that panicked reboots, so that the boot loader or the boot guard gets its chance; absent or 0: the kernel's command line is
   * left alone. It is also left alone where it says something about it already.
   */
  readonly panicSeconds?: number | undefined;
  /** Rejects where nobody whom this host trusts now has signed the target. */
  readonly verify?: () => Promise<void>;
  /** What keeps the boot guard and the agent out of each other's way; absent: nobody is kept out. */
  readonly lockFile?: string | undefined;
  /** Asked at the very last moment: whether the grant still holds. */
  readonly mayAct: () => boolean;
  readonly logger: Logger;
}

export type StepResult = { readonly ok: true } | { readonly ok: false; readonly failure: FailureClass; readonly reason: string };

/**
 * Past the point of no return: has ostree write the new deployment, staged, so that /etc is merged at shutdown and a power cut before it changes nothing.
 * The origin becomes `treeline:REF`, never a bare checksum. Done only while the grant holds; otherwise nothing is touched and `expired` comes back.
 */
export async function deployTarget(options: DeployStepOptions): Promise<StepResult | "expired"> {
  const { repo, os, target, sysroot, logger } = options;
  const refspec = `${remoteName}:${target.ref}`;
  const osname = options.osname ?? (bootedDeployment(os) ?? nextDeployment(os))?.osname ?? "";
  try {
    // It may have lain here for days, and a key that signed it may be retired since.
    await options.verify?.();
    await setRef({ repo, ref: refspec, checksum: target.checksum });
    // Waiting for the lock may take longer than the grant lives: it is looked at with the lock in hand.
    const acted = await underSysrootLock({ lockFile: options.lockFile, phase: "deploy", subject: refspec }, async (held) => {
      await requireQuietHost(options);
      if (!options.mayAct()) return false;
      await deploy({ sysroot, osname, refspec, stage: sysroot === undefined, kargsAppend: panicArgument(os, options.panicSeconds), held });
      return true;
    });
    if (!acted) return "expired";
    logger.info("deployed", { checksum: target.checksum, version: target.version, osname });
    return { ok: true };
  } catch (error) {
    logger.error("deploying failed", { checksum: target.checksum, err: error });
    return { ok: false, failure: deployFailure(error), reason: error instanceof Error ? error.message : String(error) };
  }
}

/** ostree takes over the kernel arguments of the deployment that runs: what is appended once is there ever after, and an operator's own word stays. */
function panicArgument(os: OsState, seconds: number | undefined): readonly string[] {
  if (seconds === undefined || seconds === 0) return [];
  const { kargs = "" } = bootedDeployment(os) ?? nextDeployment(os) ?? {};
  return kargs.split(/\s+/).some((karg) => karg.startsWith("panic=")) ? [] : [`panic=${seconds}`];
}

/**
 * ostree would wait for whoever else is at work, however long, and then act on a grant that is long over, and on deployments that are others by then.
 * @throws OstreeError locked
 */
export async function requireQuietHost({ os, sysroot }: { readonly os: OsState; readonly sysroot?: string | undefined }): Promise<void> {
  const busy = (reason: string): OstreeError =>
    new OstreeError({ code: "locked", phase: "deploy", subject: "this host", reason, remedy: "It is tried again when that is done.", retryable: true });
  const [lock] = await heldLocks({ sysroot });
  if (lock !== undefined) throw busy(`another program is changing it: ${lock.holders.join(", ") || "unknown"}`);
  const seen = os.deployments[0];
  const [now] = await readDeployments({ sysroot });
  if (now?.checksum !== seen?.checksum || now?.serial !== seen?.serial) throw busy("its deployments have changed meanwhile");
}

function deployFailure(error: unknown): FailureClass {
  if (!(error instanceof OstreeError)) return "node";
  if (error.code === "signature") return "release";
  return error.retryable && error.code !== "no-space" ? "transient" : "node";
}
