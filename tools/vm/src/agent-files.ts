import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { checkoutRoot, run, runOrThrow } from "@treeline/testkit";
import { placeFiles } from "./release-line.ts";
import { VmError } from "./vm-error.ts";

/** An emulated agent on a busy computer has taken two minutes to start: systemd is not to give it up for that. */
const patientUnit = "[Service]\nTimeoutStartSec=15min\nWatchdogSec=15min\n";

/** Builds the agent's package and lays its files out in `directory` as they belong into an OSTree tree. */
export async function agentFiles(directory: string): Promise<void> {
  const dist = path.join(checkoutRoot, "dist");
  const packages = async (): Promise<readonly string[]> => (await readdir(dist).catch(() => [])).filter((file) => /^treeline-agent_.*\.deb$/.test(file));
  // An older version's would be taken for this one's.
  for (const old of await packages()) await rm(path.join(dist, old));
  const { stdout, stderr, code } = await run([process.execPath, "tools/build-agent/src/main.ts", "--packages"], { cwd: checkoutRoot });
  if (code !== 0) throw new VmError({ code: "not-tried", phase: "agent", subject: "npm run build:agent", reason: `it ended with status ${code}: ${stderr.slice(-2000)}${stdout.slice(-500)}` });
  const [name] = await packages();
  if (name === undefined) throw new VmError({ code: "not-tried", phase: "agent", subject: dist, reason: "npm run build:agent made no .deb" });
  await mkdir(directory, { recursive: true });
  await runOrThrow("agent", ["dpkg-deb", "--extract", path.join(dist, name), directory]);
  await intoUsr(directory);
  const units = path.join(directory, "usr/lib/systemd/system");
  await enableUnits(units);
  await placeFiles(units, { "treeline-agent.service.d/50-emulated.conf": patientUnit });
}

/** As `systemctl enable` does for each unit that says what wants it; in /usr, so that the units of a release are the release's business. */
async function enableUnits(units: string): Promise<void> {
  for (const unit of await readdir(units)) {
    const text = await readFile(path.join(units, unit), "utf8");
    for (const [, targets = ""] of text.matchAll(/^WantedBy=(.*)$/gm)) {
      for (const target of targets.split(/\s+/).filter(Boolean)) {
        await mkdir(path.join(units, `${target}.wants`), { recursive: true });
        await symlink(`../${unit}`, path.join(units, `${target}.wants`, unit));
      }
    }
  }
}

/** An OSTree commit carries /usr only: /lib and the like are links there, and defaults of /etc lie in /usr/etc. */
async function intoUsr(directory: string): Promise<void> {
  for (const top of ["etc", "lib", "bin", "sbin"]) {
    if (!existsSync(path.join(directory, top))) continue;
    await cp(path.join(directory, top), path.join(directory, "usr", top), { recursive: true });
    await rm(path.join(directory, top), { recursive: true });
  }
  // /var is the machine's own.
  await rm(path.join(directory, "var"), { recursive: true, force: true });
}
