import { existsSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { journalOf } from "./journal.ts";
import { armPause, holdFile, pausedState, type Scene } from "./scene.ts";
import { until } from "./waiting.ts";

/** A step of the journal may be over in a moment: look often. */
const journalPollMillis = 5;

/** Before the rollout begins: what has to be arranged for the moment to be noticed. */
export async function prepareMoment(scene: Scene): Promise<void> {
  await armPause(scene);
}

/** Waits until the moment has come. The machine, or the program that matters, stands still then, but for `journal`. */
export async function momentReached(scene: Scene): Promise<void> {
  const { moment, name } = scene.case;
  switch (moment.kind) {
    case "idle":
      return;
    case "hold":
      return until(`${name}: the agent comes to ${moment.point}`, () => standsAt(scene, moment.journal));
    case "child":
      return until(`${name}: ${moment.program} ${moment.words} comes to call ${moment.nth} of ${moment.syscalls}${moment.path === undefined ? "" : ` on ${moment.path}`}`, () => pausedState(scene));
    case "new-boot":
      return until(`${name}: the new release boots`, async () => scene.machine.boots.at(-1)?.checksum === scene.new.checksum);
    case "file":
      return until(`${name}: ${moment.file} is made`, async () => existsSync(scene.machine.pathOutside(moment.file)));
    case "journal":
      return until(`${name}: the journal says ${moment.step}`, async () => stepIs(scene, moment.step), { everyMillis: journalPollMillis });
  }
}

/** A point is passed more than once: where the attempt stands somewhere else, the agent is let go on to the next time. */
async function standsAt(scene: Scene, step: string | undefined): Promise<boolean> {
  const file = holdFile(scene);
  if ((await stat(file).catch(() => undefined)) === undefined) return false;
  if (step === undefined || (await stepIs(scene, step))) return true;
  await rm(file, { force: true });
  return false;
}

async function stepIs({ machine }: Scene, step: string): Promise<boolean> {
  return (await journalOf(machine))?.open?.step === step;
}
