import { OstreeError, setDefault, underSysrootLock, undeploy } from "@treeline/ostree";
import { findDeployment, type Deployment, type OsState } from "@treeline/fleet";
import { sleep, type Logger } from "@treeline/process";
import { requireQuietHost, type StepResult } from "./deploy.ts";

/** Between a failure and its report: the plan tries again at once, and what was in the way (a lock) needs a moment to go. */
const pauseMillis = 2000;

export interface WayBackOptions {
  readonly os: OsState;
  readonly deployment: Pick<Deployment, "checksum" | "serial">;
  readonly sysroot?: string | undefined;
  /** What keeps the boot guard and the agent out of each other's way; absent: nobody is kept out. */
  readonly lockFile?: string | undefined;
  /** For a change that needs a grant: asked at the very last moment, whether it still holds. */
  readonly mayAct?: (() => boolean) | undefined;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** Makes a deployment that is already there the next boot's default, with its own /etc untouched. */
export function makeDefault(options: WayBackOptions): Promise<StepResult | "expired"> {
  return attempted("the deployment could not be made the default", options, (deployment, held) => setDefault({ sysroot: options.sysroot, deployment, held }));
}

/** Takes back a deployment that was never booted. */
export function takeBack(options: WayBackOptions): Promise<StepResult | "expired"> {
  return attempted("the deployment could not be taken back", options, (deployment, held) => undeploy({ sysroot: options.sysroot, deployment, held }));
}

async function attempted(what: string, options: WayBackOptions, act: (deployment: Deployment, held: number | undefined) => Promise<unknown>): Promise<StepResult | "expired"> {
  const { os, logger, signal, mayAct } = options;
  const deployment = findDeployment(os, options.deployment);
  // Under a grant nothing has happened yet, and another attempt can come; the attempt's own way back is the last that can be done.
  const gone = mayAct === undefined ? "needs-operator" : "transient";
  if (deployment === undefined) return { ok: false, failure: gone, reason: `${what}: it is gone` };
  try {
    const acted = await underSysrootLock({ lockFile: options.lockFile, phase: "change deployments", subject: deployment.checksum }, async (held) => {
      if (mayAct !== undefined) await requireQuietHost(options);
      if (mayAct !== undefined && !mayAct()) return false;
      await act(deployment, held);
      return true;
    });
    if (!acted) return "expired";
    logger.info("deployments changed", { checksum: deployment.checksum, serial: deployment.serial });
    return { ok: true };
  } catch (error) {
    logger.error(what, { checksum: deployment.checksum, err: error });
    await sleep(pauseMillis, signal);
    const mayPass = error instanceof OstreeError && error.retryable;
    return { ok: false, failure: mayPass ? "transient" : mayAct === undefined ? "needs-operator" : "node", reason: `${what}: ${error instanceof Error ? error.message : String(error)}` };
  }
}
