import { copyFile, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Machine, Release } from "@treeline/testkit";
import { faults, type Fault } from "../faults/fault.ts";
import type { FaultCase, Scenario } from "../matrix/fault-case.ts";
import { nodeName } from "./node-name.ts";
import type { Releases, World } from "./world.ts";

const insideDirectory = "/run/treeline-faults";
const diskMiB = 128;

/** What a person made on the machine before the upgrade, and must find again after it: files of /etc, one of them changed, and one of /var. */
export const keepsakes = { "/etc/app.conf": "changed=by-hand\n", "/etc/site.conf": "local=1\n", "/var/lib/app/data": "kept\n" } as const;

/** A machine in a world, about to be hit. */
export interface Scene {
  readonly world: World;
  readonly machine: Machine;
  readonly case: FaultCase;
  /** The rollout's name, and the machine's. */
  readonly name: string;
  /** What it runs before the fault, and where the rollout leads. */
  readonly old: Release;
  readonly new: Release;
  /** A directory of the host that the machine sees as /run/treeline-faults. */
  readonly directory: string;
  /** Notes for whoever looks into a failure. */
  readonly say: (text: string) => void;
  /** Lets the agent go on wherever it stands, from now until the result is disposed of. */
  letGo(): Disposable;
}

export interface Making {
  readonly world: World;
  readonly case: FaultCase;
  readonly directory: string;
  readonly say: (text: string) => void;
}

/** Installs the machine of a case; it is off. */
export async function makeScene({ world, case: faultCase, directory, say }: Making): Promise<Scene> {
  const name = nodeName(faultCase);
  const fault: Fault = faults[faultCase.fault];
  await mkdir(directory, { recursive: true });
  for (const script of ["launch.sh", "pausing.sh"]) await copyFile(path.join(import.meta.dirname, script), path.join(directory, script));
  const held = faultCase.moment.kind === "hold" ? { TREELINE_TEST_HOLD: faultCase.moment.point } : {};
  const [from, to] = leads(faultCase.scenario, world.releases);
  const machine = await world.fleet.addMachine(name, world.releases.first, {
    token: world.token,
    files: { ...keepsakes, ...faultCase.files },
    disk: { sizeMiB: diskMiB },
    mounts: [
      { source: directory, target: insideDirectory, writable: true },
      { source: world.fleet.buildRepository, target: "/run/build" },
    ],
    launcher: ["/bin/bash", `${insideDirectory}/launch.sh`],
    ...(fault.machine?.settings === undefined ? {} : { settings: fault.machine.settings }),
    environment: { ...held, ...fault.machine?.environment },
  });
  const scene: Scene = {
    world,
    machine,
    case: faultCase,
    name,
    old: from,
    new: to,
    directory,
    say,
    letGo() {
      const timer = setInterval(() => void rm(holdFile(scene), { force: true }).catch(() => {}), openMillis);
      return { [Symbol.dispose]: () => clearInterval(timer) };
    },
  };
  return scene;
}

/** What a scenario leads from and to. */
function leads(scenario: Scenario, { first, good, plain, bad, mute }: Releases): readonly [Release, Release] {
  switch (scenario) {
    case "update":
      return [first, good];
    case "update-plain":
      return [first, plain];
    case "bad-release":
      return [first, bad];
    case "mute-release":
      return [first, mute];
    case "way-back":
      return [good, first];
  }
}

/** Ends the machine and removes it. */
export async function closeScene({ machine, world }: Scene): Promise<void> {
  await machine.destroy();
  world.fleet.machines.splice(world.fleet.machines.indexOf(machine), 1);
}

const openMillis = 20;

/** The file with which the agent says that it stands at a point; it goes on when the file is gone. */
export function holdFile({ machine, case: { moment } }: Scene): string {
  return path.join(machine.varDirectory, "lib/treeline/test-hold", moment.kind === "hold" ? moment.point : "none");
}

/** Makes the next such program stop itself. */
export async function armPause(scene: Scene): Promise<void> {
  const { moment } = scene.case;
  if (moment.kind !== "child") return;
  await rm(path.join(scene.directory, "trace"), { force: true });
  await writeFile(path.join(scene.directory, "pause"), `${moment.program} ${moment.nth} ${moment.syscalls} ${moment.path ?? "-"} ${moment.words}\n`);
}

/** Whether a program stands still. @throws Error when it ended before its call came, or stopped at another than it should */
export async function pausedState(scene: Scene): Promise<boolean> {
  const trace = await readFile(path.join(scene.directory, "trace"), "utf8").catch(() => "");
  if (trace.includes("--- stopped by SIGSTOP ---")) {
    const { moment } = scene.case;
    if (moment.kind !== "child" || moment.shows === undefined || trace.includes(moment.shows)) return true;
    throw new Error(`the program stopped, and not at ${moment.shows}: count its calls again\n${trace.slice(-1500)}`);
  }
  const armed = await stat(path.join(scene.directory, "pause")).catch(() => undefined);
  if (armed === undefined && /\+\+\+ exited/.test(trace)) throw new Error(`the program ended before its call came:\n${trace.slice(-1500)}`);
  return false;
}

const resumeMillis = 300;
const resume = 'for p in /proc/[0-9]*; do grep -q "^State:.[tT]" "$p/status" 2>/dev/null && kill -CONT "${p#/proc/}"; done; true';

/** Lets programs that stand still go on, from now until the result is disposed of: each thread of a program stops itself at its own nth call. */
export function resumed({ machine, case: { moment } }: Scene): Disposable {
  const timer = setInterval(() => {
    if (moment.kind === "child" && machine.state === "running") void machine.exec(["/bin/bash", "-c", resume]).catch(() => {});
  }, resumeMillis);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
