import type { AttemptRef, Deployment, Health, Intent, OsState, Permission, Target } from "@treeline/fleet";
import type { DeploymentRef, GuardOrder, GuardState } from "./guard.ts";
import type { HookKind } from "./hooks.ts";
import type { Journal, JournalAttempt } from "./journal.ts";

/** All that the next step depends on, read just now with no `ostree` child of the agent alive. */
export interface View {
  /** Milliseconds on a clock that counts suspend, such as /proc/uptime. Never a wall clock. */
  readonly uptimeMillis: number;
  readonly os: OsState;
  readonly journal: Journal;
  /** The newest intent of this process's session; absent until one was received. */
  readonly intent?: Intent;
  readonly session: {
    /** The session is up now. */
    readonly up: boolean;
    /** It has been up since this boot. */
    readonly seenThisBoot: boolean;
  };
  /** Checks of this boot, and the uptime at which they were begun. */
  readonly health: Health;
  readonly checkedAtUptimeMillis?: number;
  /** The newest answer to Confirm in this process; absent until asked, gone after use. */
  readonly confirmation?: Confirmation;
  /** The kinds of hooks that this host has programs for. Absent: none. */
  readonly hooks?: readonly HookKind[];
  /** Who does not want the host to be rebooted just now: inhibitors, an update lock. Only looked at while draining. Absent: nobody. */
  readonly heldBy?: readonly string[];
  /** What the boot guard says. Absent: this host has none, or it cannot be asked. */
  readonly guard?: GuardState;
  readonly limits: Limits;
}

/** An answer to Confirm, good for the attempt it was asked for. A refusal asks for patience, a grant for action within its time to live. */
export type Confirmation = { readonly attempt: AttemptRef } & (
  | { readonly granted: true; readonly validUntilUptimeMillis: number }
  | { readonly granted: false; readonly reason: string; readonly askAgainAtUptimeMillis: number }
);

export interface Limits {
  /** How long after the first boot of a new commit the session may take to come back. */
  readonly sessionMillis: number;
  /** How long after asking for a reboot to ask again. */
  readonly rebootMillis: number;
  /** How often the required checks run again during a soak, and while they are red with no attempt open. */
  readonly checkMillis: number;
  /** How long an upgrade that has its slot waits at most for those who hold the host. */
  readonly holdMillis: number;
}

/** What to do next. `journal`, when present, is written durably before anything of the step is done. */
export type Step =
  | { readonly do: "wait"; readonly journal?: Journal; readonly untilUptimeMillis?: number }
  | { readonly do: "run-checks"; readonly journal?: Journal }
  /** Metadata, signature, content, local ref; ends in `staged` or a failure. `maxBytesPerSecond`: as the order of this moment has it. */
  | { readonly do: "stage"; readonly journal?: Journal; readonly target: Target; readonly maxBytesPerSecond?: number }
  | { readonly do: "confirm"; readonly journal?: Journal; readonly attempt: JournalAttempt; readonly permission: Permission }
  /** A host's owner's programs. `attempt`: what they run for, as it stands with `journal` written. */
  | { readonly do: "run-hooks"; readonly journal?: Journal; readonly kind: HookKind; readonly attempt: JournalAttempt }
  /** `arm`: the boot guard is told first; without its word nothing is deployed. */
  | { readonly do: "deploy"; readonly journal?: Journal; readonly target: Target; readonly arm?: GuardOrder }
  /** The boot guard has nothing to watch (any more). `proven`: nor ever again, for this deployment. */
  | { readonly do: "disarm"; readonly journal?: Journal; readonly proven?: DeploymentRef }
  | ({ readonly do: "set-default" } & Change)
  | ({ readonly do: "undeploy" } & Change)
  /** `ignoreInhibitors`: those who hold the host were waited for long enough, or it must leave what it runs. */
  | { readonly do: "reboot"; readonly journal?: Journal; readonly because: string; readonly ignoreInhibitors?: true };

/** A change to a deployment that is there. `underGrant`: done only while the answer to Confirm is still good, as a `deploy` is. */
export interface Change {
  readonly journal?: Journal;
  readonly deployment: Pick<Deployment, "checksum" | "serial">;
  readonly underGrant?: true;
}
