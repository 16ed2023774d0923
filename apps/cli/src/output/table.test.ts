import { expect, it } from "vitest";
import { paintFor } from "./style.ts";
import { clipLine, fieldLines, tableLines, type Column } from "./table.ts";

interface Row {
  readonly name: string;
  readonly size: string;
  readonly note: string;
}

const columns: readonly Column<Row>[] = [
  { title: "NAME", cell: ({ name }) => name, colour: () => "green" },
  { title: "SIZE", cell: ({ size }) => size, align: "right" },
  { title: "NOTE", cell: ({ note }) => note },
];
const rows: readonly Row[] = [
  { name: "web-1", size: "4.2 MiB", note: "" },
  { name: "a-much-longer-name", size: "1 B", note: "two\nlines" },
];

it("aligns columns by their widest cell, without spaces at the end", () => {
  expect(tableLines(columns, rows)).toEqual([
    "NAME                   SIZE  NOTE",
    "web-1               4.2 MiB  -",
    "a-much-longer-name      1 B  two lines",
  ]);
});

it("is never wider than it may be, whatever is painted", () => {
  const bare = (line: string): string => line.replaceAll(/\u001b\[\d+m/g, "");
  for (let width = 1; width <= 45; width++) {
    const painted = tableLines(columns, rows, { width, paint: paintFor(true) });
    for (const line of painted) expect([...bare(line)].length).toBeLessThanOrEqual(width);
    expect(painted.map((line) => bare(line).trimEnd())).toEqual(tableLines(columns, rows, { width, paint: paintFor(false) }));
  }
  expect(tableLines(columns, rows, { width: 45, paint: paintFor(true) })[1]).toContain("\u001b[32mweb-1");
});

it("cuts by characters, not by halves of them", () => {
  expect(clipLine("🙂🙂🙂", 2)).toBe("🙂…");
  expect(clipLine("abc", 3)).toBe("abc");
});

it("lines values up behind their names", () => {
  expect(
    fieldLines([
      ["Name", "x"],
      ["Longest", ""],
    ]),
  ).toEqual(["Name:     x", "Longest:  -"]);
});
