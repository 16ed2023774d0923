import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { DemoFleet, removeSysroots, requirements } from "@treeline/testkit";
import { play, type Outcome } from "./scenario.ts";
import { Stage } from "./stage.ts";

const usage = `npm run demo [-- flags]: five machines on real OSTree, a good release and a bad one

  --json    end with one JSON line on standard output; everything else goes to standard error
  --keep    leave everything running and say what to try next; Ctrl-C ends it
  --help    this text
`;

/** Exit status of a program that was interrupted: 128 + SIGINT. */
const interruptedStatus = 130;

interface Flags {
  readonly json: boolean;
  readonly keep: boolean;
  readonly help: boolean;
}

async function main(): Promise<number> {
  const flags = readFlags();
  if (flags === undefined) return 2;
  if (flags.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (await somethingIsMissing()) return 2;
  const { signal } = interruption();
  const stage = new Stage(flags.json ? process.stderr : process.stdout, signal);
  const directory = await mkdtemp(path.join(tmpdir(), "treeline-demo-"));
  try {
    return await perform(stage, directory, flags, signal);
  } finally {
    await removeSysroots(directory).catch(() => {});
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function perform(stage: Stage, directory: string, flags: Flags, signal: AbortSignal): Promise<number> {
  const fleet = await stage.act("Starting the server", () => DemoFleet.start({ directory }));
  // Without its processes the play fails at its next step, wherever it is.
  signal.addEventListener("abort", () => void fleet.destroy());
  try {
    stage.line(`Machines have ${fleet.network.kind === "own" ? "networks of their own" : `this computer's network (${fleet.network.reason})`}.`);
    const outcome = await play(fleet, stage);
    const ok = isAsPromised(outcome);
    summarize(stage, outcome, ok);
    const line = JSON.stringify({ demo: ok ? "ok" : "failed", ...outcome, seconds: stage.seconds });
    if (flags.keep) await keep(stage, fleet, signal);
    if (flags.json) process.stdout.write(`${line}\n`);
    return ok ? 0 : 1;
  } catch (error) {
    if (signal.aborted) return interruptedStatus;
    process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n\n${await fleet.logs()}\n`);
    if (flags.json) process.stdout.write(`${JSON.stringify({ demo: "failed", seconds: stage.seconds })}\n`);
    return 1;
  } finally {
    await fleet.destroy();
  }
}

function isAsPromised({ nodes, upgraded, badReleaseExposed, rolledBack, halted }: Outcome): boolean {
  return nodes === 5 && upgraded === 5 && badReleaseExposed === 1 && rolledBack === 1 && halted;
}

function summarize(stage: Stage, outcome: Outcome, ok: boolean): void {
  const { nodes, upgraded, badReleaseExposed, rolledBack, halted } = outcome;
  stage.title("What happened");
  stage.line(`  Release 2.0: ${upgraded} of ${nodes} machines proved that they booted it, in three waves.`);
  stage.line(`  Release 3.0: ${badReleaseExposed} machine booted it and failed its own check; ${rolledBack} went back by itself.`);
  stage.line(`  The rollout ${halted ? "halted there" : "did NOT halt"}: ${nodes - badReleaseExposed} machines never saw the bad release.`);
  stage.line(`  ${ok ? "As promised" : "NOT as promised"}, in ${stage.seconds} s.`);
}

async function keep(stage: Stage, fleet: DemoFleet, signal: AbortSignal): Promise<void> {
  const [machine] = fleet.machines;
  stage.title("Everything is still running. Try, in another terminal in this directory:");
  for (const line of [
    `export TREELINE_CREDENTIAL=${fleet.operator.credential}`,
    "npx treeline node list",
    "npx treeline node show atlas",
    "npx treeline rollout show to-3.0",
    `less ${machine?.consolePath ?? ""}   # a machine's console`,
    `less ${fleet.server.logPath}   # the server's log`,
  ])
    stage.line(`  ${line}`);
  stage.line("Ctrl-C here ends it and removes everything.");
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** Aborts at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once, and with it all it started. */
function interruption(): AbortController {
  const abort = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => (abort.signal.aborted ? process.exit(interruptedStatus) : abort.abort()));
  return abort;
}

async function somethingIsMissing(): Promise<boolean> {
  const missing = (await requirements()).filter((requirement) => requirement.required);
  for (const { name, debianPackage, neededFor } of missing)
    process.stderr.write(`missing: ${name} (for ${neededFor})${debianPackage ? `; install it with: apt-get install ${debianPackage}` : ""}\n`);
  return missing.length > 0;
}

function readFlags(): Flags | undefined {
  try {
    const { values } = parseArgs({ options: { json: { type: "boolean" }, keep: { type: "boolean" }, help: { type: "boolean", short: "h" } } });
    return { json: values.json ?? false, keep: values.keep ?? false, help: values.help ?? false };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return undefined;
  }
}

process.exit(await main());
