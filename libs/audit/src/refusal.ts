import type { AuditEntry } from "@treeline/rollout";

/** Something that was asked for and not allowed. Texts come from outside: they are cut, and hold no secret because the caller puts none in. */
export interface RefusedRequest {
  /** Who, or `unknown` where nobody proved to be anyone. */
  readonly actor: string;
  readonly from?: string;
  readonly action: string;
  readonly subject: string;
  readonly because: string;
}

interface Window {
  readonly refusal: RefusedRequest;
  readonly endsAt: number;
  repeats: number;
}

/** Different refusals told apart at a time; the others are counted together. */
export const maxRefusalKeys = 1_000;
const windowMillis = 60_000;
const maxText = 300;

/**
 * Makes few audit entries of many refusals: one at once, and at the end of its minute one more that says how often it came again.
 * INVARIANT: at most `maxRefusalKeys` are held; what is beyond becomes one entry a minute.
 */
export class RefusalCollector {
  readonly #windows = new Map<string, Window>();
  #others = 0;
  #othersEndAt = 0;

  /** The entries to write now. */
  note(request: RefusedRequest, now: number): readonly AuditEntry[] {
    const due = this.due(now);
    const refusal = cut(request);
    const key = JSON.stringify([refusal.actor, refusal.from, refusal.action, refusal.subject, refusal.because]);
    const window = this.#windows.get(key);
    if (window !== undefined) {
      window.repeats++;
      return due;
    }
    if (this.#windows.size >= maxRefusalKeys) {
      if (this.#others++ === 0) this.#othersEndAt = now + windowMillis;
      return due;
    }
    this.#windows.set(key, { refusal, endsAt: now + windowMillis, repeats: 0 });
    return [...due, entryOf(refusal, now)];
  }

  /** The entries of minutes that are over; to be asked for now and then, and with `Infinity` for `until` at the end. */
  due(now: number, until = now): readonly AuditEntry[] {
    const entries: AuditEntry[] = [];
    for (const [key, { refusal, endsAt, repeats }] of this.#windows) {
      // In the order in which they began, so also in that in which they end.
      if (endsAt > until) break;
      this.#windows.delete(key);
      if (repeats > 0) entries.push(entryOf({ ...refusal, because: `${repeats} times more: ${refusal.because}` }, now));
    }
    if (this.#others > 0 && this.#othersEndAt <= until) {
      const because = `${this.#others} further refusals, more different ones at a time than are told apart`;
      entries.push({ at: now, actor: "server", action: "refusals", subject: "audit", because, outcome: "refused" });
      this.#others = 0;
    }
    return entries;
  }
}

function entryOf({ from, ...refusal }: RefusedRequest, at: number): AuditEntry {
  return { at, ...refusal, ...(from === undefined ? {} : { from }), outcome: "refused" };
}

function cut({ actor, from, action, subject, because }: RefusedRequest): RefusedRequest {
  const short = (text: string): string => text.slice(0, maxText);
  return {
    ...(from === undefined ? {} : { from: short(from) }),
    ...{ actor: short(actor), action: short(action), subject: short(subject), because: short(because) },
  };
}
