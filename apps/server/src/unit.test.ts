import { spawnSync } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

const unit = join(import.meta.dirname, "../systemd/treeline-server.service");
const analyze = (...args: readonly string[]) => spawnSync("systemd-analyze", args, { encoding: "utf8" });
const offline = analyze("security", "--help").stdout?.includes("--offline") === true;

it.skipIf(!offline)("the server's unit is one that systemd understands, and sandboxed as docs/security.md says", async () => {
  const folder = await mkdtemp(join(tmpdir(), "treeline-unit-"));
  try {
    // The program itself is not installed where tests run.
    const program = join(folder, "treeline-server");
    await writeFile(program, "#!/bin/sh\n", { mode: 0o755 });
    const file = join(folder, "treeline-server.service");
    await cp(unit, file);
    expect(spawnSync("sed", ["-i", `s,^ExecStart=.*,ExecStart=${program},`, file]).status).toBe(0);
    expect(analyze("verify", file)).toMatchObject({ status: 0, stderr: "" });
    // In tenths.
    expect(analyze("security", "--offline=true", "--no-pager", "--threshold=15", file)).toMatchObject({ status: 0 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
