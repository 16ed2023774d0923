import type { Scenario } from "./scenario.ts";
import { muteAgent } from "./scenarios/mute-agent.ts";
import { cutInDeploy } from "./scenarios/power-cut.ts";
import { redCheck } from "./scenarios/red-check.ts";
import { waves } from "./scenarios/waves.ts";

/** In the order in which they are played. */
export const scenarios: readonly Scenario[] = [waves, redCheck, muteAgent, cutInDeploy];
