import path from "node:path";
import { parseArgs } from "node:util";
import { checkoutRoot } from "@treeline/testkit";
import { runScenarios, type RunResult } from "./run.ts";
import { scenarios } from "./scenarios.ts";
import { VmError } from "./vm-error.ts";

const usage = `npm run e2e:vm [-- flags]: machines with a real boot loader, kernel, initramfs and systemd, under QEMU

  --long        three machines, all scenarios
  --only NAMES  only these scenarios, by name, separated by commas
  --json        end with one JSON line on standard output; everything else goes to standard error
  --help        this text

Scenarios (* only with --long):
${scenarios.map(({ name, promise, long }) => `  ${long ? "*" : " "} ${name.padEnd(16)} ${promise}`).join("\n")}

Environment: CI_DEADLINE, seconds since 1970: when everything is given up. Default: an hour from now, three with --long.
Exit status: 0 all of it holds, 1 something does not, 2 it could not be tried.
`;

const interruptedStatus = 130;
const hourMillis = 3_600_000;

interface Flags {
  readonly long: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly only: readonly string[] | undefined;
}

async function main(): Promise<number> {
  const flags = readFlags();
  if (typeof flags === "string") {
    process.stderr.write(`${flags}\n\n${usage}`);
    return 2;
  }
  if (flags.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (process.getuid?.() !== 0) {
    process.stderr.write("npm run e2e:vm makes file systems on loop devices: run it as root\n");
    return 2;
  }
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => (stop.signal.aborted ? process.exit(interruptedStatus) : stop.abort(new Error("interrupted"))));
  const out = flags.json ? process.stderr : process.stdout;
  const say = (line: string): void => void out.write(`${line}\n`);
  try {
    const chosen = scenarios.filter(({ name, long }) => (flags.only === undefined ? flags.long || !long : flags.only.includes(name)));
    const result = await runScenarios({ cache: path.join(checkoutRoot, ".cache/vm"), scenarios: chosen, machines: flags.long ? 3 : 2, deadline: deadline(flags.long), signal: stop.signal, say });
    const ok = report(result, say);
    if (flags.json) process.stdout.write(`${line(result, ok)}\n`);
    return ok ? 0 : 1;
  } catch (error) {
    say(`npm run e2e:vm: ${error instanceof Error ? error.message : String(error)}`);
    if (stop.signal.aborted) return interruptedStatus;
    return error instanceof VmError && error.code === "not-tried" ? 2 : 1;
  }
}

function line({ played, machines, accelerator }: RunResult, ok: boolean): string {
  return JSON.stringify({ e2eVm: ok ? "ok" : "failed", machines, scenarios: played.length, failed: played.filter((one) => !one.ok).length, accelerator });
}

function report({ played, accelerator, logs }: RunResult, say: (line: string) => void): boolean {
  const width = Math.max(...played.map(({ scenario }) => scenario.name.length), 8);
  say(`\n${"scenario".padEnd(width)}  result  seconds  boots  what must hold`);
  for (const { scenario, ok, seconds, boots } of played) say(`${scenario.name.padEnd(width)}  ${ok ? "ok    " : "FAILED"}  ${String(seconds).padStart(7)}  ${String(boots).padStart(5)}  ${scenario.promise}`);
  const failed = played.filter(({ ok }) => !ok);
  say(`\n${played.length - failed.length} of ${played.length} scenarios hold; ${played.reduce((sum, { boots }) => sum + boots, 0)} boots under ${accelerator}.`);
  for (const { scenario, reason } of failed) say(`${scenario.name}: ${reason}`);
  if (failed.length > 0) say(`Consoles and server logs of what failed: ${path.relative(process.cwd(), logs)}`);
  return played.length > 0 && failed.length === 0;
}

/** On the clock of `performance.now()`. */
function deadline(long: boolean): number {
  const given = Number(process.env["CI_DEADLINE"]);
  const left = given > 0 ? given * 1000 - Date.now() : (long ? 3 : 1) * hourMillis;
  return performance.now() + left;
}

function readFlags(): Flags | string {
  try {
    const { values } = parseArgs({
      options: { long: { type: "boolean" }, json: { type: "boolean" }, only: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
    const only = values.only?.split(",");
    const unknown = only?.find((name) => !scenarios.some((scenario) => scenario.name === name));
    if (unknown !== undefined) return `there is no scenario ${JSON.stringify(unknown)}`;
    return { long: values.long ?? false, json: values.json ?? false, help: values.help ?? false, only };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

process.exit(await main());
