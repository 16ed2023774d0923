/** Where text goes, and what is known about who reads it. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** What a command knows of the world it was started in. Standard output is for data alone; everything said to people goes to `err`. */
export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly stdin: AsyncIterable<string | Uint8Array>;
  readonly out: Sink;
  readonly err: Sink;
  /** Milliseconds since the epoch. Only for display. */
  readonly now: () => number;
}

/** Whether text with colours is welcome: a terminal that can show them and nobody who declined (https://no-color.org). */
export function wantsColour(sink: Sink, env: Shell["env"]): boolean {
  return sink.isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}

export function say(shell: Shell, message: string): void {
  shell.err.write(`${message}\n`);
}
