export type Colour = "green" | "red" | "yellow" | "cyan" | "dim" | "bold";

const codes: Readonly<Record<Colour, readonly [on: number, off: number]>> = {
  green: [32, 39],
  red: [31, 39],
  yellow: [33, 39],
  cyan: [36, 39],
  dim: [2, 22],
  bold: [1, 22],
};

/** Paints text, or leaves it as it is. */
export type Paint = (colour: Colour | undefined, text: string) => string;

export function paintFor(wanted: boolean): Paint {
  if (!wanted) return (_colour, text) => text;
  return (colour, text) => {
    if (colour === undefined) return text;
    const [on, off] = codes[colour];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  };
}
