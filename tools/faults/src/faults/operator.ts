import type { Scene } from "../play/scene.ts";
import type { Fault } from "./fault.ts";

/** What an operator types on the machine. */
async function shell({ machine }: Scene, script: string): Promise<void> {
  const { code, stdout, stderr } = await machine.exec(["/bin/bash", "-ec", script]);
  if (code !== 0) throw new Error(`the operator's \`${script}\` ended with status ${code}: ${stderr || stdout}`);
}

const fetchOther = ({ world }: Scene): string =>
  `ostree pull-local --untrusted --repo=/sysroot/ostree/repo /run/build ${world.releases.other.checksum}; ostree refs --repo=/sysroot/ostree/repo --force --create=byhand ${world.releases.other.checksum}`;

const typed = (script: (scene: Scene) => string): Fault => ({ inject: (scene) => shell(scene, script(scene)) });

export const operatorFaults = {
  /** Waits for the next reboot, as `ostree admin upgrade --stage` does. */
  "operator stages another": typed((scene) => `${fetchOther(scene)}; ostree admin deploy --stage byhand`),
  /** Is the default at once. */
  "operator deploys another": typed((scene) => `${fetchOther(scene)}; ostree admin deploy byhand`),
  "operator deploys and reboots": {
    async inject(scene) {
      await shell(scene, `${fetchOther(scene)}; ostree admin deploy byhand`);
      await scene.machine.reboot({ timeoutMs: 60_000 });
    },
  },
  "operator undeploys what is next": typed(() => "ostree admin undeploy 0"),
  "operator pins what runs": typed(() => "ostree admin pin booted || ostree admin pin 0"),
  "operator cleans up": typed(() => "ostree admin cleanup; ostree prune --repo=/sysroot/ostree/repo --refs-only"),
} as const satisfies Readonly<Record<string, Fault>>;
