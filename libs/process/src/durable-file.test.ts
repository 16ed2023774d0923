import { mkdir, open, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readFileIfExists, removeLeftovers, writeFileDurably } from "./durable-file.ts";
import { startChild } from "./test-child.ts";
import { temporaryDirectory } from "./test-directory.ts";

describe("writeFileDurably", () => {
  it("creates and replaces a file with the mode asked for, and leaves nothing else", async () => {
    await using temporary = await temporaryDirectory();
    const file = path.join(temporary.dir, "file");
    await writeFileDurably(file, "one");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await writeFileDurably(file, new Uint8Array([0, 255]), { mode: 0o664 });
    expect([...(await readFile(file))]).toEqual([0, 255]);
    expect((await stat(file)).mode & 0o777).toBe(0o664);
    expect(await readdir(temporary.dir)).toEqual(["file"]);
  });

  it("replaces the file instead of writing into it: who has it open goes on reading the old content", async () => {
    await using temporary = await temporaryDirectory();
    const file = path.join(temporary.dir, "file");
    await writeFileDurably(file, "old");
    const reader = await open(file, "r");
    try {
      await writeFileDurably(file, "new");
      expect(await reader.readFile("utf8")).toBe("old");
      expect(await readFile(file, "utf8")).toBe("new");
    } finally {
      await reader.close();
    }
  });

  it("leaves one whole content when many write at once", async () => {
    await using temporary = await temporaryDirectory();
    const file = path.join(temporary.dir, "file");
    const contents = Array.from({ length: 20 }, (_, n) => String(n).repeat(10_000));
    await Promise.all(contents.map((content) => writeFileDurably(file, content)));
    expect(contents).toContain(await readFile(file, "utf8"));
    expect(await readdir(temporary.dir)).toEqual(["file"]);
  });

  it("keeps the old content and cleans up when it fails", async () => {
    await using temporary = await temporaryDirectory();
    const target = path.join(temporary.dir, "target");
    await mkdir(target);
    await expect(writeFileDurably(target, "x")).rejects.toMatchObject({ code: "EISDIR" });
    expect(await readdir(temporary.dir)).toEqual(["target"]);
    await expect(writeFileDurably(path.join(temporary.dir, "missing", "file"), "x")).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("leaves a whole content, never an older one than acknowledged, after SIGKILL", { timeout: 60_000 }, async () => {
    await using temporary = await temporaryDirectory();
    const file = path.join(temporary.dir, "file");
    for (let round = 0; round < 5; round++) {
      using child = startChild(`
        import { writeFileDurably } from("durable-file.ts");
        for (let n = 1; ; n++) {
          await writeFileDurably(${JSON.stringify(file)}, String(n) + "\\n" + "x".repeat(200_000) + "\\nend");
          process.stdout.write(n + "\\n");
        }`);
      let acknowledged = 0;
      for (let lines = 0; lines <= round * 3; lines++) acknowledged = Number(await child.nextLine());
      child.process.kill("SIGKILL");
      expect((await child.ended).signal).toBe("SIGKILL");
      const [number, body, end] = (await readFile(file, "utf8")).split("\n");
      expect(Number(number)).toBeGreaterThanOrEqual(acknowledged);
      expect(body).toHaveLength(200_000);
      expect(end).toBe("end");
    }
    await removeLeftovers(temporary.dir);
    expect(await readdir(temporary.dir)).toEqual(["file"]);
  });
});

describe("removeLeftovers", () => {
  it("removes what killed writers left and nothing else", async () => {
    await using temporary = await temporaryDirectory();
    const leftover = ".journal.json.0123456789ab.treeline-tmp";
    for (const name of [leftover, "journal.json", ".hidden", "x.treeline-tmp"]) await writeFile(path.join(temporary.dir, name), "");
    expect(await removeLeftovers(temporary.dir)).toEqual([leftover]);
    expect((await readdir(temporary.dir)).sort()).toEqual([".hidden", "journal.json", "x.treeline-tmp"]);
  });

  it("knows the names that writeFileDurably uses", async () => {
    await using temporary = await temporaryDirectory();
    let seen: readonly string[] = [];
    const writing = writeFileDurably(path.join(temporary.dir, "file"), "x".repeat(50_000_000));
    while (seen.length === 0) seen = await readdir(temporary.dir);
    await writing;
    if (seen[0] === "file") return;
    await writeFile(path.join(temporary.dir, seen[0] ?? ""), "");
    expect(await removeLeftovers(temporary.dir)).toEqual(seen);
  });
});

describe("readFileIfExists", () => {
  it("tells a missing file from one that cannot be read", async () => {
    await using temporary = await temporaryDirectory();
    expect(await readFileIfExists(path.join(temporary.dir, "missing"))).toBeUndefined();
    await writeFile(path.join(temporary.dir, "empty"), "");
    expect(await readFileIfExists(path.join(temporary.dir, "empty"))).toEqual(Buffer.alloc(0));
    await expect(readFileIfExists(temporary.dir)).rejects.toMatchObject({ code: "EISDIR" });
  });
});
