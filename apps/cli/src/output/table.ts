import { printable } from "./format.ts";
import type { Colour, Paint } from "./style.ts";

export interface Column<Row> {
  readonly title: string;
  /** Empty text is shown as "-". */
  readonly cell: (row: Row) => string;
  readonly align?: "left" | "right";
  readonly colour?: (row: Row) => Colour | undefined;
}

export interface TableLimits {
  /** Columns of the terminal; longer lines are cut. */
  readonly width: number;
  readonly paint: Paint;
}

const gap = "  ";
const unlimited: TableLimits = { width: Number.POSITIVE_INFINITY, paint: (_colour, text) => text };

/** Lines of a table with a head, columns as wide as their widest cell. No trailing spaces. */
export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[], limits: TableLimits = unlimited): readonly string[] {
  const head = columns.map(({ title }) => title);
  const body = rows.map((row) => columns.map(({ cell }) => printable(cell(row)) || "-"));
  const widths = columns.map((_, index) => Math.max(...[head, ...body].map((line) => textWidth(line[index] ?? ""))));
  const line = (cells: readonly string[], colourOf: (column: Column<Row>) => Colour | undefined): string => {
    let left = limits.width;
    let painted = "";
    for (const [index, column] of columns.entries()) {
      const text = cells[index] ?? "";
      const space = " ".repeat((widths[index] ?? 0) - textWidth(text));
      const last = index === columns.length - 1;
      // Cut before it is painted: colours take no room on the screen.
      const shown = clipLine(column.align === "right" ? space + text : last ? text : text + space, left);
      left -= textWidth(shown) + gap.length;
      painted += limits.paint(colourOf(column), shown) + (last || left <= 0 ? "" : gap);
      if (left <= 0) break;
    }
    return painted.trimEnd();
  };
  return [line(head, () => undefined), ...rows.map((row, index) => line(body[index] ?? [], ({ colour }) => colour?.(row)))];
}

/** Names and values beside each other, for one thing. */
export function fieldLines(fields: readonly (readonly [name: string, value: string])[]): readonly string[] {
  const widest = Math.max(...fields.map(([name]) => textWidth(name)));
  return fields.map(([name, value]) => `${name}:${" ".repeat(widest - textWidth(name))}${gap}${printable(value) || "-"}`);
}

/** Cuts a line to so many columns; what was cut is marked. */
export function clipLine(line: string, columns: number): string {
  const characters = [...line];
  return characters.length <= columns ? line : `${characters.slice(0, Math.max(0, columns - 1)).join("")}…`;
}

function textWidth(text: string): number {
  return [...text].length;
}
