import type { Scenario } from "./scenario.ts";
import { deadNetwork } from "./scenarios/dead-network.ts";
import { diskFull } from "./scenarios/disk-full.ts";
import { muteAgent } from "./scenarios/mute-agent.ts";
import { panic } from "./scenarios/panic.ts";
import { cutInDeploy, cutInFirstBoot, cutInPull } from "./scenarios/power-cut.ts";
import { redCheck } from "./scenarios/red-check.ts";
import { rollback } from "./scenarios/rollback.ts";
import { serverAway } from "./scenarios/server-away.ts";
import { waves } from "./scenarios/waves.ts";
import { wrongClock } from "./scenarios/wrong-clock.ts";

/** In the order in which they are played. */
export const scenarios: readonly Scenario[] = [
  ...[waves, redCheck, muteAgent, cutInDeploy],
  ...[cutInPull, cutInFirstBoot, deadNetwork, panic, wrongClock, diskFull, serverAway, rollback],
];
