import type { Scenario } from "../scenario.ts";
import { playBadRelease } from "./bad-release.ts";

/** Instead of a quarter of an hour: nobody is to wait that long here, and only this release has it. */
const shortDeadline = "[Timer]\nOnBootSec=\nOnBootSec=45s\n";

export const muteAgent: Scenario = {
  name: "mute-agent",
  promise: "a release in which the agent does not start at all: the boot guard takes the machine back",
  play: async (scene) => {
    await playBadRelease(scene, {
      name: "mute-agent",
      files: {
        // Passes for an agent in every look from outside.
        "usr/lib/systemd/system/treeline-agent.service.d/10-broken.conf": "[Service]\nExecStart=\nExecStart=/bin/false\n",
        "usr/lib/systemd/system/treeline-boot-guard-deadline.timer.d/10-short.conf": shortDeadline,
      },
      because: /boot.guard/,
      boots: 1,
    });
  },
};
