import type { Instant } from "@treeline/fleet";

/** Something that was put off and has not run yet. */
export interface Timer {
  /** It never runs then; afterwards, or again, this does nothing. */
  cancel(): void;
}

/** Time as this library needs it: real on the server, virtual in a simulation. */
export interface Clock {
  /** The wall clock: milliseconds since the epoch. It may be set back. */
  now(): Instant;
  /** Runs it when what runs now has ended, and what waits already has had its turn. */
  soon(run: () => void): void;
  /** Runs it once, not before so many milliseconds have passed; whatever the wall clock says. */
  after(millis: number, run: () => void): Timer;
}
