import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type JournalOptions, openJournal } from "./journal-file.ts";
import { startChild } from "./test-child.ts";
import { temporaryDirectory } from "./test-directory.ts";

interface Attempts {
  readonly attempts: readonly string[];
  readonly note?: string | undefined;
}

const schema: z.ZodType<Attempts> = z.object({ attempts: z.array(z.string()), note: z.string().optional() });

function at(dir: string, version = 2): JournalOptions<Attempts> {
  return { path: path.join(dir, "journal.json"), schema, version, empty: () => ({ attempts: [] }) };
}

async function written(dir: string, version = 2, value: Attempts = { attempts: ["a1"] }): Promise<string> {
  const { journal } = await openJournal(at(dir, version));
  await journal.write(value);
  return path.join(dir, "journal.json");
}

describe("a journal", () => {
  it("starts empty and is read again by the next process", async () => {
    await using temporary = await temporaryDirectory();
    const opened = await openJournal(at(temporary.dir));
    expect(opened.setAside).toBeUndefined();
    expect(opened.journal.read()).toEqual({ attempts: [] });
    await opened.journal.write({ attempts: ["a1", "a2"] });
    expect(opened.journal.read()).toEqual({ attempts: ["a1", "a2"] });
    const again = await openJournal(at(temporary.dir));
    expect(again.setAside).toBeUndefined();
    expect(again.journal.read()).toEqual({ attempts: ["a1", "a2"] });
  });

  it("writes in the order of the calls", async () => {
    await using temporary = await temporaryDirectory();
    const { journal } = await openJournal(at(temporary.dir));
    await Promise.all(Array.from({ length: 20 }, (_, n) => journal.write({ attempts: [String(n)] })));
    expect((await openJournal(at(temporary.dir))).journal.read()).toEqual({ attempts: ["19"] });
  });

  it("reads what an older program wrote, and what its successor wrote", async () => {
    await using temporary = await temporaryDirectory();
    await written(temporary.dir, 1);
    expect((await openJournal(at(temporary.dir, 2))).journal.read()).toEqual({ attempts: ["a1"] });
    const successor = {
      ...at(temporary.dir, 3),
      schema: z.object({ attempts: z.array(z.string()), added: z.number() }),
      empty: () => ({ attempts: [], added: 0 }),
    };
    const { journal } = await openJournal({ ...successor, path: path.join(temporary.dir, "next.json") });
    await journal.write({ attempts: ["b"], added: 1 });
    const older = await openJournal({ ...at(temporary.dir, 2), path: path.join(temporary.dir, "next.json") });
    expect(older.setAside).toBeUndefined();
    expect(older.journal.read()).toEqual({ attempts: ["b"] });
  });

  it("sets aside what is two versions too new, byte for byte, and starts empty", async () => {
    await using temporary = await temporaryDirectory();
    const file = await written(temporary.dir, 4);
    const bytes = await readFile(file);
    const { journal, setAside } = await openJournal(at(temporary.dir, 2));
    expect(setAside).toMatchObject({
      kind: "newer",
      path: file,
      movedTo: `${file}.newer-1`,
      reason: expect.stringContaining("format 4") as string,
    });
    expect(await readFile(`${file}.newer-1`)).toEqual(bytes);
    expect(journal.read()).toEqual({ attempts: [] });
    await journal.write({ attempts: ["fresh"] });
    expect((await openJournal(at(temporary.dir, 2))).setAside).toBeUndefined();
  });

  it("is set aside when cut off, at every length", async () => {
    await using temporary = await temporaryDirectory();
    const file = await written(temporary.dir);
    const whole = await readFile(file);
    // The last byte is a newline after the JSON: without it nothing is lost.
    for (let length = 0; length < whole.length - 1; length++) {
      await writeFile(file, whole.subarray(0, length));
      const { journal, setAside } = await openJournal(at(temporary.dir));
      expect(setAside).toMatchObject({ kind: "damaged" });
      expect(journal.read()).toEqual({ attempts: [] });
    }
  });

  it("is set aside after any change of one letter or digit", async () => {
    await using temporary = await temporaryDirectory();
    const file = await written(temporary.dir);
    const whole = await readFile(file, "utf8");
    for (let index = 0; index < whole.length; index++) {
      const letter = whole[index] ?? "";
      if (!/[A-Za-z0-9]/.test(letter)) continue;
      await writeFile(file, whole.slice(0, index) + (letter === "7" ? "8" : "7") + whole.slice(index + 1));
      expect((await openJournal(at(temporary.dir))).setAside).toMatchObject({ kind: "damaged" });
    }
  });

  it.each(["", "\0".repeat(4096), "null", "[]", "{}", '{"attempts":["a1"]}', "\xff\xfe"])(
    "is set aside when it holds %j",
    async (content) => {
      await using temporary = await temporaryDirectory();
      await writeFile(at(temporary.dir).path, content, "latin1");
      expect((await openJournal(at(temporary.dir))).setAside).toMatchObject({
        kind: "damaged",
        movedTo: `${at(temporary.dir).path}.damaged-1`,
      });
    },
  );

  it("is set aside when its value does not fit the schema", async () => {
    await using temporary = await temporaryDirectory();
    const { journal } = await openJournal({ ...at(temporary.dir), schema: z.object({ other: z.string() }), empty: () => ({ other: "" }) });
    await journal.write({ other: "x" });
    expect((await openJournal(at(temporary.dir))).setAside).toMatchObject({
      kind: "damaged",
      reason: expect.stringContaining("attempts") as string,
    });
  });

  it("never overwrites an earlier one that was set aside", async () => {
    await using temporary = await temporaryDirectory();
    for (const content of ["first", "second"]) {
      await writeFile(at(temporary.dir).path, content);
      await openJournal(at(temporary.dir));
    }
    expect(await readFile(`${at(temporary.dir).path}.damaged-1`, "utf8")).toBe("first");
    expect(await readFile(`${at(temporary.dir).path}.damaged-2`, "utf8")).toBe("second");
    expect((await readdir(temporary.dir)).sort()).toEqual(["journal.json.damaged-1", "journal.json.damaged-2"]);
  });

  it("is left alone when it cannot be read at all", async () => {
    await using temporary = await temporaryDirectory();
    await mkdir(at(temporary.dir).path);
    await expect(openJournal(at(temporary.dir))).rejects.toMatchObject({ code: "read-failed", subject: at(temporary.dir).path });
  });

  it("refuses a value that could not be read back, and writes nothing", async () => {
    await using temporary = await temporaryDirectory();
    const file = await written(temporary.dir);
    const before = await readFile(file);
    const { journal } = await openJournal(at(temporary.dir));
    for (const value of [{ attempts: [1n] }, { attempts: undefined }, undefined]) {
      await expect(journal.write(value as unknown as Attempts)).rejects.toMatchObject({ code: "value-invalid" });
    }
    expect(await readFile(file)).toEqual(before);
    expect(journal.read()).toEqual({ attempts: ["a1"] });
  });

  it("keeps the last durable value when a write fails, and goes on afterwards", async () => {
    await using temporary = await temporaryDirectory();
    const dir = path.join(temporary.dir, "data");
    await mkdir(dir);
    await written(dir);
    const { journal } = await openJournal(at(dir));
    await rm(dir, { recursive: true });
    await expect(journal.write({ attempts: ["lost"] })).rejects.toMatchObject({ code: "write-failed" });
    expect(journal.read()).toEqual({ attempts: ["a1"] });
    await mkdir(dir);
    await journal.write({ attempts: ["a3"] });
    expect((await openJournal(at(dir))).journal.read()).toEqual({ attempts: ["a3"] });
  });

  it("holds every acknowledged value after SIGKILL", { timeout: 60_000 }, async () => {
    await using temporary = await temporaryDirectory();
    await chmod(temporary.dir, 0o700);
    using child = startChild(
      `
      import { z } from "zod";
      import { openJournal } from("journal-file.ts");
      const { journal } = await openJournal({ path: ${JSON.stringify(at(temporary.dir).path)}, version: 2, schema: z.object({ attempts: z.array(z.string()) }), empty: () => ({ attempts: [] }) });
      for (let n = 1; ; n++) { await journal.write({ attempts: [String(n)] }); process.stdout.write(n + "\\n"); }`.replace(
        'from "zod"',
        `from ${JSON.stringify(import.meta.resolve("zod"))}`,
      ),
    );
    let acknowledged = 0;
    while (acknowledged < 5) acknowledged = Number(await child.nextLine());
    child.process.kill("SIGKILL");
    await child.ended;
    const { journal, setAside } = await openJournal(at(temporary.dir));
    expect(setAside).toBeUndefined();
    expect(Number(journal.read().attempts[0])).toBeGreaterThanOrEqual(acknowledged);
  });
});
