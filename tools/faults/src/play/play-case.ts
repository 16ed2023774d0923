import { faults, type Fault } from "../faults/fault.ts";
import type { Ending, Scenario } from "../matrix/fault-case.ts";
import { endingsOf, journalOf } from "./journal.ts";
import { momentReached, prepareMoment } from "./moment.ts";
import { closeScene, makeScene, resumed, type Making, type Scene } from "./scene.ts";
import { mountsOf, statusOf, unsoundness } from "./soundness.ts";
import { until } from "./waiting.ts";

/** What came of one case. */
export interface CaseResult {
  readonly name: string;
  readonly endings: readonly Ending[];
  /** Empty: as promised. */
  readonly problems: readonly string[];
  readonly seconds: number;
  /** For a case that failed: where its console, journal and notes lie. */
  readonly kept?: string;
}

export interface PlayOptions extends Making {
  /** Called with a scene that failed, before it is taken down. Returns where it was kept. */
  readonly keep: (scene: Scene, problems: readonly string[]) => Promise<string>;
}

/** What the agent lets go of after an attempt has ended takes it a moment; so long, in milliseconds, may pass until all is as it must be. */
const tidyMillis = 15_000;
const tidyPollMillis = 300;

/** Plays one case: a machine, an upgrade, a fault, its removal, the end; and looks at what is left. */
export async function playCase(options: PlayOptions): Promise<CaseResult> {
  const begun = performance.now();
  const { name } = options.case;
  const scene = await makeScene(options);
  let problems: readonly string[];
  let endings: readonly Ending[] = [];
  try {
    ({ problems, endings } = await perform(scene));
  } catch (error) {
    problems = [error instanceof Error ? error.message : String(error)];
  }
  try {
    const result = { name, endings, problems, seconds: Math.round((performance.now() - begun) / 100) / 10 };
    return problems.length === 0 ? result : { ...result, kept: await options.keep(scene, problems) };
  } finally {
    const fault: Fault = faults[options.case.fault];
    await fault.cleanUp?.(scene);
    options.world.gates({ kind: "open" }, "afresh");
    await closeScene(scene);
  }
}

async function perform(scene: Scene): Promise<Pick<CaseResult, "endings" | "problems">> {
  const { machine, world, name } = scene;
  const { scenario, soakMillis = 0, fault: faultName } = scene.case;
  const fault: Fault = faults[faultName];
  const { operator } = world.fleet;
  await fault.prepare?.(scene);
  await machine.powerOn({ timeoutMs: 60_000 });
  const mounts = await mountsOf(machine);
  {
    using _ = scene.letGo();
    await world.fleet.connected([name]);
    if (scenario === "way-back") {
      await world.rollOut(name, name, scene.old, 0);
      await operator.ended(name);
    }
  }
  const before = endingsOf(await journalOf(machine), name).length;

  await prepareMoment(scene);
  if (scene.case.moment.kind === "idle") await fault.inject(scene);
  if (scenario === "way-back") await world.rollBack(name);
  else await world.rollOut(name, name, scene.new, soakMillis);
  await momentReached(scene);
  scene.say(`the moment has come after boot ${machine.boots.length}`);
  if (scene.case.moment.kind !== "idle") await fault.inject(scene);
  scene.say("injected");
  using _ = scene.letGo();
  using __ = resumed(scene);
  await fault.felt?.(scene);
  await fault.remove?.(scene);
  scene.say("removed");

  await operator.ended(name);
  // A slot is given back by a report that comes after the end.
  const freed = (await waitForSlot(scene)) === (scene.case.expect.keepsSlot !== true);
  const rollout = await operator.rollout(name);
  const endings = endingsOf(await journalOf(machine), name).slice(before);
  const place = rollout.nodes.find((node) => node.name === name);
  return { endings, problems: [...endingProblems(scene, endings), ...placeProblems(scenario, endings, place), ...(freed ? [] : [`the node's slot: held is ${place?.holdsSlot} (${place?.reason})`]), ...(await whatRuns(scene, endings)), ...(await settledUnsoundness(scene, mounts))] };
}

function endingProblems({ case: { expect } }: Scene, endings: readonly Ending[]): readonly string[] {
  const seen = endings.join(", ");
  return expect.attempts.some((attempts) => attempts.join(", ") === seen) ? [] : [`its attempts ended as [${seen}], not as ${expect.attempts.map((attempts) => `[${attempts.join(", ")}]`).join(" or ")}`];
}

const phases: Readonly<Record<string, string>> = { updated: "UPDATE_PHASE_UPDATED", "rolled-back": "UPDATE_PHASE_ROLLED_BACK" };

/** The server's word about the node must be the same. */
function placeProblems(scenario: Scenario, endings: readonly Ending[], place: { readonly phase: string; readonly reason: string } | undefined): readonly string[] {
  const last = endings.at(-1);
  if (place === undefined || last === undefined) return ["the rollout ended without an attempt on the node"];
  const phase = scenario === "way-back" && last === "updated" ? "UPDATE_PHASE_REVERTED" : (phases[last] ?? "UPDATE_PHASE_FAILED");
  return place.phase === phase ? [] : [`the server has the node as ${place.phase} (${place.reason}), its journal ended as ${last}`];
}

/** Whether the node's slot is free, after as long as that may take. */
async function waitForSlot({ world, name, case: { expect } }: Scene): Promise<boolean> {
  const isFree = async (): Promise<boolean> => !(await world.fleet.operator.place(name, name)).holdsSlot;
  if (expect.keepsSlot === true) return isFree();
  return until("the slot is free", isFree, { millis: tidyMillis, everyMillis: tidyPollMillis }).then(
    () => true,
    () => false,
  );
}

async function whatRuns(scene: Scene, endings: readonly Ending[]): Promise<readonly string[]> {
  const { machine, world } = scene;
  const { runs = endings.at(-1) === "updated" ? "new" : "old" } = scene.case.expect;
  const expected = { old: scene.old, new: scene.new, other: world.releases.other }[runs].checksum;
  const status = await statusOf(machine);
  const booted = status.find((line) => line.booted)?.name ?? "nothing";
  return [
    ...(booted.startsWith(expected) ? [] : [`it runs ${booted}, not the ${runs} commit ${expected}`]),
    ...(endings.at(-1) !== "updated" || status.length > 1 ? [] : ["there is nothing left to go back to"]),
  ];
}

async function settledUnsoundness(scene: Scene, mounts: readonly string[]): Promise<readonly string[]> {
  let problems: readonly string[] = [];
  await until("settled", async () => (problems = await unsoundness(scene, mounts)).length === 0, { millis: tidyMillis, everyMillis: tidyPollMillis }).catch(() => {});
  return problems;
}
