import type { Scene } from "../play/scene.ts";
import { clockFaults } from "./clock.ts";
import { contentFaults } from "./content.ts";
import { diskFullFaults } from "./disk-full.ts";
import { journalFaults } from "./journal.ts";
import { operatorFaults } from "./operator.ts";
import { blackHole, contentReset, networkCut, sessionReset, slowNetwork } from "./network.ts";
import { killAgent, killAgentThrice, secondAgent } from "./agent.ts";
import { ownerFaults } from "./owner.ts";
import { nothing, powerCut, threePowerCuts, threeReboots, unplannedReboot } from "./power.ts";
import { serverKill } from "./server.ts";

/** Something that goes wrong, and is put right again. Each works on a scene whose machine stands at the case's moment. */
export interface Fault {
  /** Settings of the machine that it needs, beside those of all. */
  readonly machine?: { readonly settings?: Readonly<Record<string, unknown>>; readonly environment?: Readonly<Record<string, string>> };
  /** Before the machine is switched on. */
  prepare?(scene: Scene): Promise<void>;
  /** Makes it go wrong. The agent stands where it stands until this returns, then it is let go on. */
  inject(scene: Scene): Promise<void>;
  /** Puts it right, after the agent had time to feel it. Default: there is nothing to put right. */
  remove?(scene: Scene): Promise<void>;
  /** Waits until it was felt; without it the fault is over when it has been injected. */
  felt?(scene: Scene): Promise<void>;
  /** After the case, however it went: what it did to the world, the next case must not find. */
  cleanUp?(scene: Scene): Promise<void>;
}

export const faults = {
  nothing,
  "three power cuts": threePowerCuts,
  "three reboots": threeReboots,
  "kill-agent": killAgent,
  "kill-agent-thrice": killAgentThrice,
  "second-agent": secondAgent,
  "power-cut": powerCut,
  reboot: unplannedReboot,
  "kill-server": serverKill,
  "network-cut": networkCut,
  "black-hole": blackHole,
  "session-reset": sessionReset,
  "slow-network": slowNetwork,
  "content-reset": contentReset,
  ...contentFaults,
  ...diskFullFaults,
  ...clockFaults,
  ...journalFaults,
  ...operatorFaults,
  ...ownerFaults,
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;
