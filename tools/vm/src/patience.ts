import { setTimeout as sleep } from "node:timers/promises";
import { VmError } from "./vm-error.ts";

const pollMillis = 300;

export interface PatienceOptions {
  /** Milliseconds without any progress after which a wait is given up. */
  readonly stallMillis: number;
  /** On the clock of `performance.now()`: when every wait is given up. */
  readonly deadline: number;
  /** Changes whenever anything moves, such as the lengths of the machines' consoles. */
  readonly pulse: () => string;
  /** Ends every wait. */
  readonly signal: AbortSignal;
}

/**
 * Waits for things that emulation may make many times slower than they are: as long as anything moves (a console, or the last answer), nothing is given up.
 * Seconds decide only when nothing has moved for `stallMillis`, and at the end of the whole run.
 */
export class Patience {
  readonly #options: PatienceOptions;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /**
   * Asks again until the answer satisfies; an error of `ask` is an answer that does not. @throws VmError "gave-up" with the last answer in its message
   */
  async until<Answer>(what: string, ask: () => Promise<Answer> | Answer, holds: (answer: Answer) => boolean): Promise<Answer> {
    const { stallMillis, deadline, pulse, signal } = this.#options;
    let last = "nothing yet";
    let seen = "";
    let movedAt = performance.now();
    let asked: Promise<{ readonly answer: Answer } | { readonly error: unknown }> | undefined;
    for (;;) {
      signal.throwIfAborted();
      asked ??= Promise.resolve()
        .then(ask)
        .then(
          (answer) => ({ answer }),
          (error: unknown) => ({ error }),
        );
      // An answer may take as long as it likes: an emulated machine that is booting gives none.
      const got = await Promise.race([asked, sleep(pollMillis)]);
      if (got !== undefined) {
        if ("answer" in got && holds(got.answer)) return got.answer;
        last = "answer" in got ? shown(got.answer) : shown(got.error);
        asked = undefined;
        await sleep(pollMillis);
      }
      const now = performance.now();
      const moved = `${pulse()} ${last}`;
      if (moved !== seen) {
        seen = moved;
        movedAt = now;
      }
      if (now - movedAt > stallMillis) throw gaveUp(what, `nothing has moved for ${Math.round(stallMillis / 1000)} s`, last);
      if (now > deadline) throw gaveUp(what, "the time for the whole run is used up", last);
    }
  }
}

function shown(answer: unknown): string {
  return (answer instanceof Error ? answer.message : (JSON.stringify(answer) ?? "nothing")).slice(0, 2000);
}

function gaveUp(what: string, why: string, last: string): VmError {
  return new VmError({ code: "gave-up", phase: "wait", subject: what, reason: `${why}; the last answer was ${last}` });
}
