import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { openSqliteStore } from "./sqlite-store.ts";

const child = fileURLToPath(new URL("./sqlite-durability.child.ts", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "treeline-store-"));
afterAll(() => rmSync(directory, { recursive: true }));

interface WriterRun {
  readonly path: string;
  readonly first: number;
  /** Kill it after so many. */
  readonly acknowledgements?: number;
  /** Let no file of it grow beyond, in KiB: its disk fails then. */
  readonly fileLimit?: number;
}

/** Every line the writer wrote, to its end. */
async function runWriter({ path, first, acknowledgements, fileLimit }: WriterRun): Promise<readonly string[]> {
  const limit = fileLimit === undefined ? "" : `ulimit -f ${fileLimit};`;
  const writer = spawn("bash", ["-c", `${limit} exec "$@"`, "bash", process.execPath, child, path, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(writer, "exit");
  const lines: string[] = [];
  for await (const line of createInterface({ input: writer.stdout })) {
    lines.push(line);
    if (lines.length === acknowledgements) writer.kill("SIGKILL");
  }
  expect(await ended).toEqual(acknowledgements === undefined ? [0, null] : [null, "SIGKILL"]);
  return lines;
}

/**
 * Checks that the database holds whole batches only, from the first without a gap, every acknowledged one among them.
 * Returns how many it holds.
 */
async function expectWhole(path: string, acknowledged: readonly number[]): Promise<number> {
  const store = await openSqliteStore({ path });
  const nodes = new Set((await store.load()).map((change) => (change.kind === "node" ? change.value.id : change.kind)));
  const audited = new Set((await store.readAudit({ limit: 1_000_000 })).map(({ subject }) => subject));
  await store.close();

  const isWhole = (number: number): boolean =>
    ["left", "middle", "right"].every((part) => nodes.has(`${part} ${number}`)) && audited.has(`batch ${number}`);
  expect(acknowledged.filter((number) => !isWhole(number))).toEqual([]);
  let whole = 0;
  while (isWhole(whole)) whole++;
  expect({ nodes: nodes.size, audited: audited.size }).toEqual({ nodes: whole * 3, audited: whole });
  return whole;
}

it(
  "keeps every acknowledged batch, and each batch whole or not at all, when the server is killed at any moment",
  { timeout: 120_000 },
  async () => {
    const path = join(directory, "killed.db");
    const acknowledged: number[] = [];
    let first = 0;
    for (let round = 0; round < 4; round++) {
      const acknowledgements = 1 + Math.floor(Math.random() * 300);
      acknowledged.push(...(await runWriter({ path, first, acknowledgements })).map(Number));
      first = await expectWhole(path, acknowledged);
    }
  },
);

it("stops at the first failed write to the disk, and keeps every acknowledged batch", { timeout: 60_000 }, async () => {
  const path = join(directory, "failed.db");
  const lines = await runWriter({ path, first: 0, fileLimit: 700 });
  expect(lines.slice(-2)).toEqual(["io", "gone"]);
  const acknowledged = lines.slice(0, -2).map(Number);
  expect(acknowledged.length).toBeGreaterThan(0);
  await expectWhole(path, acknowledged);
});
