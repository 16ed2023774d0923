import { OstreeError } from "./ostree-error.ts";
import { ostree, sysrootArgs } from "./ostree.ts";
import { underSysrootLock } from "./sysroot-lock.ts";
import type { Lockable } from "./sysroot-lock.ts";
import { deploymentName, findDeployment } from "./status.ts";
import type { DeploymentId } from "./status.ts";

/**
 * Removes one deployment (also a staged or pending one, which takes it back). ostree's command takes an index, and indices shift; so the deployment
 * is found again by commit and serial right before. Between the two commands nobody else may change the deployments: callers work one at a time, and
 * whoever else works on this host is kept out by the lock. @throws OstreeError not-found-deployment, deployment-in-use, locked
 */
export async function undeploy(
  options: { readonly sysroot?: string | undefined; readonly deployment: DeploymentId } & Lockable,
): Promise<void> {
  const { lockFile, held, signal, deployment } = options;
  await underSysrootLock({ lockFile, held, signal, phase: "undeploy", subject: deploymentName(deployment) }, (descriptor) =>
    undeployLocked({ ...options, descriptor }),
  );
}

async function undeployLocked(options: {
  readonly sysroot?: string | undefined;
  readonly deployment: DeploymentId;
  readonly descriptor: number | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  const { sysroot, deployment, descriptor, signal } = options;
  const { index, booted } = await findDeployment({ sysroot, deployment, signal, phase: "undeploy" });
  if (booted) {
    throw new OstreeError({
      code: "deployment-in-use",
      phase: "undeploy",
      subject: deploymentName(deployment),
      reason: "it is the booted deployment",
      remedy: "Boot another deployment first.",
    });
  }
  await ostree({
    args: ["admin", "undeploy", ...sysrootArgs(sysroot), String(index)],
    phase: "undeploy",
    subject: deploymentName(deployment),
    descriptor,
    signal,
  });
}
