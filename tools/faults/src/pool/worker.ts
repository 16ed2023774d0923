// Plays cases, one after the other, in a process and a mount namespace of its own: a machine's disk may be mounted nowhere else.
import { appendFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { FaultCase } from "../matrix/fault-case.ts";
import { playCase, type CaseResult } from "../play/play-case.ts";
import { nodeName } from "../play/node-name.ts";
import type { Scene } from "../play/scene.ts";
import { World } from "../play/world.ts";

const [prepared = "", directory = "", keepDirectory = ""] = process.argv.slice(2);
const logKept = 200_000;

/** What it is sent: a case to play. It answers with `ready` once, and with the result of each case. */
export type WorkerAnswer = { readonly kind: "ready" } | { readonly kind: "result"; readonly result: CaseResult } | { readonly kind: "broken"; readonly reason: string };

const answer = (message: WorkerAnswer): void => void process.send?.(message);
const text = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

await mkdir(directory, { recursive: true });
const starting = startWorld();
starting.then(
  () => answer({ kind: "ready" }),
  (error: unknown) => answer({ kind: "broken", reason: text(error) }),
);

process.on("message", (faultCase: FaultCase) => {
  play(faultCase).then(
    (result) => answer({ kind: "result", result }),
    (error: unknown) => answer({ kind: "broken", reason: text(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

/** Another process may take a port between its choice and its use: then there are others. */
async function startWorld(tries = 3): Promise<World> {
  try {
    return await World.start(prepared, path.join(directory, `world-${tries}`));
  } catch (error) {
    if (tries === 1) throw error;
    return startWorld(tries - 1);
  }
}

async function play(faultCase: FaultCase): Promise<CaseResult> {
  const world = await starting;
  const caseDirectory = path.join(directory, "cases", nodeName(faultCase));
  const notes = path.join(caseDirectory, "notes");
  await mkdir(caseDirectory, { recursive: true });
  const begun = performance.now();
  const written: Promise<void>[] = [];
  const say = (line: string): void => void written.push(appendFile(notes, `${((performance.now() - begun) / 1000).toFixed(2)} ${line}\n`));
  const result = await playCase({ world, case: faultCase, directory: caseDirectory, say, keep: (scene, problems) => keep(scene, problems, notes) });
  await Promise.all(written);
  await rm(caseDirectory, { recursive: true, force: true });
  return result;
}

/** Console, journal, notes and the server's log of a case that failed, for whoever looks into it. */
async function keep(scene: Scene, problems: readonly string[], notes: string): Promise<string> {
  const { machine, world, case: faultCase, directory: shared } = scene;
  const target = path.join(keepDirectory, nodeName(faultCase));
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await writeFile(path.join(target, "problems"), `${faultCase.name}\n${JSON.stringify(faultCase)}\n${problems.join("\n")}\n`);
  const optional = async (work: () => Promise<unknown>): Promise<void> => void (await work().catch(() => {}));
  await optional(() => cp(notes, path.join(target, "notes")));
  await optional(() => cp(path.join(shared, "trace"), path.join(target, "trace")));
  await optional(() => cp(machine.consolePath, path.join(target, "console.log")));
  await optional(() => cp(path.join(machine.varDirectory, "lib/treeline"), path.join(target, "state"), { recursive: true, filter: (file) => !file.includes("/pki") }));
  await optional(async () => writeFile(path.join(target, "server.log"), (await readFile(world.fleet.server.logPath, "utf8")).slice(-logKept)));
  await optional(async () => writeFile(path.join(target, "status"), await machine.adminStatus()));
  return target;
}
