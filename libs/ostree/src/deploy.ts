import { requireName, requireRef } from "./argument.ts";
import { ostree, sysrootArgs } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";
import { readDeployments } from "./status.ts";
import type { Deployment } from "./status.ts";

export interface DeployOptions extends Cancellable {
  readonly sysroot?: string | undefined;
  readonly osname: string;
  /**
   * `remote:ref` that points at the commit. Never a bare checksum: ostree would write the checksum as the origin, and a later `ostree admin upgrade`
   * fails on that.
   */
  readonly refspec: string;
  /** Finish at shutdown (booted host only), where /etc is merged at the last moment. Otherwise the new deployment is the default at once. */
  readonly stage: boolean;
  readonly kargsAppend?: readonly string[];
  readonly kargsDelete?: readonly string[];
}

/**
 * Deploys what `refspec` points at; /etc and kernel arguments come from the booted (else newest) deployment by ostree's own merge. Returns what ostree
 * says afterwards, the new deployment first.
 *
 * After a failure, an abort above all, read the deployments again: a command killed in its final cleanup has already done its work. @throws OstreeError
 */
export async function deploy(options: DeployOptions): Promise<readonly Deployment[]> {
  const { sysroot, osname, stage, signal } = options;
  const refspec = requireRef(options.refspec, "deploy");
  await ostree({
    args: [
      "admin",
      "deploy",
      ...sysrootArgs(sysroot),
      `--os=${requireName(osname, "osname", "deploy")}`,
      // Unstaged, ostree drops the rollback deployment at once, and with it the way back. Staged it may not be asked for (and does not happen).
      stage ? "--stage" : "--retain-rollback",
      ...(options.kargsAppend ?? []).map((karg) => `--karg-append=${karg}`),
      ...(options.kargsDelete ?? []).map((karg) => `--karg-delete=${karg}`),
      refspec,
    ],
    phase: "deploy",
    subject: refspec,
    signal,
  });
  return readDeployments({ sysroot, signal });
}
