import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { script, withFirstInPath } from "../checks/test-programs.ts";
import { temporaryDirectory } from "../test-fleet.ts";
import { RebootError, systemdReboot, type RebootOptions } from "./reboot.ts";

/** Asks for a reboot on a host with this systemctl. Returns the arguments it got. */
async function reboot(because: string, options?: RebootOptions, text = "") {
  await using root = await temporaryDirectory();
  const asked = join(root.path, "asked");
  await script(join(root.path, "systemctl"), `printf '%s\\n' "$@" > ${asked}\n${text}`);
  await withFirstInPath(root.path, () => systemdReboot(because, options));
  return (await readFile(asked, "utf8")).split("\n").slice(0, -1);
}

it("asks systemd, with the reason, and lets it ask the inhibitors", async () => {
  expect(await reboot("update to 2.0")).toEqual(["reboot", "--message=treeline-agent: update to 2.0"]);
});

it("passes over inhibitors only when told to", async () => {
  expect(await reboot("update to 2.0", { ignoreInhibitors: true })).toEqual(["reboot", "--message=treeline-agent: update to 2.0", "-i"]);
});

it("clips the reason to one line", async () => {
  const [, message = ""] = await reboot(`way back: check failed:\nline\u001b[2J ${"x".repeat(5000)}`);
  expect(message).toMatch(/^--message=treeline-agent: way back: check failed: line \[2J x+$/);
  expect(message.length).toBe("--message=treeline-agent: ".length + 200);
});

it("takes it for accepted when the shutdown ended systemctl before its answer", async () => {
  await reboot("update", {}, "kill -TERM $$");
});

it("says what systemctl said when it refuses", async () => {
  const refused = reboot("update", {}, "echo 'Operation inhibited by backup' >&2; exit 1");
  await expect(refused).rejects.toThrow(RebootError);
  await expect(refused).rejects.toThrow("systemctl reboot ended with status 1: Operation inhibited by backup; look for inhibitors (systemd-inhibit --list)");
});

it("says that systemctl is missing", async () => {
  const path = process.env["PATH"];
  process.env["PATH"] = "/no/such/directory";
  try {
    await expect(systemdReboot("update")).rejects.toThrow("systemctl could not be started: is systemd on this host, and in PATH?");
  } finally {
    process.env["PATH"] = path;
  }
});
