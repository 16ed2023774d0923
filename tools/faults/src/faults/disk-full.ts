import { endingsOf, journalOf } from "../play/journal.ts";
import type { Scene } from "../play/scene.ts";
import { pause } from "../play/waiting.ts";
import type { Fault } from "./fault.ts";

const feltMillis = 4000;
const pollMillis = 50;

/** The machine's disk is full but for so many bytes; after a while, or when the attempt is over, somebody makes room. */
function full(leaveBytes: number): Fault {
  const room = new WeakMap<Scene, () => Promise<void>>();
  const remove = async (scene: Scene): Promise<void> => {
    await room.get(scene)?.();
    room.delete(scene);
  };
  return {
    async inject(scene) {
      room.set(scene, await scene.machine.disk!.fill(leaveBytes));
    },
    async felt({ machine, name }) {
      for (let waited = 0; waited < feltMillis && endingsOf(await journalOf(machine), name).length === 0; waited += pollMillis) await pause(pollMillis);
    },
    remove,
  };
}

const kibibyte = 1024;

export const diskFullFaults = {
  "disk full": full(0),
  /** Room for a journal, not for a deployment or an object. */
  "disk nearly full": full(40 * kibibyte),
} as const satisfies Readonly<Record<string, Fault>>;
