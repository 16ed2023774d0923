import type { AttemptRef, Checksum, Deployment } from "@treeline/fleet";

/** One deployment of this host, whatever place in the list it has. */
export type DeploymentRef = Pick<Deployment, "checksum" | "serial">;

/**
 * What the boot guard is told before the host may boot something new: which deployment to watch, and where to go back to. Written durably before `deploy`, when
 * the serial is not known yet: any deployment of the target that was not there before is ours.
 */
export interface GuardOrder {
  readonly attempt: AttemptRef;
  readonly target: Checksum;
  readonly earlierSerials: readonly number[];
  readonly base: DeploymentRef;
}

/** What the boot guard did: it made `to` the next default and asked for a reboot, or is about to. */
export interface GuardReturn {
  readonly from: DeploymentRef;
  readonly to: DeploymentRef;
  /** Boots of `from` that it counted, this one included. */
  readonly boots: number;
  /** `boots`: the last boot that was allowed. `deadline`: the time after a boot was over. Both without the required checks having passed once. */
  readonly because: "boots" | "deadline";
}

/** What the boot guard left undone: it would have gone back from `from`, but `next` is what the next boot runs, and that is an operator's. */
export interface GuardStay extends Pick<GuardReturn, "from" | "boots" | "because"> {
  readonly next: DeploymentRef;
}

/** The boot guard of this host, as its own program says. */
export interface GuardState {
  readonly armed?: GuardOrder;
  readonly returned?: GuardReturn;
  readonly stayed?: GuardStay;
}
