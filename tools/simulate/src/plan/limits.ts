/** How agents of a run are set up, as in their configuration's defaults. In milliseconds. */
export const hostLimits = { sessionMillis: 600_000, rebootMillis: 300_000, checkMillis: 60_000, holdMillis: 600_000 } as const;

export const heartbeatMillis = 3_000;
export const leaseMillis = 12_000;

/** A side that hears nothing finds out so long after the last message: the lease, less what had passed since the last heartbeat. */
export const silenceMillis = leaseMillis - heartbeatMillis / 2;

/** How long an agent waits for its welcome, and for an answer to Confirm. */
export const welcomeMillis = 15_000;
export const answerMillis = 10_000;
