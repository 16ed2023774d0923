import { sleep } from "@treeline/process";
import type { ProgramResult } from "./run-program.ts";

/** One health check, whatever it looks at. */
export interface Check {
  readonly name: string;
  /** Another name, for when an earlier check has that one. */
  readonly path: string;
  readonly required: boolean;
  /** Never rejects. After `signal` aborted the result is worth nothing. */
  run(signal: AbortSignal): Promise<ProgramResult>;
}

const pauseMillis = 1000;

export interface Try {
  /** What is left of the check's time. */
  readonly timeoutMillis: number;
  /** Aborts when the check's time is over, or the check is stopped. */
  readonly end: AbortSignal;
}

/**
 * Tries until it passes once or the time is over: shortly after a boot a service may still be starting. `once` returns a result in any case, and soon after `end`
 * aborted.
 */
export async function untilPassed(
  { timeoutMillis, signal }: { readonly timeoutMillis: number; readonly signal: AbortSignal },
  once: (aTry: Try) => Promise<ProgramResult>,
): Promise<ProgramResult> {
  const endsAt = performance.now() + timeoutMillis;
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), timeoutMillis);
  const end = AbortSignal.any([signal, over.signal]);
  try {
    let last: ProgramResult | undefined;
    for (let tries = 1; ; tries++) {
      const result = await once({ timeoutMillis: Math.max(1, Math.ceil(endsAt - performance.now())), end });
      if (result.passed || signal.aborted) return result;
      // What was cut off says less than what came to its own end.
      if (last === undefined || !end.aborted) last = result;
      await sleep(pauseMillis, end);
      if (end.aborted) return { passed: false, output: `${last.output} (tried ${tries === 1 ? "once" : `${tries} times`} within ${timeoutMillis / 1000} s)` };
    }
  } finally {
    clearTimeout(timer);
  }
}
