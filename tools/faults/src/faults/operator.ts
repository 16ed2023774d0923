import type { Scene } from "../play/scene.ts";
import { endingsOf, journalOf } from "../play/journal.ts";
import { statusOf } from "../play/soundness.ts";
import { until } from "../play/waiting.ts";
import type { Fault } from "./fault.ts";

/** What an operator types on the machine. */
async function shell({ machine }: Scene, script: string): Promise<void> {
  const { code, stdout, stderr } = await machine.exec(["/bin/bash", "-ec", script]);
  if (code !== 0) throw new Error(`the operator's \`${script}\` ended with status ${code}: ${stderr || stdout}`);
}

const fetchOther = ({ world }: Scene): string =>
  `ostree pull-local --untrusted --repo=/sysroot/ostree/repo /run/build ${world.releases.other.checksum}; ostree refs --repo=/sysroot/ostree/repo --force --create=byhand ${world.releases.other.checksum}`;

const typed = (script: (scene: Scene) => string): Fault => ({ inject: (scene) => shell(scene, script(scene)) });

/** By hand, another deployment becomes the next to boot; it must still be that when our attempt is over, and then the operator takes it back. */
function waiting(deploy: string): Fault {
  return {
    inject: (scene) => shell(scene, `${fetchOther(scene)}; ${deploy}`),
    felt: async ({ machine, name }) => until("the attempt ends", async () => endingsOf(await journalOf(machine), name).length > 0),
    async remove(scene) {
      const [next] = await statusOf(scene.machine);
      if (next?.name.startsWith(scene.world.releases.other.checksum) !== true) throw new Error(`the operator's deployment was not respected: next is ${next?.name ?? "nothing"}`);
      await shell(scene, "ostree admin undeploy 0");
      // An idle agent looks at its host once a minute; a new session makes it look at once.
      scene.world.gates({ kind: "open" }, "afresh");
    },
  };
}

export const operatorFaults = {
  /** Waits for the next reboot, as `ostree admin upgrade --stage` does. */
  "operator stages another": waiting("ostree admin deploy --stage byhand"),
  /** Is the default at once. */
  "operator deploys another": waiting("ostree admin deploy byhand"),
  "operator deploys and reboots": {
    async inject(scene) {
      await shell(scene, `${fetchOther(scene)}; ostree admin deploy byhand`);
      await scene.machine.reboot({ timeoutMs: 60_000 });
    },
  },
  "operator undeploys what is next": typed(() => "ostree admin undeploy 0"),
  "operator pins what runs": typed(() => "ostree admin pin 0 || ostree admin pin 1"),
  "operator cleans up": typed(() => "ostree admin cleanup; ostree prune --repo=/sysroot/ostree/repo --refs-only"),
} as const satisfies Readonly<Record<string, Fault>>;
