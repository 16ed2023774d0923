import type { Sink } from "../shell.ts";

/** Some lines at the end of a terminal that are replaced in place. */
export interface LiveFrame {
  /** Lines must not be wider than the terminal: a wrapped line would make the next frame begin too low. */
  draw(lines: readonly string[]): void;
}

/** Each frame is one write, so that no half frame is ever seen; the last one stays. */
export function createLiveFrame(sink: Sink): LiveFrame {
  let height = 0;
  return {
    draw(lines) {
      const up = height === 0 ? "" : `\u001b[${height}A`;
      sink.write(`${up}\r${lines.map((line) => `${line}\u001b[K\n`).join("")}\u001b[J`);
      height = lines.length;
    },
  };
}
