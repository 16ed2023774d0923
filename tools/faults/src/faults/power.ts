import { journalOf } from "../play/journal.ts";
import { until } from "../play/waiting.ts";
import type { Fault } from "./fault.ts";

/**
 * The power goes and comes back. What the journal said before must be what it says on the disk afterwards: a step is begun only when its journal is durable.
 */
export const powerCut: Fault = {
  async inject(scene) {
    const { machine } = scene;
    const before = await journalOf(machine);
    await machine.powerCut();
    const after = await journalOf(machine);
    if (JSON.stringify(after) !== JSON.stringify(before)) {
      throw new Error(`the journal was not on the disk: it said ${before?.open?.step ?? "nothing"}, and says ${after?.open?.step ?? "nothing"} after the power cut`);
    }
    await machine.powerOn();
  },
};

/** Somebody restarts the machine in order. */
export const unplannedReboot: Fault = {
  inject: async ({ machine }) => machine.reboot({ timeoutMs: 60_000 }),
};

/** On each of the first boots of a new release, which does not come to prove itself. The boot guard counts them. */
function thrice(fault: Fault): Fault {
  return {
    async inject(scene) {
      const { machine } = scene;
      for (let times = 0; times < 3; times++) {
        // What goes down before the boot guard was there is no boot that it could count. At the last, it goes back before anything is started.
        await until("something is started after the boot guard", async () => machine.agentPid() !== undefined);
        if (machine.booted?.checksum === scene.new.checksum) await fault.inject(scene);
      }
    },
  };
}

export const threePowerCuts = thrice(powerCut);
export const threeReboots = thrice(unplannedReboot);

/** No fault but that of the scenario. */
export const nothing: Fault = { inject: () => Promise.resolve() };
