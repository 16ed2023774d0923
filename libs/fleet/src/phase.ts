/**
 * A node's update phase. Staging takes no slot; Draining to the end of Soaking holds one.
 * Finalizing = confirmed, deployment being written, reboot asked for: the confirmation is the point of no return.
 */
export type UpdatePhase =
  | "Idle"
  | "Staging"
  | "Staged"
  | "Draining"
  | "Finalizing"
  | "Rebooting"
  | "Verifying"
  | "Soaking"
  | "Updated"
  | "RolledBack"
  | "Failed"
  | "Lost"
  | "NotEligible";

/**
 * Why an attempt failed.
 * - `transient`: network, disk busy; retryable.
 * - `never-booted`: power cut before finalization, failed finalize; retryable, nothing denied.
 * - `unreachable`: gone back because the server was away; retryable, not denied, counted by no gate.
 * - `node`: this host cannot (no space, tools missing).
 * - `release`: the commit itself is refused (unsigned, wrongly signed, corrupt).
 * - `operator`: a person deployed or booted something else meanwhile.
 * - `needs-operator`: no automatic way is left.
 */
export type FailureClass = "transient" | "never-booted" | "unreachable" | "node" | "release" | "operator" | "needs-operator";

/** What brought a node back to its previous commit. */
export type RollbackCause = "required-check" | "no-session" | "boot-guard" | "unproven";

const retryable: ReadonlySet<FailureClass> = new Set<FailureClass>(["transient", "never-booted", "unreachable"]);

export function isRetryable(failure: FailureClass): boolean {
  return retryable.has(failure);
}
