import { inPrivateNamespace } from "./mount-namespace.ts";
import { OstreeError } from "./ostree-error.ts";
import { ostree, runTool, sysrootArgs } from "./ostree.ts";
import { python } from "./python.ts";
import { underSysrootLock } from "./sysroot-lock.ts";
import type { Lockable } from "./sysroot-lock.ts";
import { deploymentName, findDeployment, readDeployments, sameDeployment } from "./status.ts";
import type { Deployment, DeploymentId } from "./status.ts";

/**
 * The way back: makes a deployment that is already there the default of the next boot, with its own /etc untouched. (Deploying its commit again would
 * not do: that merges the /etc of the deployment one wants to leave.) Refused while another deployment is staged: it would become the default at shutdown,
 * and may be an operator's. Whoever knows that it is not undeploys it before.
 *
 * Through `ostree admin set-default` where ostree has it, else through libostree (GObject introspection: python3-gi and gir1.2-ostree-1.0).
 * Returns what ostree says afterwards, with the deployment first. @throws OstreeError not-found-deployment, deployment-in-use, tool-missing,
 * locked
 */
export async function setDefault(
  options: { readonly sysroot?: string | undefined; readonly deployment: DeploymentId } & Lockable,
): Promise<readonly Deployment[]> {
  const { lockFile, held, signal, deployment } = options;
  return underSysrootLock({ lockFile, held, signal, phase: "set default", subject: deploymentName(deployment) }, (descriptor) =>
    setDefaultLocked({ ...options, descriptor }),
  );
}

async function setDefaultLocked(options: {
  readonly sysroot?: string | undefined;
  readonly deployment: DeploymentId;
  readonly descriptor: number | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<readonly Deployment[]> {
  const { sysroot, deployment, descriptor, signal } = options;
  const subject = deploymentName(deployment);
  await findDeployment({ sysroot, deployment, signal, phase: "set default" });
  const staged = (await readDeployments({ sysroot, signal })).find((candidate) => candidate.staged);
  if (staged !== undefined && sameDeployment(staged, deployment)) {
    throw new OstreeError({
      code: "bad-input",
      phase: "set default",
      subject,
      reason: "deployment: it is staged, and becomes the default when the host shuts down",
      remedy: "Reboot, or undeploy it if it shall not boot.",
    });
  }
  if (staged !== undefined) {
    throw new OstreeError({
      code: "deployment-in-use",
      phase: "set default",
      subject,
      reason: `${deploymentName(staged)} is staged and would be dropped`,
      remedy: "Boot it, or take it back (ostree admin undeploy).",
      retryable: true,
    });
  }
  if (await hasSetDefault(signal)) {
    const { index } = await findDeployment({ sysroot, deployment, signal, phase: "set default" });
    const args = ["admin", "set-default", ...sysrootArgs(sysroot), String(index)];
    await ostree({ args, phase: "set default", subject, descriptor, signal });
  } else {
    const script = python("set-default.py", [sysroot ?? "/", deployment.osname, deployment.checksum, String(deployment.serial)]);
    // libostree remounts /sysroot and /boot for writing when it is told that the mount namespace is its own.
    const namespace = sysroot === undefined ? inPrivateNamespace(script.command, script.args) : undefined;
    await runTool({ ...script, ...namespace, phase: "set default", subject, descriptor, signal });
  }
  const after = await readDeployments({ sysroot, signal });
  if (after[0] && sameDeployment(after[0], deployment)) return after;
  throw new OstreeError({
    code: "unexpected-output",
    phase: "set default",
    subject,
    reason: `the command ended well, but the default is ${after[0] ? deploymentName(after[0]) : "nothing"}`,
    remedy: "Another tool changes deployments on this host; stop it, then try again.",
    retryable: true,
  });
}

/** Whether this ostree has `admin set-default` (2022.7 has not). */
export async function hasSetDefault(signal: AbortSignal | undefined): Promise<boolean> {
  const { stdout, stderr } = await ostree({ args: ["admin", "--help"], phase: "set default", subject: "ostree admin --help", signal });
  return /^\s+set-default\s/m.test(stdout + stderr);
}

/** Whether an ostree has `admin set-default`, by the text of its program: the table of its commands names it. For one that cannot be run: a release's. Pure. */
export const namesSetDefault = (program: string): boolean => program.includes("set-default\0");
