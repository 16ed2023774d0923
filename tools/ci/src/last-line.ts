/** The last line that is not blank of a text that arrives in pieces, in bounded memory. */
export class LastLine {
  /** Characters; of a longer line only the end is kept. */
  static readonly longest = 64 * 1024;

  #text = "";

  add(piece: string): void {
    const lines = (this.#text + piece).split("\n");
    const open = lines.pop() ?? "";
    const closed = lines.findLast((line) => line.trim() !== "");
    this.#text = (closed === undefined ? "" : `${closed.slice(-LastLine.longest)}\n`) + open.slice(-LastLine.longest);
  }

  toString(): string {
    return this.#text.split("\n").findLast((line) => line.trim() !== "") ?? "";
  }
}
