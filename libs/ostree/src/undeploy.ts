import { OstreeError } from "./ostree-error.ts";
import { ostree, sysrootArgs } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";
import { deploymentName, findDeployment } from "./status.ts";
import type { DeploymentId } from "./status.ts";

/**
 * Removes one deployment (also a staged or pending one, which takes it back). ostree's command takes an index, and indices shift; so the deployment
 * is found again by commit and serial right before. Between the two commands nobody else may change the deployments: callers work one at a time.
 * @throws OstreeError not-found-deployment, deployment-in-use
 */
export async function undeploy(
  options: { readonly sysroot?: string | undefined; readonly deployment: DeploymentId } & Cancellable,
): Promise<void> {
  const { sysroot, deployment, signal } = options;
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
    signal,
  });
}
