import { bootedDeployment, type Checksum, type Deployment, type Intent, type OsState } from "@treeline/fleet";
import type { DeploymentRef } from "./guard.ts";
import type { Journal } from "./journal.ts";

export interface HygieneView {
  readonly os: OsState;
  readonly journal: Journal;
  /** Absent: the server has not said yet what this host shall be. */
  readonly intent?: Intent | undefined;
  /** Refs of ours by name. `keep`: of what a rollback of the whole rollout would lead to; it is never deleted here. */
  readonly refs: { readonly keep: Checksum | undefined; readonly others: ReadonlyMap<string, Checksum> };
  /** Something of pulls that were not finished lies in the repository. */
  readonly leftovers: boolean;
}

/** In this order. All empty: there is nothing to do, and nothing is traversed. */
export interface HygienePlan {
  readonly undeploy: readonly DeploymentRef[];
  /** Refs to commits that nothing deployed needs. */
  readonly release: readonly string[];
  /** `ostree admin cleanup`: frees what no ref and no deployment holds, leftovers of pulls too. It walks through all that is held, so it follows a reason. */
  readonly cleanup: boolean;
  /** Refs whose going frees nothing, because what they point at is deployed. Deleted last: while they are there, a cleanup is still owed. */
  readonly releaseLast: readonly string[];
}

const nothing: HygienePlan = { undeploy: [], release: [], cleanup: false, releaseLast: [] };

/** A host keeps this many deployments that it can boot, if it had them: what runs, and where to go back to. */
const bootableKept = 2;

/**
 * What may go.
 *
 * INVARIANTS
 * - Nothing while an attempt is open, nor while the host does not run what it shall: what was fetched serves the next attempt at it.
 * - A deployment goes only if an attempt of ours is on record for its commit, and it is neither booted, staged, pending, the rollback, pinned nor kept by a
 *   ref; and two that can be booted stay. What an operator deployed is not taken away here, whatever it costs. (ostree
 *   itself drops what is not pinned when a staged deployment is finalized.)
 * - Without a reason there is no cleanup: an idle host does no work.
 */
export function hygienePlan({ os, journal, intent, refs, leftovers }: HygieneView): HygienePlan {
  const booted = bootedDeployment(os);
  if (journal.open !== undefined || booted === undefined || intent === undefined || intent.target.checksum !== booted.checksum)
    return nothing;
  const undeploy = toUndeploy(os, journal, refs.keep);
  const deployed = new Set(os.deployments.filter((one) => !undeploy.includes(one)).map(({ checksum }) => checksum));
  const names = [...refs.others.keys()];
  const isDeployed = (name: string): boolean => deployed.has(refs.others.get(name) ?? "");
  // A ref of the remote that names what is deployed is that deployment's origin.
  const stale = names.filter((name) => !name.includes(":") || !isDeployed(name));
  const release = stale.filter((name) => !isDeployed(name));
  return {
    undeploy: undeploy.map(({ checksum, serial }) => ({ checksum, serial })),
    release,
    cleanup: stale.length > 0 || leftovers,
    releaseLast: stale.filter((name) => !release.includes(name)),
  };
}

function toUndeploy({ deployments }: OsState, { closed, denied }: Journal, keep: Checksum | undefined): readonly Deployment[] {
  // An attempt that was never confirmed has deployed nothing.
  const deployed = closed.filter(({ confirmedBootId }) => confirmedBootId !== undefined);
  const ours = new Set([...deployed.map(({ target }) => target.checksum), ...denied.map(({ checksum }) => checksum)]);
  const bootable = deployments.filter(({ staged }) => !staged);
  const removable = bootable.filter(
    ({ checksum, booted, pending, rollback, pinned }) =>
      !booted && !pending && !rollback && !pinned && checksum !== keep && ours.has(checksum),
  );
  // ostree lists the newest first; the oldest go.
  const most = Math.max(0, bootable.length - bootableKept);
  return most === 0 ? [] : removable.slice(-most);
}
