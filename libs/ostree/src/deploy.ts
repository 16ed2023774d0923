import { requireName, requireRef } from "./argument.ts";
import { ostree, sysrootArgs } from "./ostree.ts";
import { underSysrootLock } from "./sysroot-lock.ts";
import type { Lockable } from "./sysroot-lock.ts";
import { readDeployments } from "./status.ts";
import type { Deployment } from "./status.ts";

export interface DeployOptions extends Lockable {
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
 * After a failure, an abort above all, read the deployments again: a command killed in its final cleanup has already done its work. @throws OstreeError locked, and whatever ostree says
 */
export async function deploy(options: DeployOptions): Promise<readonly Deployment[]> {
  const { sysroot, osname, stage, lockFile, held, signal } = options;
  const refspec = requireRef(options.refspec, "deploy");
  const subject = { phase: "deploy", subject: refspec };
  const args = [
    "admin",
    "deploy",
    ...sysrootArgs(sysroot),
    `--os=${requireName(osname, "osname", "deploy")}`,
    // Unstaged, ostree drops the rollback deployment at once, and with it the way back. Staged it may not be asked for (and does not happen).
    stage ? "--stage" : "--retain-rollback",
    ...(options.kargsAppend ?? []).map((karg) => `--karg-append=${karg}`),
    ...(options.kargsDelete ?? []).map((karg) => `--karg-delete=${karg}`),
    refspec,
  ];
  await underSysrootLock({ lockFile, held, signal, ...subject }, (descriptor) => ostree({ args, descriptor, signal, ...subject }));
  return readDeployments({ sysroot, signal });
}
