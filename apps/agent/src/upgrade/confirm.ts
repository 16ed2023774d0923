import type { Intent, Permission } from "@treeline/fleet";
import type { BootClock, Logger } from "@treeline/process";
import { RpcError } from "@treeline/rpc";
import type { Confirmation, JournalAttempt } from "@treeline/upgrade";
import type { Session } from "../session/session.ts";

const deadlineMillis = 10_000;
/** How soon a refused or failed question is asked again: a base and a random part, so that a wave does not ask in step. */
const againMillis = { base: 3000, random: 3000 } as const;

/** An answer, and the permission it was asked for with: it is good for no other. */
export interface HeldConfirmation {
  readonly permission: Permission;
  readonly answer: Confirmation;
}

export interface ConfirmStepOptions {
  readonly session: Pick<Session, "confirm">;
  readonly attempt: JournalAttempt;
  readonly permission: Permission;
  readonly bootId: string;
  readonly clock: BootClock;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/**
 * Asks the server for the point of no return. A grant lives from the SENDING of the question on a clock that counts suspend: however long the answer
 * took, it is never younger than the server thinks. A call that fails is a refusal; nothing is ever concluded from silence.
 */
export async function confirm(options: ConfirmStepOptions): Promise<HeldConfirmation> {
  const { session, attempt, permission, bootId, clock, signal, logger } = options;
  const refused = (reason: string): Confirmation => {
    logger.info("not confirmed", { attempt: attempt.ref, reason });
    return { attempt: attempt.ref, granted: false, reason, askAgainAtUptimeMillis: clock.uptimeMs() + againMillis.base + Math.random() * againMillis.random };
  };
  const sentAt = clock.uptimeMs();
  let answer: Confirmation;
  try {
    const question = { attempt: attempt.ref, permission, bootId, checksum: attempt.target.checksum };
    const { granted, ttlMillis, reason } = await session.confirm(question, { deadlineMillis, signal });
    answer = granted ? { attempt: attempt.ref, granted, validUntilUptimeMillis: sentAt + ttlMillis } : refused(reason);
  } catch (error) {
    const remedy = error instanceof RpcError && error.remedy !== "" ? `; ${error.remedy}` : "";
    answer = refused(`the server did not answer: ${error instanceof Error ? error.message : String(error)}${remedy}`);
  }
  return { permission, answer };
}

/** The answer, if it belongs to the permission that the newest intent holds; a grant for an older permission is none. */
export function confirmationFor(intent: Intent | undefined, held: HeldConfirmation | undefined): Confirmation | undefined {
  const permission = intent?.attempt?.permission;
  if (held === undefined || permission === undefined) return undefined;
  return permission.slot === held.permission.slot && permission.epoch === held.permission.epoch ? held.answer : undefined;
}
