import { createHash } from "node:crypto";

/**
 * All that happened in one run, line by line: its hash tells whether two runs were the same to the byte. The lines themselves are kept only when
 * somebody will read them.
 */
export class EventLog {
  readonly #hash = createHash("sha256");
  readonly #lines: string[] | undefined;

  constructor({ keep }: { readonly keep: boolean }) {
    this.#lines = keep ? [] : undefined;
  }

  note(at: number, line: string): void {
    const full = `${at} ${line}\n`;
    this.#hash.update(full);
    this.#lines?.push(`${readableTime(at)}  ${line}`);
  }

  get lines(): readonly string[] {
    return this.#lines ?? [];
  }

  /** Of what was noted until now. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }
}

/** Virtual time since the beginning, such as `01:02:03.004`. */
export function readableTime(millis: number): string {
  const part = (value: number, digits: number): string => String(Math.floor(value)).padStart(digits, "0");
  return `${part(millis / 3_600_000, 2)}:${part((millis / 60_000) % 60, 2)}:${part((millis / 1000) % 60, 2)}.${part(millis % 1000, 3)}`;
}
