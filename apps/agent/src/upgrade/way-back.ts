import { OstreeError, setDefault, undeploy } from "@treeline/ostree";
import { findDeployment, type Deployment, type OsState } from "@treeline/fleet";
import { sleep, type Logger } from "@treeline/process";
import type { StepResult } from "./deploy.ts";

/** Between a failure and its report: the plan tries again at once, and what was in the way (a lock) needs a moment to go. */
const pauseMillis = 2000;

export interface WayBackOptions {
  readonly os: OsState;
  readonly deployment: Pick<Deployment, "checksum" | "serial">;
  readonly sysroot?: string | undefined;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** Makes a deployment that is already there the next boot's default, with its own /etc untouched. */
export function makeDefault(options: WayBackOptions): Promise<StepResult> {
  return attempted("the previous deployment could not be made the default", options, (deployment) => setDefault({ sysroot: options.sysroot, deployment }));
}

/** Takes back a deployment of ours that was never booted. */
export function takeBack(options: WayBackOptions): Promise<StepResult> {
  return attempted("the deployment could not be taken back", options, (deployment) => undeploy({ sysroot: options.sysroot, deployment }));
}

async function attempted(what: string, options: WayBackOptions, act: (deployment: Deployment) => Promise<unknown>): Promise<StepResult> {
  const { os, logger, signal } = options;
  const deployment = findDeployment(os, options.deployment);
  if (deployment === undefined) return { ok: false, failure: "needs-operator", reason: `${what}: it is gone` };
  try {
    await act(deployment);
    logger.info("deployments changed", { checksum: deployment.checksum, serial: deployment.serial });
    return { ok: true };
  } catch (error) {
    logger.error(what, { checksum: deployment.checksum, err: error });
    await sleep(pauseMillis, signal);
    const mayPass = error instanceof OstreeError && error.retryable;
    return { ok: false, failure: mayPass ? "transient" : "needs-operator", reason: `${what}: ${error instanceof Error ? error.message : String(error)}` };
  }
}
