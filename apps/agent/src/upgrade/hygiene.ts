import { setTimeout } from "node:timers/promises";
import type { OsState } from "@treeline/fleet";
import { cleanup, deleteRef, hasLeftovers, heldLocks, listRefs, OstreeError, undeploy } from "@treeline/ostree";
import type { Logger } from "@treeline/process";
import { hygienePlan, type HygieneView } from "@treeline/upgrade";
import { baseHold, keepHold, remoteName, targetHold } from "./holds.ts";

const lockLooks = 8;
const lockPauseMillis = 250;

export type TidyView = Pick<HygieneView, "os" | "journal" | "intent">;

export interface HygieneOptions {
  readonly repo: string;
  readonly sysroot?: string | undefined;
  /** Shared with the boot guard. */
  readonly lockFile?: string | undefined;
  readonly logger: Logger;
}

/**
 * Keeps the disk of a host clean: what ended attempts have left goes, by ostree's own commands, once nobody needs it (hygienePlan). Returns what to call whenever no
 * child of ours is alive; it looks at the disk only when the attempts, the intent or the deployments are others than when it last came to an end.
 */
export function hostHygiene(options: HygieneOptions): (view: TidyView) => Promise<void> {
  const { repo, sysroot, lockFile, logger } = options;
  let tidied: string | undefined;
  return async (view) => {
    const seen = standing(view);
    if (seen === tidied) return;
    try {
      const plan = hygienePlan({ ...view, refs: await ourRefs(repo), leftovers: await hasLeftovers(repo) });
      const hasWork = plan.undeploy.length > 0 || plan.release.length > 0 || plan.cleanup;
      // A long transaction would be waited for, and meanwhile nothing else of ours would run.
      if (hasWork && !(await isFreeSoon(sysroot))) return;
      for (const id of plan.undeploy) {
        const deployment = view.os.deployments.find(({ checksum, serial }) => checksum === id.checksum && serial === id.serial);
        if (deployment !== undefined) await undeploy({ sysroot, lockFile, deployment });
      }
      for (const ref of plan.release) await deleteRef({ repo, ref });
      if (plan.cleanup) await cleanup({ sysroot, lockFile });
      for (const ref of plan.releaseLast) await deleteRef({ repo, ref });
      if (hasWork) logger.info("tidied", { undeployed: plan.undeploy.map(({ checksum, serial }) => `${checksum}.${serial}`), released: [...plan.release, ...plan.releaseLast] });
      tidied = seen;
    } catch (err) {
      // What passes is tried again at the next look; what stays would be the same then, and only costs disk.
      if (!(err instanceof OstreeError && err.retryable)) tidied = seen;
      logger.warn("what ended attempts have left could not be removed; it only takes disk space", { err });
    }
  };
}

/** Whether nobody else holds a lock of libostree, now or after a short command's time. */
async function isFreeSoon(sysroot: string | undefined): Promise<boolean> {
  for (let looks = 0; (await heldLocks({ sysroot })).length > 0; looks++) {
    if (looks === lockLooks) return false;
    await setTimeout(lockPauseMillis);
  }
  return true;
}

/** What a plan depends on, but for the disk. */
function standing({ os, journal, intent }: TidyView): string {
  const deployments = deploymentsText(os);
  return JSON.stringify([deployments, journal.open?.ref, journal.closed.at(-1)?.attempt, intent?.target.checksum]);
}

const deploymentsText = ({ deployments }: OsState): readonly string[] =>
  deployments.map(({ checksum, serial, booted, pending, staged, rollback, pinned }) => `${checksum}.${serial} ${[booted, pending, staged, rollback, pinned].join()}`);

async function ourRefs(repo: string): Promise<HygieneView["refs"]> {
  const refs = await listRefs({ repo });
  const others = [...refs].filter(([name]) => name === targetHold || name === baseHold || name.startsWith(`${remoteName}:`));
  return { keep: refs.get(keepHold), others: new Map(others) };
}
