import { type Backoff, sleep, type Logger } from "@treeline/process";
import { EnrollmentError } from "./enrollment-error.ts";
import { type NodeIdentity, readIdentity } from "./identity-file.ts";

/** How often a try is repeated that fails until a person does something. The token file is read again each time. */
const personMillis = 60_000;

/**
 * The identity of this host; joins the fleet first where it has not. Tries for ever: what fails with the server away is tried again with `backoff`, what
 * needs a person once a minute, with the remedy in the log. Undefined when the signal aborts.
 */
export async function awaitIdentity(options: {
  readonly stateDirectory: string;
  readonly tokenFile: string;
  readonly backoff: Backoff;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}): Promise<NodeIdentity | undefined> {
  const { stateDirectory, signal, logger, backoff } = options;
  while (!signal.aborted) {
    try {
      const known = await readIdentity(stateDirectory);
      if (known !== undefined) return known;
      // Loaded only when needed: an enrolled agent does without the certificate library for the rest of its life.
      const { enroll } = await import("./enroll.ts");
      return await enroll(options);
    } catch (error) {
      if (!(error instanceof EnrollmentError)) logger.error("enrollment failed; it will be tried again", { err: error });
      else if (error.mayPass) logger.warn(error.message, { code: error.code, subject: error.subject });
      else logger.error(error.message, { code: error.code, subject: error.subject });
      await sleep(error instanceof EnrollmentError && error.mayPass ? backoff.nextDelayMs() : personMillis, signal);
    }
  }
  return undefined;
}
